package holding_test

import (
	"slices"
	"testing"
	"time"
)

// Whatever happens, in the end each pipeline is sent by its holder alone; meanwhile no
// two nodes send one for longer than a fence allows.
func TestTrouble(t *testing.T) {
	for seed := range seeds(t, 60) {
		f := newFleet(t, seed, 4+int(seed%30), 40+int(seed*13%200))
		f.run(8 * time.Second)
		f.check()
		f.reset()
		for range 12 {
			f.trouble()
			f.run(time.Duration(f.random.IntN(100)) * step)
		}
		for n, one := range f.nodes {
			one.cut, one.deaf, one.lag = false, false, step
			if one.dead {
				f.boot(n)
			}
			f.drain(n, false)
		}
		f.run(15 * time.Second)
		f.check()
		if got := f.measure(); got.longestDouble > lease+overlap {
			t.Errorf("seed %d: two nodes sent one pipeline for %v", seed, got.longestDouble)
		}
	}
}

// settled returns a fleet that plays 100 channels, with nothing counted yet.
func settled(t *testing.T, seed uint64, nodes int) *fleet {
	t.Helper()
	f := newFleet(t, seed, nodes, 100)
	f.run(8 * time.Second)
	f.check()
	f.reset()
	return f
}

// A node that drains, comes back or joins costs no datagram and doubles none.
func TestHandOver(t *testing.T) {
	for seed := range seeds(t, 20) {
		f := settled(t, seed, 20)
		for n := range f.nodes { // A rolling upgrade.
			f.drain(n, true)
			f.run(4 * time.Second)
			for i, p := range f.pipelines {
				if p.last().hold.Node == f.nodes[n].id {
					t.Fatalf("seed %d: a node that drains holds %v", seed, f.pipelines[i].Key)
				}
			}
			f.kill(n)
			f.boot(n)
			f.drain(n, false)
			f.run(4 * time.Second)
		}
		f.check()
		if got := f.measure(); got.missing != 0 || got.doubled != 0 {
			t.Fatalf("seed %d: %v was not sent, %v twice", seed, got.missing, got.doubled)
		}
	}
}

// The gap of a lost node is no longer than the lease and a second.
func TestTakeOver(t *testing.T) {
	for seed := range seeds(t, 30) {
		f := settled(t, seed, 10)
		f.kill(int(seed % 10))
		f.run(8 * time.Second)
		f.check()
		if got := f.measure(); got.longestGap == 0 || got.longestGap > lease+time.Second || got.doubled != 0 {
			t.Fatalf("seed %d: nothing was sent for %v; %v was sent twice", seed, got.longestGap, got.doubled)
		}
	}
}

// A node that the network cuts off, in both directions or in one, sends on until another
// must have taken over.
func TestPartition(t *testing.T) {
	for seed := range seeds(t, 30) {
		f := settled(t, seed, 10)
		n := f.nodes[seed%10]
		n.cut, n.deaf = seed%2 == 0, seed%2 == 1
		f.run(10 * time.Second)
		if got := f.measure(); got.longestGap > time.Second || got.longestDouble > overlap {
			t.Fatalf("seed %d: nothing was sent for %v; two sent for %v", seed, got.longestGap, got.longestDouble)
		}
		n.cut, n.deaf = false, false
		f.run(8 * time.Second)
		f.check()
		if got := f.measure(); got.longestDouble > overlap {
			t.Fatalf("seed %d: when the network was whole again, two sent for %v", seed, got.longestDouble)
		}
	}
}

// A node that hears of its lease, but sees no changes, does not send for ever what it has
// handed over or lost.
func TestOldViews(t *testing.T) {
	const never = 1000 * time.Hour
	for seed := range seeds(t, 20) {
		f := settled(t, seed, 10)
		n := int(seed % 10)
		f.drain(n, true)
		for !slices.ContainsFunc(f.pipelines, func(p *pipeline) bool { return p.last().hold.Next != "" }) {
			f.run(step)
		}
		f.nodes[n].lag = never
		f.run(20 * time.Second)
		if got := f.measure(); got.longestDouble == 0 || got.longestDouble > lease+overlap {
			t.Fatalf("seed %d: two sent for %v after a hand-over", seed, got.longestDouble)
		}

		f = settled(t, seed, 10)
		f.nodes[n].cut = true
		f.run(10 * time.Second)
		f.nodes[n].cut, f.nodes[n].lag = false, never
		f.run(10 * time.Second)
		if got := f.measure(); got.longestDouble > overlap {
			t.Fatalf("seed %d: two sent for %v after a take-over", seed, got.longestDouble)
		}
	}
}

// trouble does something to the fleet, and sometimes ends what it did.
func (f *fleet) trouble() {
	n := f.random.IntN(len(f.nodes))
	one := f.nodes[n]
	switch f.random.IntN(9) {
	case 0:
		f.kill(n)
	case 1:
		if one.dead {
			f.boot(n)
		}
	case 2:
		f.kill(n)
		f.boot(n)
	case 3:
		f.freeze(n, time.Duration(f.random.IntN(100))*step)
	case 4:
		one.cut = !one.cut
	case 5:
		one.deaf = !one.deaf
	case 6:
		f.elect(time.Duration(f.random.IntN(60)) * step)
	case 7:
		one.lag = time.Duration(f.random.IntN(40)) * step
	case 8:
		f.drain(n, !one.draining)
	}
}
