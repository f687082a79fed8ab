package monitor

import (
	"fmt"
	"maps"
	"time"

	"github.com/pion/rtp"

	"github.com/lilo-live/lilo/internal/media"
)

// isRTP tells RTP from plain transport packets: the version of a sync byte would be 1.
func isRTP(b []byte) bool { return len(b) > 0 && b[0]>>6 == 2 }

// isRTCP reports whether a datagram is an RTCP packet, which may share the port
// of RTP (RFC 5761, 4).
func isRTCP(b []byte) bool { return len(b) >= 8 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223 }

const (
	// maxMisorder is how late a packet can be and still be told from a repeated one.
	maxMisorder = 1024
	// maxDropout is the longest gap that is a loss and not a restart (RFC 3550, A.1).
	maxDropout = 3000
	// maxSizes is how many sizes of datagrams are counted.
	maxSizes = 16
)

// network measures datagrams and the RTP in them.
type network struct {
	errs        *errorCounts
	datagrams   NetworkReport
	first, last time.Time
	gaps        histogram

	rtp      RTPReport // Lost may be negative until the report is made.
	packet   rtp.Packet
	started  bool
	head     rtp.Header // of the packet with the highest sequence number
	types    [128]bool
	received [maxMisorder / 64]uint64

	haveTransit bool
	base        time.Time
	transit     int64
	jitter      float64
	maxJitter   float64

	haveOffset bool
	offset     uint32 // timestamp minus PCR, in ticks of 90 kHz
	low, high  int32  // how far the offset moved
}

func newNetwork(errs *errorCounts) *network {
	return &network{errs: errs, datagrams: NetworkReport{Sizes: map[int]int64{}}}
}

// datagram measures a datagram and returns the transport stream in it, nil for
// a repeated RTP packet and for RTCP.
func (w *network) datagram(at time.Time, b []byte) []byte {
	if isRTCP(b) {
		w.rtp.Control++
		return nil
	}
	if w.datagrams.Datagrams > 0 {
		w.gaps.add(int64(at.Sub(w.last)))
	} else {
		w.first = at
	}
	w.last = at
	w.datagrams.Datagrams++
	w.datagrams.Bytes += int64(len(b))
	if _, known := w.datagrams.Sizes[len(b)]; known || len(w.datagrams.Sizes) < maxSizes {
		w.datagrams.Sizes[len(b)]++
	}
	if !isRTP(b) || w.packet.Unmarshal(b) != nil {
		return b
	}
	h := &w.packet.Header
	w.rtp.Packets++
	w.types[h.PayloadType] = true
	if !w.sequence(h) {
		return nil
	}
	w.measureJitter(at, h)
	w.compareClocks(h, w.packet.Payload)
	return w.packet.Payload
}

func (w *network) raise(c Check, detail func() string) {
	w.errs.raise(c, w.datagrams.Datagrams-1, 0, detail)
}

// sequence follows the sequence numbers. It reports whether the packet is new.
func (w *network) sequence(h *rtp.Header) bool {
	ahead := int16(h.SequenceNumber - w.head.SequenceNumber)
	switch {
	case !w.started:
		w.restart(h)
	case h.SSRC != w.head.SSRC, ahead > maxDropout, ahead <= -maxMisorder:
		w.rtp.Restarts++
		w.raise(RTPRestart, func() string { return fmt.Sprintf("SSRC %08x, sequence number %d", h.SSRC, h.SequenceNumber) })
		w.restart(h)
	case ahead > 0:
		w.advance(h, int(ahead))
	case w.received[h.SequenceNumber%maxMisorder/64]>>(h.SequenceNumber%64)&1 != 0:
		w.rtp.Duplicate++
		w.raise(RTPDuplicate, nil)
		return false
	default:
		w.rtp.Reordered++
		w.rtp.Lost--
		w.raise(RTPOrder, func() string { return fmt.Sprintf("%d packets late", -ahead) })
	}
	w.received[h.SequenceNumber%maxMisorder/64] |= 1 << (h.SequenceNumber % 64)
	return true
}

func (w *network) restart(h *rtp.Header) {
	if !w.started || h.SSRC != w.head.SSRC {
		w.rtp.SSRCs++
	}
	w.started, w.head = true, *h
	w.haveTransit, w.haveOffset = false, false
	// Packets before the first one are not lost, and must not look repeated if they arrive.
	w.received = [maxMisorder / 64]uint64{}
}

// advance moves the head by ahead packets.
func (w *network) advance(h *rtp.Header, ahead int) {
	for i := 1; i < min(ahead, maxMisorder+1); i++ {
		n := w.head.SequenceNumber + uint16(i)
		w.received[n%maxMisorder/64] &^= 1 << (n % 64)
	}
	w.rtp.Lost += int64(ahead - 1)
	if back := int32(h.Timestamp - w.head.Timestamp); back < 0 {
		w.rtp.Backwards++
		w.raise(RTPTimestamp, func() string { return fmt.Sprintf("by %d ticks of 90 kHz", -back) })
	}
	w.head = *h
}

// measureJitter follows the interarrival jitter of RFC 3550, 6.4.1, in ticks of 90 kHz.
func (w *network) measureJitter(at time.Time, h *rtp.Header) {
	if w.base.IsZero() {
		w.base = at
	}
	arrived := media.MulDiv(int64(at.Sub(w.base)), media.TicksPerSecond, int64(time.Second))
	transit := arrived - int64(h.Timestamp)
	if w.haveTransit {
		d := wrapped(transit, w.transit, 1<<32)
		w.jitter += (float64(max(d, -d)) - w.jitter) / 16
		w.maxJitter = max(w.maxJitter, w.jitter)
	}
	w.haveTransit, w.transit = true, transit
}

// compareClocks compares the timestamp with the first PCR in the packet. Both
// run at 90 kHz, so that their difference should be constant.
func (w *network) compareClocks(h *rtp.Header, payload []byte) {
	for ; len(payload) >= packetSize; payload = payload[packetSize:] {
		v, ok := packet(payload[:packetSize]).pcr()
		if !ok || payload[0] != syncByte {
			continue
		}
		offset := h.Timestamp - uint32(v/300)
		if !w.haveOffset {
			w.haveOffset, w.offset = true, offset
		}
		d := int32(offset - w.offset)
		w.low, w.high = min(w.low, d), max(w.high, d)
		return
	}
}

// report returns copies; the RTP report is nil without RTP packets.
func (w *network) report() (*NetworkReport, *RTPReport) {
	n := w.datagrams
	n.Sizes, n.Seconds = maps.Clone(n.Sizes), rounded(w.last.Sub(w.first).Seconds())
	n.GapMS = quantiles(&w.gaps, float64(time.Nanosecond)/float64(time.Millisecond))
	if w.rtp.Packets == 0 {
		return &n, nil
	}
	r := w.rtp
	r.SSRC, r.Lost = fmt.Sprintf("%08x", w.head.SSRC), max(r.Lost, 0)
	r.JitterMS, r.MaxJitterMS = rounded(w.jitter/90), rounded(w.maxJitter/90)
	r.ClockSpreadMS = rounded(float64(int64(w.high)-int64(w.low)) / 90)
	for t, seen := range w.types {
		if seen {
			r.PayloadTypes = append(r.PayloadTypes, t)
		}
	}
	return &n, &r
}
