package playout

import (
	"sync/atomic"
	"time"
)

// producer reads a stream ahead into a ring.
type producer struct {
	stream Stream
	ring   atomic.Pointer[ring]
	span   time.Duration // what of the stream the ring is to hold
	turn   turn
	wake   chan struct{} // asks it to go on
	quit   chan struct{} // closed when the channel has ended
	asleep atomic.Bool   // it waits for wake
	failed atomic.Bool   // it ended with err
	err    error         // read only after failed
}

// newProducer returns a producer of a ring that holds span of the stream.
func newProducer(s Stream, span time.Duration, t turn, quit chan struct{}) *producer {
	p := &producer{stream: s, span: span, turn: t, wake: make(chan struct{}, 1), quit: quit}
	p.ring.Store(newRing(s.Before(span)))
	return p
}

// run fills the ring whenever half of it is empty, until the channel ends or
// the stream fails.
func (p *producer) run() {
	for p.fill() {
		p.asleep.Store(true)
		if p.ring.Load().low() && p.asleep.Swap(false) {
			continue // It ran low in between, and nobody has seen p sleep.
		}
		select {
		case <-p.wake:
		case <-p.quit:
			return
		}
	}
}

// fill reads packets until less than an eighth of what the ring holds is missing (the
// last few would take a call each), a quarter of it at a time so that after a stall
// the first ones are ready soon. It returns false when the stream failed or the
// channel has ended.
func (p *producer) fill() bool {
	ring := p.widen()
	for {
		n, free := ring.room()
		if free < max(1, ring.hold/8) {
			return true
		}
		dst := ring.span(n, n+min(free, max(1, ring.hold/4)))
		if err := p.turn.fill(p.stream, dst, n); err != nil {
			p.err = err
			p.failed.Store(true)
			return false
		}
		ring.head.Store(n + int64(len(dst)/PacketSize))
		if p.ended() {
			return false
		}
	}
}

// widen returns the ring, a larger one where the stream becomes faster than it
// was made for: a stream may go on with another source.
func (p *producer) widen() *ring {
	r := p.ring.Load()
	n, _ := r.room()
	need := p.stream.Before(p.stream.Due(n)+p.span) - n
	if need > r.want+1 { // One more may fall into the span than at the epoch.
		r = r.wider(need)
		p.ring.Store(r)
	}
	return r
}

func (p *producer) ended() bool {
	select {
	case <-p.quit:
		return true
	default:
		return false
	}
}

// rouse wakes it when the ring has run low and tells whether it did. It is
// called after each train and costs a few loads but for some times a second.
func (p *producer) rouse() bool {
	if !p.asleep.Load() || !p.ring.Load().low() || !p.asleep.Swap(false) {
		return false
	}
	p.wake <- struct{}{} // There is room: only who lowers asleep sends, and p empties it before it raises it.
	return true
}
