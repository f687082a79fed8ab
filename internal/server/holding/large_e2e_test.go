//go:build e2e

package holding_test

import (
	"testing"
	"time"
)

// Two hundred nodes with 100,000 channels: the start, the loss of a rack, its return, and
// a node that drains.
func TestLargeFleet(t *testing.T) {
	if testing.Short() {
		t.Skip("make e2e runs it")
	}
	f := newFleet(t, 1, 200, 100_000)
	report := func(what string, moved int) tally {
		t.Helper()
		f.check()
		got := f.measure()
		least, most := f.loads()
		t.Logf("%s: %d starts, %v missing, %v doubled, longest gap %v; loads %.3f to %.3f of the mean",
			what, got.starts, got.missing, got.doubled, got.longestGap, least, most)
		if least < 0.85 || most > 1.11 {
			t.Errorf("%s: loads are %.3f to %.3f of the mean", what, least, most)
		}
		if got.starts > moved {
			t.Errorf("%s: %d pipelines began on another node, want at most %d", what, got.starts, moved)
		}
		f.reset()
		return got
	}
	f.run(10 * time.Second)
	report("the start", 2*100_000)
	held := func(from, to int) (count int) {
		for _, p := range f.pipelines {
			if n := number(p.last().hold.Node); n >= from && n < to {
				count++
			}
		}
		return count
	}
	lost := held(50, 60)
	for n := 50; n < 60; n++ {
		f.kill(n)
	}
	f.run(12 * time.Second)
	if got := report("a rack is lost", lost); got.longestGap > lease+time.Second || got.doubled != 0 {
		t.Errorf("a lost rack leaves a gap of %v, and %v are doubled", got.longestGap, got.doubled)
	}
	for n := 50; n < 60; n++ {
		f.boot(n)
	}
	f.run(12 * time.Second)
	if got := report("it comes back", lost*11/10); got.missing != 0 || got.doubled != 0 {
		t.Errorf("a rack that comes back costs %v, and %v are doubled", got.missing, got.doubled)
	}
	lost = held(7, 8)
	f.drain(7, true)
	f.run(8 * time.Second)
	if got := report("a node drains", lost); got.missing != 0 || got.doubled != 0 {
		t.Errorf("a node that drains costs %v, and %v are doubled", got.missing, got.doubled)
	}
}
