package playout

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Up to phaseSize channels of one pacing leave together, and the next ones a phase
// later. Sharing wake-ups makes a further channel cheap (a wake-up costs about ten
// trains), and 64 trains of some 6 µs delay the last of them by 0.4 ms.
//
// One sender sends a whole group, so no more than a group is late when the system
// suspends its thread.
const (
	phaseSize = 64
	groupSize = 16
	phase     = time.Millisecond
)

// group holds channels whose trains leave at the same instants: offset,
// offset + pacing, …, counted from 1970.
type group struct {
	pacing  time.Duration
	offset  time.Duration
	next    Instant    // of the next train
	claimed bool       // by a sender, which alone may touch the members meanwhile
	members []*Channel // at most groupSize
}

// after returns the first of the group's instants later than now.
func (g *group) after(now Instant) Instant {
	since := time.Duration(now) - g.offset
	return Instant(since - since%g.pacing + g.pacing + g.offset)
}

// claimReaders appends the readers that must read after the trains of instant t. Each
// has its turn about when half its ring is empty, one channel after another: otherwise
// channels that start together would always read together.
func (g *group) claimReaders(all []*reader, t Instant) []*reader {
	trains := 1 + int(ahead/2/g.pacing) // from turn to turn
	turn := int(time.Duration(t)/g.pacing) % trains
	for i, c := range g.members {
		if c.reader.claim(i*trains/groupSize == turn) {
			all = append(all, c.reader)
		}
	}
	return all
}

// timetable holds the instants at which trains leave. Any sender may call it.
type timetable struct {
	mu       sync.Mutex // held only briefly: a sender that waits for it is late
	groups   []*group
	ended    bool
	channels atomic.Int64 // members of all groups
	released sync.Cond    // signalled with each release
}

// claim returns the group that has been due longest, and the last instant of its trains
// up to now. It returns nil if no group is due.
func (t *timetable) claim(now Instant) (due *group, at Instant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, g := range t.groups {
		if !g.claimed && !t.ended && g.next <= now && (due == nil || g.next < due.next) {
			due = g
		}
	}
	if due == nil {
		return nil, 0
	}
	due.claimed, due.next = true, due.after(now)
	return due, due.next.Add(-due.pacing)
}

// release returns a claimed group, and removes it if it is empty.
func (t *timetable) release(g *group) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g.claimed = false
	t.released.Signal()
	if len(g.members) == 0 {
		t.groups = slices.DeleteFunc(t.groups, func(other *group) bool { return other == g })
	}
}

// end prevents further claims, waits until all groups are released and returns the
// channels that are left.
func (t *timetable) end() (left []*Channel) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended, t.released.L = true, &t.mu
	for _, g := range slices.Clone(t.groups) {
		for g.claimed {
			t.released.Wait()
		}
		left = append(left, g.members...)
	}
	return left
}

// add puts a channel into a group.
func (t *timetable) add(c *Channel, now Instant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groupOf(c.pacing)
	if len(g.members) == 0 {
		g.next = g.after(now)
	}
	c.nextTrain = g.next
	g.members = append(g.members, c)
	t.channels.Add(1)
}

// few reports whether one sender can send all channels as well as two could.
func (t *timetable) few() bool { return t.channels.Load() <= groupSize }

// groupOf returns a group of the pacing with room, or a new one.
func (t *timetable) groupOf(pacing time.Duration) *group {
	for _, g := range t.groups {
		if g.pacing == pacing && len(g.members) < groupSize && !g.claimed {
			return g
		}
	}
	g := &group{pacing: pacing, offset: t.freeOffset(pacing)}
	t.groups = append(t.groups, g)
	return g
}

// freeOffset returns the offset of the first phase with room for a group, otherwise of
// the one with the fewest groups.
func (t *timetable) freeOffset(pacing time.Duration) time.Duration {
	groups := make([]int, max(1, pacing/phase)) // of each phase
	for _, g := range t.groups {
		if g.pacing == pacing {
			groups[g.offset/phase]++
		}
	}
	i := slices.IndexFunc(groups, func(n int) bool { return n < phaseSize/groupSize })
	if i < 0 {
		i = slices.Index(groups, slices.Min(groups))
	}
	return time.Duration(i) * phase
}

// next returns the instant of the next train. For a group that is due again while it is
// claimed, that is a phase from now.
func (t *timetable) next(now Instant) Instant {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := never
	for _, g := range t.groups {
		at := g.next
		if g.claimed {
			at = max(at, now.Add(phase))
		}
		next = min(next, at)
	}
	return next
}
