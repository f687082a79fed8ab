package mpegts

import (
	"encoding/binary"
	"io"

	"github.com/lilo-live/lilo/internal/packet"
)

// WholeUnitWriter passes packets on to a writer and ends the stream with whole
// access units: Close replaces the packets of those that are incomplete by null
// packets. Decoders complain about a stream that ends within a PES packet.
type WholeUnitWriter struct {
	w    io.Writer
	held []byte           // packets from the first one of an open PES packet on
	open map[PID]*openPES // PES packets that are not known to be complete
}

// openPES is an incomplete PES packet.
type openPES struct {
	at   int  // where in held it begins
	left int  // bytes still to come, -1 where its length is unbounded
	last byte // the continuity counter of the packet before it on its PID
}

// NewWholeUnitWriter returns a writer to w. Write whole packets to it.
func NewWholeUnitWriter(w io.Writer) *WholeUnitWriter {
	return &WholeUnitWriter{w: w, open: map[PID]*openPES{}}
}

// Write implements io.Writer.
func (h *WholeUnitWriter) Write(b []byte) (int, error) {
	for i := 0; i+packet.Size <= len(b); i += packet.Size {
		h.hold(b[i : i+packet.Size])
	}
	return len(b), h.flush()
}

// hold takes a packet and updates the open PES packet of its PID.
func (h *WholeUnitWriter) hold(p []byte) {
	at, pid, body := len(h.held), pidOf(p), p[4:]
	h.held = append(h.held, p...)
	if p[3]&0x20 != 0 {
		body = body[min(len(body), 1+int(p[4])):]
	}
	if !hasPayload(p) || pid == nullPID {
		return
	}
	if p[1]&0x40 != 0 {
		delete(h.open, pid)
		if len(body) < 6 || body[0] != 0 || body[1] != 0 || body[2] != 1 {
			return // a section
		}
		u := &openPES{at: at, left: int(binary.BigEndian.Uint16(body[4:])) + 6, last: (p[3] - 1) & 0x0f}
		if u.left == 6 {
			u.left = -1
		}
		h.open[pid] = u
	}
	if u := h.open[pid]; u != nil && u.left > 0 {
		if u.left -= len(body); u.left <= 0 {
			delete(h.open, pid)
		}
	}
}

func (h *WholeUnitWriter) flush() error {
	n := len(h.held)
	for _, u := range h.open {
		n = min(n, u.at)
	}
	_, err := h.w.Write(h.held[:n])
	h.held = h.held[:copy(h.held, h.held[n:])]
	for _, u := range h.open {
		u.at -= n
	}
	return err
}

// Close writes the rest. It does not close the underlying writer.
func (h *WholeUnitWriter) Close() error {
	for i := 0; i < len(h.held); i += packet.Size {
		p := h.held[i : i+packet.Size]
		u := h.open[pidOf(p)]
		switch {
		case u == nil || i < u.at:
		case hasPayload(p):
			putNull(p)
		default: // A PCR repeats the counter of the last packet that remains.
			p[3] = p[3]&0xf0 | u.last
		}
	}
	clear(h.open)
	return h.flush()
}
