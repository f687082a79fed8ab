package playout

import (
	"slices"
	"time"
)

// Channels of one pacing leave together, up to crowd of them, and the next
// ones a phase later: sharing a wake-up is what makes a further channel cheap
// (a wake-up costs about ten times what a train does), and 64 trains of some
// 6 µs hold up the last of them by 0.4 ms.
const (
	crowd = 64
	phase = time.Millisecond
)

// bucket holds the channels whose trains leave at the same instants: offset,
// offset + pacing, …, counted from 1970.
type bucket struct {
	pacing  time.Duration
	offset  time.Duration
	next    Instant // of the next train
	members []*Playing
}

// after returns the first of the bucket's instants later than now.
func (b *bucket) after(now Instant) Instant {
	since := time.Duration(now) - b.offset
	return Instant(since - since%b.pacing + b.pacing + b.offset)
}

// hungry appends the producers whose rings have run low to all, some at each
// train: channels that began together would read together for ever, and hold
// each other up. Half a ring lasts two spells.
func (b *bucket) hungry(all []*producer) []*producer {
	const spell = ahead / 4
	most := len(all) + 1 + len(b.members)*int(b.pacing)/int(spell)
	for _, p := range b.members {
		if p.producer.hungry() {
			all = append(all, p.producer)
		}
		if len(all) == most {
			break
		}
	}
	return all
}

// grid is all the instants at which trains leave.
type grid struct{ buckets []*bucket }

// join puts a channel into a bucket: the first of its pacing that is not
// crowded, or a new one at the next phase, or the least crowded when all
// phases are taken.
func (g *grid) join(p *Playing, now Instant) {
	b := g.place(p.pacing)
	if len(b.members) == 0 {
		b.next = b.after(now)
	}
	p.expected = b.next
	b.members = append(b.members, p)
}

func (g *grid) place(pacing time.Duration) *bucket {
	var offset time.Duration
	var least *bucket
	for _, b := range g.buckets {
		if b.pacing != pacing {
			continue
		}
		if len(b.members) < crowd {
			return b
		}
		if least == nil || len(b.members) < len(least.members) {
			least = b
		}
		offset = max(offset, b.offset+phase)
	}
	if least != nil && offset >= pacing {
		return least
	}
	b := &bucket{pacing: pacing, offset: offset}
	g.buckets = append(g.buckets, b)
	return b
}

// tidy removes buckets that lost their last channel.
func (g *grid) tidy() {
	g.buckets = slices.DeleteFunc(g.buckets, func(b *bucket) bool { return len(b.members) == 0 })
}

// never is later than every instant of a grid.
const never = Instant(1<<63 - 1)

// next returns the instant of the next train of all.
func (g *grid) next() Instant {
	next := never
	for _, b := range g.buckets {
		next = min(next, b.next)
	}
	return next
}
