package monitor

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

// rtpHeader is the fixed header of RFC 3550, 5.1.
type rtpHeader struct {
	payloadType byte
	sequence    uint16
	timestamp   uint32
	ssrc        uint32
}

// parseRTP cuts an RTP packet into header and payload. A datagram that begins
// with a sync byte is none: its version would be 1.
func parseRTP(b []byte) (h rtpHeader, payload []byte, ok bool) {
	if len(b) < 12 || b[0]>>6 != 2 {
		return h, nil, false
	}
	h = rtpHeader{b[1] & 0x7f, binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])}
	start, end := 12+4*int(b[0]&15), len(b)
	if b[0]&0x10 != 0 && start+4 <= len(b) {
		start += 4 + 4*int(binary.BigEndian.Uint16(b[start+2:]))
	}
	if b[0]&0x20 != 0 {
		end -= int(b[len(b)-1])
	}
	if start > end {
		return h, nil, false
	}
	return h, b[start:end], true
}

// isRTCP tells the control packets of RTP, which may come to the same port, by
// their packet type (RFC 5761, 4).
func isRTCP(b []byte) bool { return len(b) >= 8 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223 }

const (
	// reorderWindow is how far back a packet is told from a repeated one.
	reorderWindow = 1024
	// dropoutMost is how far ahead a gap is a loss and not a restart (RFC 3550, A.1).
	dropoutMost = 3000
	// sizesKept is how many different sizes of datagrams are told apart.
	sizesKept = 16
)

// network measures datagrams and the RTP in them.
type network struct {
	to        *tally
	datagrams int64
	bytes     int64
	first     time.Time
	last      time.Time
	gaps      histogram
	sizes     [sizesKept]int
	sizeCount [sizesKept]int64
	kinds     int

	packets  int64
	control  int64
	started  bool
	head     rtpHeader
	ssrcs    int64
	types    [128]bool
	received [reorderWindow / 64]uint64
	lost     int64
	late     int64
	repeated int64
	restarts int64
	backward int64

	haveTransit bool
	base        time.Time
	transit     int64
	jitter      float64
	maxJitter   float64

	haveClock bool
	offset    uint32
	low, high int32
}

func newNetwork(to *tally) *network { return &network{to: to} }

// datagram measures one and returns the transport stream in it, nil for an
// RTP packet that came before and for RTCP.
func (w *network) datagram(at time.Time, b []byte) []byte {
	if isRTCP(b) {
		w.control++
		return nil
	}
	if w.datagrams > 0 {
		w.gaps.add(int64(at.Sub(w.last)))
	} else {
		w.first = at
	}
	w.datagrams++
	w.bytes += int64(len(b))
	w.last = at
	w.size(len(b))
	h, payload, ok := parseRTP(b)
	if !ok {
		return b
	}
	w.packets++
	w.types[h.payloadType] = true
	if !w.sequence(h) {
		return nil
	}
	w.arrival(at, h)
	w.clock(h, payload)
	return payload
}

func (w *network) size(n int) {
	for i := range w.kinds {
		if w.sizes[i] == n {
			w.sizeCount[i]++
			return
		}
	}
	if w.kinds < sizesKept {
		w.sizes[w.kinds], w.sizeCount[w.kinds] = n, 1
		w.kinds++
	}
}

// sequence follows the sequence numbers. It reports whether the packet is new.
func (w *network) sequence(h rtpHeader) bool {
	ahead := int16(h.sequence - w.head.sequence)
	switch {
	case !w.started:
		w.restart(h)
	case h.ssrc != w.head.ssrc, ahead > dropoutMost, ahead <= -reorderWindow:
		w.restarts++
		w.to.raise(RTPRestart, w.datagrams-1, 0, func() string {
			return fmt.Sprintf("SSRC %08x, sequence number %d", h.ssrc, h.sequence)
		})
		w.restart(h)
	case ahead > 0:
		w.advance(h, int(ahead))
	case w.has(h.sequence):
		w.repeated++
		w.to.raise(RTPDuplicate, w.datagrams-1, 0, nil)
		return false
	default:
		w.late++
		w.lost--
		w.mark(h.sequence)
		w.to.raise(RTPOrder, w.datagrams-1, 0, func() string { return fmt.Sprintf("%d packets late", -ahead) })
	}
	return true
}

func (w *network) restart(h rtpHeader) {
	if !w.started || h.ssrc != w.head.ssrc {
		w.ssrcs++
	}
	w.started, w.head = true, h
	w.haveTransit, w.haveClock = false, false
	// What came before the first packet is not lost, and must not look repeated either.
	w.received = [reorderWindow / 64]uint64{}
	w.mark(h.sequence)
}

func (w *network) advance(h rtpHeader, ahead int) {
	for i := 1; i < min(ahead, reorderWindow+1); i++ {
		w.unmark(w.head.sequence + uint16(i))
	}
	w.mark(h.sequence)
	w.lost += int64(ahead - 1)
	if back := int32(h.timestamp - w.head.timestamp); back < 0 {
		w.backward++
		w.to.raise(RTPTimestamp, w.datagrams-1, 0, func() string { return fmt.Sprintf("by %d ticks of 90 kHz", -back) })
	}
	w.head = h
}

func (w *network) has(n uint16) bool { return w.received[n%reorderWindow/64]>>(n%64)&1 != 0 }
func (w *network) mark(n uint16)     { w.received[n%reorderWindow/64] |= 1 << (n % 64) }
func (w *network) unmark(n uint16)   { w.received[n%reorderWindow/64] &^= 1 << (n % 64) }

// arrival follows the interarrival jitter of RFC 3550, 6.4.1, in ticks of 90 kHz.
func (w *network) arrival(at time.Time, h rtpHeader) {
	if w.base.IsZero() {
		w.base = at
	}
	arrived := media.MulDiv(int64(at.Sub(w.base)), media.TicksPerSecond, int64(time.Second))
	transit := arrived - int64(h.timestamp)
	if w.haveTransit {
		d := wrapped(transit, w.transit, 1<<32)
		w.jitter += (float64(max(d, -d)) - w.jitter) / 16
		w.maxJitter = max(w.maxJitter, w.jitter)
	}
	w.haveTransit, w.transit = true, transit
}

// clock compares the timestamp with the first PCR in the packet: both run at
// 90 kHz, so that the difference should stand still.
func (w *network) clock(h rtpHeader, payload []byte) {
	for len(payload) >= packetSize {
		if v, ok := packet(payload[:packetSize]).pcr(); ok && payload[0] == syncByte {
			w.compare(h.timestamp - uint32(v/300))
			return
		}
		payload = payload[packetSize:]
	}
}

func (w *network) compare(offset uint32) {
	if !w.haveClock {
		w.haveClock, w.offset = true, offset
	}
	d := int32(offset - w.offset)
	w.low, w.high = min(w.low, d), max(w.high, d)
}
