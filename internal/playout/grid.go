package playout

import (
	"slices"
	"sync"
	"time"
)

// Channels of one pacing leave together, up to crowd of them, and the next
// ones a phase later: sharing a wake-up is what makes a further channel cheap
// (a wake-up costs about ten times what a train does), and 64 trains of some
// 6 µs hold up the last of them by 0.4 ms.
//
// A handful of them lie in one bucket, which one hand sends: what a thread that
// is held up keeps back is that much.
const (
	crowd   = 64
	handful = 16
	phase   = time.Millisecond
)

// bucket holds the channels whose trains leave at the same instants: offset,
// offset + pacing, …, counted from 1970.
type bucket struct {
	pacing  time.Duration
	offset  time.Duration
	next    Instant // of the next train
	claimed bool    // by a hand, whose the members are meanwhile
	members []*Channel
}

// after returns the first of the bucket's instants later than now.
func (b *bucket) after(now Instant) Instant {
	since := time.Duration(now) - b.offset
	return Instant(since - since%b.pacing + b.pacing + b.offset)
}

// hungry appends the producers to all that are to read after the trains of
// instant t. Each has its turn about when half its ring is empty; channels that
// began together take turns one after another, or they would read together for ever.
func (b *bucket) hungry(all []*producer, t Instant) []*producer {
	trains := 1 + int(ahead/2/b.pacing) // from turn to turn
	turn := int(time.Duration(t)/b.pacing) % trains
	for i, p := range b.members {
		if p.producer.hungry(i*trains/handful == turn) {
			all = append(all, p.producer)
		}
	}
	return all
}

// grid is all the instants at which trains leave. Any hand may call it.
type grid struct {
	mu       sync.Mutex // held for moments: a hand that waits for it is late
	buckets  []*bucket
	ended    bool
	released sync.Cond // signalled with each release
}

// claim gives the caller the bucket that has been due longest, and the instant
// of its trains: the last one up to now. It returns nil where nothing is due.
func (g *grid) claim(now Instant) (due *bucket, t Instant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, b := range g.buckets {
		if !b.claimed && !g.ended && b.next <= now && (due == nil || b.next < due.next) {
			due = b
		}
	}
	if due == nil {
		return nil, 0
	}
	due.claimed, due.next = true, due.after(now)
	return due, due.next.Add(-due.pacing)
}

// release gives a bucket back. One that lost its last channel is gone.
func (g *grid) release(b *bucket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b.claimed = false
	g.released.Signal()
	if len(b.members) == 0 {
		g.buckets = slices.DeleteFunc(g.buckets, func(other *bucket) bool { return other == b })
	}
}

// end has no bucket claimed any more, waits for those that are and returns the
// channels left.
func (g *grid) end() (left []*Channel) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ended, g.released.L = true, &g.mu
	for _, b := range slices.Clone(g.buckets) {
		for b.claimed {
			g.released.Wait()
		}
		left = append(left, b.members...)
	}
	return left
}

// join puts a channel into a bucket.
func (g *grid) join(p *Channel, now Instant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.place(p.pacing)
	if len(b.members) == 0 {
		b.next = b.after(now)
	}
	p.expected = b.next
	b.members = append(b.members, p)
}

// place returns a bucket of the pacing that holds less than a handful, or else a new one.
func (g *grid) place(pacing time.Duration) *bucket {
	for _, b := range g.buckets {
		if b.pacing == pacing && len(b.members) < handful && !b.claimed {
			return b
		}
	}
	b := &bucket{pacing: pacing, offset: g.room(pacing)}
	g.buckets = append(g.buckets, b)
	return b
}

// room returns the offset of the first phase that is not crowded, or of the
// least crowded one when all are.
func (g *grid) room(pacing time.Duration) time.Duration {
	taken := make([]int, max(1, pacing/phase))
	for _, b := range g.buckets {
		if b.pacing == pacing {
			taken[b.offset/phase]++
		}
	}
	for i, n := range taken {
		if n < crowd/handful {
			return time.Duration(i) * phase
		}
	}
	return time.Duration(slices.Index(taken, slices.Min(taken))) * phase
}

// never is later than every instant of a grid.
const never = Instant(1<<63 - 1)

// next returns the instant of the next train of all. A bucket that is due again
// while a hand has it is looked at a phase later.
func (g *grid) next(now Instant) Instant {
	g.mu.Lock()
	defer g.mu.Unlock()
	next := never
	for _, b := range g.buckets {
		if b.claimed {
			next = min(next, max(b.next, now.Add(phase)))
		} else {
			next = min(next, b.next)
		}
	}
	return next
}
