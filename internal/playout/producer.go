package playout

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// producer reads a stream ahead into a ring. One goroutine works for it at a time.
type producer struct {
	stream Stream
	ring   atomic.Pointer[ring]
	span   time.Duration // what of the stream the ring is to hold
	quit   chan struct{} // closed when the channel has ended
	asleep atomic.Bool   // nobody works for it, and nobody is to
	failed atomic.Bool   // it ended with err
	err    error         // read only after failed
}

// newProducer returns a producer of a ring that holds span of the stream.
func newProducer(s Stream, span time.Duration, quit chan struct{}) *producer {
	p := &producer{stream: s, span: span, quit: quit}
	p.ring.Store(newRing(s.Before(span)))
	return p
}

// work fills the ring, again if it has run low meanwhile.
func (p *producer) work() {
	for !p.ended() && p.fill() {
		p.asleep.Store(true)
		if !p.ring.Load().low() || !p.asleep.Swap(false) {
			return // Or it ran low in between, and nobody has seen p sleep.
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
		if err := p.stream.Fill(dst, n); err != nil {
			p.err = err
			p.failed.Store(true)
			return false
		}
		ring.head.Store(n + int64(len(dst)/packet.Size))
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

// hungry tells whether it is the producer's turn to read or its ring has run
// low, and nobody works for it; it is for the caller then to have somebody do so. It is
// called after each train and costs a few loads but for some times a second.
func (p *producer) hungry(turn bool) bool {
	return p.asleep.Load() && (turn || p.ring.Load().low()) && p.asleep.Swap(false)
}
