package mpegts

import (
	"encoding/binary"
	"io"

	"github.com/lilo-live/lilo/internal/packet"
)

// WholeUnitWriter passes a stream of packets on to a writer, and lets it end with whole
// access units: what the end would cut off is replaced by null packets when it
// is closed. A stream that is cut anywhere else ends within some PES packet,
// and decoders rightly complain.
type WholeUnitWriter struct {
	w    io.Writer
	held []byte       // packets from the first one of an open PES packet on
	open map[PID]*cut // PES packets that are not known to be whole
}

// cut is a PES packet on its way.
type cut struct {
	at   int // where in held it begins
	left int // bytes still to come, -1 where its length is not told
	// before is the continuity counter of the packet before it on its PID.
	before byte
}

// NewWholeUnitWriter returns a WholeUnitWriter that writes to w. Writes must be of whole packets.
func NewWholeUnitWriter(w io.Writer) *WholeUnitWriter {
	return &WholeUnitWriter{w: w, open: map[PID]*cut{}}
}

// Write implements io.Writer.
func (h *WholeUnitWriter) Write(b []byte) (int, error) {
	for i := 0; i+packet.Size <= len(b); i += packet.Size {
		h.packet(b[i : i+packet.Size])
	}
	return len(b), h.flush()
}

// packet takes one packet and keeps account of the PES packets in it.
func (h *WholeUnitWriter) packet(p []byte) {
	at := len(h.held)
	h.held = append(h.held, p...)
	pid := PID(p[1]&0x1f)<<8 | PID(p[2])
	body := p[4:]
	if p[3]&0x20 != 0 {
		body = body[min(len(body), 1+int(p[4])):]
	}
	if p[3]&0x10 == 0 || pid == nullPID {
		return
	}
	if p[1]&0x40 != 0 {
		delete(h.open, pid)
		if len(body) < 6 || body[0] != 0 || body[1] != 0 || body[2] != 1 {
			return // a section
		}
		h.open[pid] = &cut{at: at, left: int(binary.BigEndian.Uint16(body[4:])) + 6, before: (p[3] - 1) & 0x0f}
		if h.open[pid].left == 6 {
			h.open[pid].left = -1
		}
	}
	if c := h.open[pid]; c != nil && c.left > 0 {
		if c.left -= len(body); c.left <= 0 {
			delete(h.open, pid)
		}
	}
}

// flush writes what lies before the first open PES packet.
func (h *WholeUnitWriter) flush() error {
	n := len(h.held)
	for _, c := range h.open {
		n = min(n, c.at)
	}
	_, err := h.w.Write(h.held[:n])
	h.held = h.held[:copy(h.held, h.held[n:])]
	for _, c := range h.open {
		c.at -= n
	}
	return err
}

// Close writes the rest. It does not close the writer below.
func (h *WholeUnitWriter) Close() error {
	for i := 0; i < len(h.held); i += packet.Size {
		p := h.held[i : i+packet.Size]
		c := h.open[PID(p[1]&0x1f)<<8|PID(p[2])]
		switch {
		case c == nil || i < c.at:
		case p[3]&0x10 != 0:
			null(p)
		default: // A PCR repeats the counter of the last packet that stays.
			p[3] = p[3]&0xf0 | c.before
		}
	}
	clear(h.open)
	return h.flush()
}
