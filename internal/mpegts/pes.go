package mpegts

import "github.com/lilo-live/lilo/internal/packet"

// PES headers (ISO/IEC 13818-1, 2.4.3.6): 9 bytes and 5 for each time stamp.
const (
	pesHeaderPTS    = 14
	pesHeaderPTSDTS = 19
)

// decodeDelay is how long after the beginning of its lap a picture of time 0 is
// decoded, in ticks of 90 kHz: 999 ms. Nothing is sent before its lap begins,
// and so nothing waits in the decoder for as much as a second (2.4.2.6).
const decodeDelay = 89_910

// appendHeader appends a PES header with data_alignment_indicator set. length
// is the number of bytes behind PES_packet_length, 0 for an unbounded packet.
func appendHeader(b []byte, stream byte, length int, pts, dts int64, withDTS bool) []byte {
	b = append(b, 0, 0, 1, stream, byte(length>>8), byte(length), 0x84)
	if !withDTS {
		return appendStamp(append(b, 0x80, 5), 0x21, pts)
	}
	b = appendStamp(append(b, 0xc0, 10), 0x31, pts)
	return appendStamp(b, 0x11, dts)
}

// appendStamp appends a time stamp of 33 bits with its marker bits; prefix
// holds the four bits before it and the first marker.
func appendStamp(b []byte, prefix byte, t int64) []byte {
	return append(b, prefix|byte(t>>29)&0x0e, byte(t>>22), byte(t>>14)|1, byte(t>>7), byte(t<<1)|1)
}

// pes cuts one PES packet into a given number of transport packets. The number
// is known from the index before the bytes are; where there are fewer bytes
// than it would hold, the last packets carry stuffing.
type pes struct {
	pid     PID
	counter byte // the continuity counter of its PID's first packet
	buf     []byte
	at      int
	packets int
	next    int
	random  bool
}

// begin starts a PES packet that takes packets transport packets; the caller
// then fills buf. random sets random_access_indicator in the first packet.
func (p *pes) begin(packets int, random bool) {
	p.buf, p.at, p.packets, p.next, p.random = p.buf[:0], 0, packets, 0, random
}

// take returns how many bytes the next packet carries, and the room it has for
// them: as many as it can, but one for each packet behind it stays.
func (p *pes) take() (n, room int) {
	room = payloadSize
	if p.next == 0 && p.random {
		room -= 2
	}
	return min(room, len(p.buf)-p.at-(p.packets-p.next-1)), room
}

// skip passes over the next packet without writing it.
func (p *pes) skip() {
	n, _ := p.take()
	p.at += n
	p.next++
}

// write writes the next packet, of which count were written on its PID before.
func (p *pes) write(dst []byte, count byte) {
	n, room := p.take()
	stuffing := room - n
	flagged := room < payloadSize
	control := byte(1)
	if stuffing > 0 || flagged {
		control = 3
	}
	header(dst, p.pid, p.next == 0, control, p.counter+count)
	body := 4
	if control == 3 {
		body = adaptation(dst, packet.Size-n, flagged)
	}
	copy(dst[body:packet.Size], p.buf[p.at:p.at+n])
	p.at += n
	p.next++
}

// adaptation writes an adaptation field from byte 4 of the packet up to end.
func adaptation(dst []byte, end int, random bool) int {
	dst[4] = byte(end - 5)
	if end == 5 {
		return end
	}
	dst[5] = 0
	if random {
		dst[5] = 0x40
	}
	fill(dst[6:end])
	return end
}
