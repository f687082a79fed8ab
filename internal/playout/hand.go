package playout

import (
	"context"
	"slices"
	"time"
)

// hand is a goroutine that sends: one of two, for the system holds threads up,
// each for some milliseconds now and then, but seldom two at once. The first
// sends what is due. The second comes to each train relief after its instant,
// finds it gone as a rule, and else goes on where the first was held up.
type hand struct {
	grid    *grid
	readers *readers
	clock   Clock
	after   time.Duration  // the instant of a train, this hand sends it
	finish  func(*Channel) // is called with each channel that has ended
	hungry  []*producer    // kept for rouse
}

// relief is how long the first hand may take for a train until it is the
// second's too.
const relief = 500 * time.Microsecond

// urgentAfter is how long a producer may wait for the second hand to have nothing
// to send; its ring lasts four times as long. A packet that is read too late is
// lost, and one that is sent late is not.
const urgentAfter = stuckAfter / 2

// relieve sends and reads until ctx is done: what the second hand does. It reads
// itself, for while another goroutine does and the first hand sends, a machine
// with two processors would see its timer late.
func (h *hand) relieve(ctx context.Context) {
	for ctx.Err() == nil {
		now := h.clock.Now()
		switch {
		case h.readers.work(now.Add(-urgentAfter)):
		case h.send(now):
		case h.readers.work(now):
		default:
			h.clock.Wait(h.next(now))
		}
	}
}

// step sends all that is due and returns when to be called next. now is the present.
func (h *hand) step(now Instant) Instant {
	for h.send(now) {
		now = h.clock.Now()
	}
	return h.next(now)
}

// send sends the bucket that has been due longest and returns false where none
// is. now is the present.
func (h *hand) send(now Instant) bool {
	b, t := h.grid.claim(now.Add(-h.after))
	if b == nil {
		return false
	}
	now = h.depart(b, t, now)
	h.grid.release(b)
	h.rouse(now)
	return true
}

// next returns when the hand has something to send.
func (h *hand) next(now Instant) Instant { return h.grid.next(now.Add(-h.after)).Add(h.after) }

// clockEvery is how many trains leave on one reading of the clock, which is a
// system call: a train takes some microseconds, and lateness is told to a tenth
// of a millisecond.
const clockEvery = 8

// depart sends the trains of instant t of a bucket that the hand has claimed,
// notes which of its producers are hungry and returns the present.
func (h *hand) depart(b *bucket, t, now Instant) Instant {
	ended := false
	for i, p := range b.members {
		if p.train(t, now) {
			b.members[i], ended = nil, true
			h.finish(p)
		}
		if i%clockEvery == clockEvery-1 {
			now = h.clock.Now()
		}
	}
	if ended {
		b.members = slices.DeleteFunc(b.members, func(p *Channel) bool { return p == nil })
	}
	h.hungry = b.hungry(h.hungry, t)
	return now
}

// rouse has somebody work for the producers that were found hungry.
func (h *hand) rouse(now Instant) {
	if len(h.hungry) > 0 {
		h.readers.add(h.hungry, now)
		clear(h.hungry)
		h.hungry = h.hungry[:0]
	}
}
