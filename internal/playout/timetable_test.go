package playout

import (
	"testing"
	"time"
)

// Few channels share one wake-up; a thousand spread evenly over all phases, and
// no sender has to send more than a group at once.
func TestTimetableSpreads(t *testing.T) {
	for channels, phases := range map[int]int{1: 1, phaseSize: 1, phaseSize + 1: 2, 10 * phaseSize: 10, 1000: 10} {
		var table timetable
		for range channels {
			table.add(&Channel{pacing: 10 * ms}, At(time.Now()))
		}
		at := map[time.Duration]int{}
		for _, g := range table.groups {
			at[g.offset] += len(g.members)
			if len(g.members) > groupSize {
				t.Errorf("%d channels: a group of %d, want at most %d", channels, len(g.members), groupSize)
			}
		}
		if len(at) != phases {
			t.Errorf("%d channels lie in %d phases, want %d", channels, len(at), phases)
		}
		for offset, n := range at {
			if most := max(phaseSize, (channels+phases-1)/phases+groupSize); n > most {
				t.Errorf("%d channels: %d at %v, want at most %d", channels, n, offset, most)
			}
		}
	}
}

// A group that a sender has claimed cannot be claimed again, even if it is due
// again, and end returns its channels only after the sender has released it.
func TestTimetableClaims(t *testing.T) {
	var table timetable
	start := At(time.Unix(1, 0))
	for range groupSize + 1 {
		table.add(&Channel{pacing: 10 * ms}, start)
	}
	now := start.Add(25 * ms)
	first, at := table.claim(now)
	second, _ := table.claim(now)
	if first == nil || second == nil || first == second || at != start.Add(20*ms) {
		t.Fatalf("claimed %p and %p at %v, want two at 20ms", first, second, at.Sub(start))
	}
	now = now.Add(10 * ms)
	if g, _ := table.claim(now); g != nil {
		t.Error("a group is claimed twice")
	}
	if next := table.next(now); next <= now || next > now.Add(phase) {
		t.Errorf("next is %v from now, want a phase at most", next.Sub(now))
	}
	table.release(second)
	if g, _ := table.claim(now); g != second {
		t.Error("a group that was released and is due is not claimed")
	}
	table.release(second)
	time.AfterFunc(10*time.Millisecond, func() { first.members = nil; table.release(first) })
	if left := table.end(); len(left) != len(second.members) {
		t.Errorf("%d channels are left, want %d", len(left), len(second.members))
	}
	if g, _ := table.claim(now.Add(time.Second)); g != nil {
		t.Error("a group is claimed after the end")
	}
}

func TestGroupAfter(t *testing.T) {
	g := group{pacing: 10 * ms, offset: 3 * ms}
	for now, want := range map[time.Duration]time.Duration{0: 3 * ms, 3*ms - 1: 3 * ms, 3 * ms: 13 * ms, 13*ms + 1: 23 * ms} {
		base := Instant(time.Hour)
		if got := g.after(base.Add(now)); got != base.Add(want) {
			t.Errorf("after %v comes %v, want %v", now, got.Sub(base), want)
		}
	}
}
