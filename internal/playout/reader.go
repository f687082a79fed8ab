package playout

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/packet"
)

// reader reads a stream ahead into a ring, on one goroutine at a time.
type reader struct {
	stream Stream
	task   string       // what it does, for messages
	guard  *fault.Guard // a stream that panics fails
	ring   atomic.Pointer[ring]
	span   time.Duration // how much of the stream the ring holds
	ended  atomic.Bool   // the channel has ended
	asleep atomic.Bool   // it is neither reading nor queued
	failed atomic.Bool   // it ended with err
	err    error         // read only after failed
	slow   atomic.Bool   // its last read took long

	// The read queue guards these.
	next  *reader // in the queue
	since Instant // when it was queued
	begun Instant // when its present read began
}

// newReader returns a reader with an empty ring that holds span of the stream.
func newReader(s Stream, name string, span time.Duration, guard *fault.Guard) *reader {
	r := &reader{stream: s, task: "reading channel " + name, span: span, guard: guard}
	r.ring.Store(newRing(s.Before(span)))
	return r
}

// readAhead reads until the ring is full.
func (r *reader) readAhead() {
	for r.readPart() {
	}
}

// readPart reads an eighth of the ring at most: the packets are there soon after a
// stall, and a sender that reads can send in between. It reports whether more must be
// read: until less than an eighth is missing, since the last few would take a call each.
func (r *reader) readPart() (more bool) {
	if r.ended.Load() {
		return false
	}
	if err := r.guard.Do(r.task, r.read); err != nil {
		r.err = err
		r.failed.Store(true)
		return false
	}
	if ring := r.ring.Load(); ring.lacks() {
		return true
	}
	r.asleep.Store(true)
	// If it has run low before it was asleep, nobody has claimed it.
	return r.ring.Load().low() && r.asleep.Swap(false)
}

// read reads a part.
func (r *reader) read() error {
	ring := r.widen()
	n, free := ring.room()
	if free <= 0 {
		return nil
	}
	dst := ring.span(n, n+min(free, max(1, ring.hold/8)))
	if err := r.stream.Fill(dst, n); err != nil {
		return err
	}
	ring.head.store(n + packet.Number(len(dst)/packet.Size))
	return nil
}

// widen returns the ring, replaced by a larger one if the stream has become faster: a
// stream may continue with another source.
func (r *reader) widen() *ring {
	ring := r.ring.Load()
	n, _ := ring.room()
	need := r.stream.Before(r.stream.Due(n)+r.span) - n
	if need > ring.want+1 { // One more may fall into the span than at the epoch.
		ring = ring.wider(need)
		r.ring.Store(ring)
	}
	return ring
}

// claim reports whether the reader is asleep and must read: it is its turn, or its ring
// has run low. The caller must then queue it. It is called after each train and usually
// costs a few loads.
func (r *reader) claim(turn bool) bool {
	return r.asleep.Load() && (turn || r.ring.Load().low()) && r.asleep.Swap(false)
}
