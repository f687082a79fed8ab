package playout

import "sync/atomic"

// producer reads a stream ahead into a ring.
type producer struct {
	stream Stream
	ring   *ring
	wake   chan struct{} // asks it to go on
	quit   chan struct{} // closed when the channel has ended
	asleep atomic.Bool   // it waits for wake
	failed atomic.Bool   // it ended with err
	err    error         // read only after failed
}

func newProducer(s Stream, r *ring, quit chan struct{}) *producer {
	return &producer{stream: s, ring: r, wake: make(chan struct{}, 1), quit: quit}
}

// run fills the ring whenever half of it is empty, until the channel ends or
// the stream fails.
func (p *producer) run() {
	for p.fill() {
		p.asleep.Store(true)
		if p.ring.low() && p.asleep.Swap(false) {
			continue // It ran low in between, and nobody has seen p sleep.
		}
		select {
		case <-p.wake:
		case <-p.quit:
			return
		}
	}
}

// fill reads packets until less than an eighth of the ring is empty (the last
// few would take a call each), a quarter of it at a time so that after a stall
// the first ones are ready soon. It returns false when the stream failed or the
// channel has ended.
func (p *producer) fill() bool {
	for {
		n, free := p.ring.room()
		if free < p.ring.size/8 {
			return true
		}
		dst := p.ring.span(n, n+min(free, p.ring.size/4))
		if err := p.stream.Fill(dst, n); err != nil {
			p.err = err
			p.failed.Store(true)
			return false
		}
		p.ring.head.Store(n + int64(len(dst)/PacketSize))
		if p.ended() {
			return false
		}
	}
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
	if !p.asleep.Load() || !p.ring.low() || !p.asleep.Swap(false) {
		return false
	}
	p.wake <- struct{}{} // There is room: only who lowers asleep sends, and p empties it before it raises it.
	return true
}
