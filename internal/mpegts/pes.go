package mpegts

import (
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Lengths of PES headers (ISO/IEC 13818-1, 2.4.3.6): 9 bytes and 5 for each time stamp.
const (
	pesHeaderPTS    = 14
	pesHeaderPTSDTS = 19
)

// decodeDelay is the time from the beginning of a lap to the decoding of a
// picture with DTS 0: 999 ms. Nothing is sent before its lap begins, so no access
// unit waits in the decoder for as much as a second (2.4.2.6).
const decodeDelay media.Ticks = 89_910

// timestamp returns the time t ÷ scale seconds after start in ticks of 90 kHz,
// rounded down once.
func timestamp(t, scale int64, start PCR) media.Ticks {
	return (start + PCR(media.MulDiv(t, media.PCRPerSecond, scale))).ticks()
}

// appendPESHeader appends the header of a PES packet of unbounded length with
// data_alignment_indicator set.
func appendPESHeader(b []byte, streamID byte, pts, dts media.Ticks, withDTS bool) []byte {
	b = append(b, 0, 0, 1, streamID, 0, 0, 0x84)
	if !withDTS {
		return appendTimestamp(append(b, 0x80, 5), 0x21, pts)
	}
	b = appendTimestamp(append(b, 0xc0, 10), 0x31, pts)
	return appendTimestamp(b, 0x11, dts)
}

// appendTimestamp appends a time stamp of 33 bits with its marker bits. prefix
// holds the four bits before it and the first marker.
func appendTimestamp(b []byte, prefix byte, t media.Ticks) []byte {
	return append(b, prefix|byte(t>>29)&0x0e, byte(t>>22), byte(t>>14)|1, byte(t>>7), byte(t<<1)|1)
}

// pesPacketizer cuts a PES packet into a given number of transport packets. The
// number is planned from the index before the bytes are known. The last packets
// carry stuffing where there are fewer bytes than they would hold.
type pesPacketizer struct {
	pid     PID
	counter byte // the continuity counter of its PID's first packet
	buf     []byte
	at      int  // bytes of buf already written
	packets Slot // in all
	next    Slot // the next packet, from 0
	random  bool // random_access_indicator in the first packet
}

// begin starts a PES packet of so many transport packets. The caller then fills buf.
func (p *pesPacketizer) begin(packets Slot, random bool) {
	p.buf, p.at, p.packets, p.next, p.random = p.buf[:0], 0, packets, 0, random
}

// take returns how many bytes the next packet carries and how many fit. It
// leaves a byte for each packet that follows.
func (p *pesPacketizer) take() (n, room int) {
	room = payloadSize
	if p.next == 0 && p.random {
		room -= 2
	}
	return min(room, len(p.buf)-p.at-int(p.packets-p.next-1)), room
}

func (p *pesPacketizer) skip() {
	n, _ := p.take()
	p.at += n
	p.next++
}

// write writes the next packet. count is the number of packets before it on its PID.
func (p *pesPacketizer) write(dst []byte, count packetCount) {
	n, room := p.take()
	flagged := room < payloadSize
	control, body := byte(payloadOnly), 4
	if n < room || flagged {
		control, body = bothFields, packet.Size-n
		putAdaptation(dst[4:body], flagged)
	}
	putHeader(dst, p.pid, p.next == 0, control, p.counter+byte(count))
	copy(dst[body:packet.Size], p.buf[p.at:p.at+n])
	p.at += n
	p.next++
}

// putAdaptation writes an adaptation field that fills b (2.4.3.4).
func putAdaptation(b []byte, random bool) {
	b[0] = byte(len(b) - 1)
	if len(b) == 1 {
		return
	}
	b[1] = 0
	if random {
		b[1] = 0x40
	}
	putStuffing(b[2:])
}
