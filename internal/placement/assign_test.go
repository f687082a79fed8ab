package placement

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// newNodes returns nodes of 10 or 25 Gb/s in racks of ten.
func newNodes(count int) []Node {
	nodes := make([]Node, count)
	for n := range nodes {
		nodes[n] = Node{
			ID: fmt.Sprintf("node%03d", n), Capacity: 10e9, Folders: []string{"/"}, Interfaces: []string{"eth0"},
			Labels: map[string]string{RackLabel: fmt.Sprint(n / 10)},
		}
		if n%4 == 0 {
			nodes[n].Capacity = 25e9
		}
	}
	return nodes
}

// newPipelines returns channels with two pipelines, sorted by key.
func newPipelines(channels int) []Pipeline {
	rates := []media.BitRate{2e6, 5e6, 8e6, 20e6}
	all := make([]Pipeline, 0, 2*channels)
	for c := range channels {
		for p := range 2 {
			all = append(all, Pipeline{Key: Key{fmt.Sprintf("%07d", c), p}, Rate: rates[c%4]})
		}
	}
	return all
}

// settle assigns until nothing moves, and returns how many pipelines moved each time.
func settle(t *testing.T, nodes []Node, pipelines []Pipeline) (moves []int) {
	t.Helper()
	for range 20 {
		moved := 0
		for i, p := range Assign(nodes, pipelines) {
			if p.Node != pipelines[i].Holder {
				moved++
			}
			pipelines[i].Holder = p.Node
		}
		if moved == 0 {
			return moves
		}
		moves = append(moves, moved)
	}
	t.Fatalf("it does not settle: it moved %d", moves)
	return nil
}

// loads returns the load of each node and fails if the pipelines break a rule.
func loads(t *testing.T, nodes []Node, pipelines []Pipeline) map[string]media.BitRate {
	t.Helper()
	load := map[string]media.BitRate{}
	holders := map[string]map[string]bool{}
	for _, p := range pipelines {
		if p.Holder == "" {
			continue
		}
		load[p.Holder] += p.Rate
		if holders[p.Channel] == nil {
			holders[p.Channel] = map[string]bool{}
		}
		if holders[p.Channel][p.Holder] {
			t.Fatalf("both pipelines of channel %s are on %s", p.Channel, p.Holder)
		}
		holders[p.Channel][p.Holder] = true
	}
	for _, n := range nodes {
		if load[n.ID] > n.Capacity {
			t.Fatalf("%s sends %v of %v", n.ID, load[n.ID], n.Capacity)
		}
	}
	return load
}

// imbalance returns the least and the greatest load in parts of a node's share.
func imbalance(load map[string]media.BitRate, nodes []Node) (least, most float64) {
	var rates, capacities media.BitRate
	for _, n := range nodes {
		rates, capacities = rates+load[n.ID], capacities+n.Capacity
	}
	least = 100
	for _, n := range nodes {
		part := float64(load[n.ID]) * float64(capacities) / float64(rates) / float64(n.Capacity)
		least, most = min(least, part), max(most, part)
	}
	return least, most
}

func sameRack(nodes []Node, pipelines []Pipeline) (pairs int) {
	racks := map[string]string{}
	for _, n := range nodes {
		racks[n.ID] = n.Labels[RackLabel]
	}
	for i := 0; i+1 < len(pipelines); i += 2 {
		if racks[pipelines[i].Holder] == racks[pipelines[i+1].Holder] {
			pairs++
		}
	}
	return pairs
}

func TestBalanceAndMoves(t *testing.T) {
	nodes, pipelines := newNodes(40), newPipelines(10_000)
	if moves := settle(t, nodes, pipelines); len(moves) != 1 {
		t.Errorf("what was placed moved again: %d", moves)
	}
	check := func(what string, nodes []Node) {
		t.Helper()
		least, most := imbalance(loads(t, nodes, pipelines), nodes)
		if least < 0.85 || most > 1.11 {
			t.Errorf("%s: loads are %.2f to %.2f of their share", what, least, most)
		}
		if n := sameRack(nodes, pipelines); n != 0 {
			t.Errorf("%s: %d channels have both pipelines in a rack", what, n)
		}
	}
	check("at the start", nodes)

	before := slices.Clone(pipelines)
	left := slices.Delete(slices.Clone(nodes), 7, 8)
	lost := 0
	for _, p := range before {
		if p.Holder == nodes[7].ID {
			lost++
		}
	}
	if moves := settle(t, left, pipelines); !slices.Equal(moves, []int{lost}) {
		t.Errorf("%d pipelines lost their node, and %d moved", lost, moves)
	}
	check("without one", left)

	moves := settle(t, nodes, pipelines)
	least, _ := imbalance(loads(t, nodes, pipelines), nodes)
	if total := sum(moves); total > lost*11/10 || least < 0.85 {
		t.Errorf("when a node came back, %d moved, of at most %d; the least load is %.2f of its share", moves, lost, least)
	}
	check("with it again", nodes)
}

func sum(all []int) (total int) {
	for _, n := range all {
		total += n
	}
	return total
}

// A lost rack moves what it held, and nothing else.
func TestRackIsLost(t *testing.T) {
	nodes, pipelines := newNodes(40), newPipelines(10_000)
	settle(t, nodes, pipelines)
	lost := 0
	for _, p := range pipelines {
		if p.Holder >= "node030" {
			lost++
		}
	}
	left := nodes[:30]
	if moves := settle(t, left, pipelines); !slices.Equal(moves, []int{lost}) {
		t.Errorf("%d pipelines lost their node, and %d moved", lost, moves)
	}
	if n := sameRack(left, pipelines); n != 0 {
		t.Errorf("%d channels have both pipelines in a rack", n)
	}
	if _, most := imbalance(loads(t, left, pipelines), left); most > 1.11 {
		t.Errorf("a node has %.2f of its share", most)
	}
}

// Nodes need not take turns: each takes what is its own by the view that it has, and
// that all views agree in the end is enough.
func TestOldViews(t *testing.T) {
	for seed := range uint64(15) {
		random := rand.New(rand.NewPCG(seed, 1))
		nodes, pipelines := newNodes(3+random.IntN(30)), newPipelines(1+random.IntN(300))
		var rates media.BitRate
		for _, p := range pipelines {
			rates += p.Rate
		}
		for n := range nodes { // Some room, but not much.
			nodes[n].Capacity = max(rates*3/2/media.BitRate(len(nodes)), 40e6)
		}
		views := make([][]Place, len(nodes))
		for range 80 {
			for range random.IntN(5) {
				views[random.IntN(len(nodes))] = Assign(nodes, pipelines)
			}
			n := random.IntN(len(nodes))
			own := Assign(nodes, pipelines) // A node knows what it holds itself.
			for i, place := range views[n] {
				if pipelines[i].Holder == "" && place.Node == nodes[n].ID && own[i].Node == place.Node && random.IntN(3) > 0 {
					pipelines[i].Holder = place.Node
				}
			}
			loads(t, nodes, pipelines)
		}
		settle(t, nodes, pipelines)
		loads(t, nodes, pipelines)
		for _, p := range pipelines {
			if p.Holder == "" {
				t.Fatalf("seed %d: nobody holds %v", seed, p.Key)
			}
		}
	}
}

// Any fleet settles, and no rule is broken on the way.
func TestAnyFleet(t *testing.T) {
	for seed := range uint64(120) {
		random := rand.New(rand.NewPCG(seed, 2))
		nodes, pipelines := newNodes(1+random.IntN(12)), newPipelines(1+random.IntN(60))
		for range 8 {
			disturb(random, nodes, pipelines)
			settle(t, nodes, pipelines)
			holds(t, seed, nodes, pipelines)
		}
	}
}

func disturb(random *rand.Rand, nodes []Node, pipelines []Pipeline) {
	for n := range nodes {
		nodes[n].Capacity = []media.BitRate{0, 10e6, 50e6, 200e6, 10e9}[random.IntN(5)]
		nodes[n].Draining = random.IntN(8) == 0
		nodes[n].Refuses = []string{"", "", "", "is told not to"}[random.IntN(4)]
		nodes[n].Folders = [][]string{{"/"}, {"/a"}, {"/a/", "/b"}, nil}[random.IntN(4)]
		nodes[n].Interfaces = [][]string{{"eth0"}, {"eth0", "eth1"}}[random.IntN(2)]
	}
	for i := range pipelines {
		p := &pipelines[i]
		p.Needs = Needs{}
		switch random.IntN(8) {
		case 0:
			p.Needs.Files = []string{"/b/x.mp4"}
		case 1:
			p.Needs.Interfaces = []string{"eth1"}
		case 2:
			p.Needs.Labels = map[string]string{RackLabel: "0"}
		}
		if random.IntN(10) == 0 {
			p.Holder = "a node that is gone"
		}
	}
}

// holds checks what must hold of an assignment that has settled.
func holds(t *testing.T, seed uint64, nodes []Node, pipelines []Pipeline) {
	t.Helper()
	byID := map[string]*Node{}
	load := map[string]media.BitRate{}
	for n := range nodes {
		byID[nodes[n].ID] = &nodes[n]
	}
	for _, p := range pipelines {
		load[p.Holder] += p.Rate
	}
	for i, place := range Assign(nodes, pipelines) {
		p := &pipelines[i]
		sibling := pipelines[i^1].Holder
		if n := byID[place.Node]; n != nil {
			if lacks := n.lacks(&p.Needs); lacks != "" {
				t.Fatalf("seed %d: %v is on %s, which %s", seed, p.Key, n.ID, lacks)
			}
			if n.ID == sibling {
				t.Fatalf("seed %d: both pipelines of %v are on %s", seed, p.Key, n.ID)
			}
			if must := n.Draining || load[n.ID] > n.Capacity; must != (place.Reason != "") {
				t.Fatalf("seed %d: %v stays on %s for %q; load %v of %v, draining %v", seed, p.Key, n.ID, place.Reason, load[n.ID], n.Capacity, n.Draining)
			}
		}
		if place.Reason == "" {
			continue
		}
		for _, n := range nodes {
			if n.takes() && n.lacks(&p.Needs) == "" && n.ID != sibling && n.ID != place.Node && load[n.ID]+p.Rate <= n.Capacity {
				t.Fatalf("seed %d: %v could be on %s, but: %s", seed, p.Key, n.ID, place.Reason)
			}
		}
	}
}

func TestReasons(t *testing.T) {
	nodes := []Node{
		{ID: "a", Capacity: 10e6, Folders: []string{"/"}, Interfaces: []string{"eth0"}},
		{ID: "b", Capacity: 1e9, Folders: []string{"/media/a"}, Interfaces: []string{"eth0"}},
		{ID: "c", Capacity: 1e9, Folders: []string{"/"}},
		{ID: "d", Capacity: 1e9, Folders: []string{"/"}, Interfaces: []string{"eth0"}, Draining: true},
		{ID: "e", Capacity: 1e9, Folders: []string{"/"}, Interfaces: []string{"eth0"}, Refuses: "has a clock that is wrong by 2s"},
	}
	one := Pipeline{Key: Key{"7", 0}, Rate: 20e6, Needs: Needs{Files: []string{"/media/ab/x.mp4"}, Interfaces: []string{"eth0"}}}
	labelled := Pipeline{Key: Key{"8", 0}, Rate: 1e6, Needs: Needs{Labels: map[string]string{"gpu": "yes"}}}
	onDraining := Pipeline{Key: Key{"9", 0}, Rate: 2e9, Holder: "d"}
	for _, c := range []struct {
		name string
		p    Pipeline
		want Place
	}{
		{"each node has its own", one, Place{"", "a: has no room for 20.000 Mb/s; b: does not see /media/ab/x.mp4; c: has no interface eth0; d: drains"}},
		{"the same of all", labelled, Place{"", "a, b, c and 2 more: lacks label gpu=yes"}},
		{"draining, but nowhere to go", onDraining, Place{"d", "a, b, c: has no room for 2000.000 Mb/s; d: drains; e: has a clock that is wrong by 2s"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Assign(nodes, []Pipeline{c.p})[0]; got != c.want {
				t.Errorf("it goes to %+v\nwant        %+v", got, c.want)
			}
		})
	}
	if got := Assign(nil, []Pipeline{one})[0]; got != (Place{"", "no node is registered"}) {
		t.Errorf("without nodes it goes to %+v", got)
	}
}

// A few channels spread over a few nodes, whichever came first.
func TestSmallFleet(t *testing.T) {
	for nodes := 2; nodes <= 5; nodes++ {
		for channels := 1; channels <= 12; channels++ {
			fleet, pipelines := newNodes(nodes), newPipelines(channels)
			for i := range fleet {
				fleet[i].Labels, fleet[i].Capacity = nil, 10e9
			}
			for i := range pipelines {
				pipelines[i].Rate = 5e6
			}
			for joined := 2; joined <= nodes; joined++ {
				settle(t, fleet[:joined], pipelines)
				count := map[string]int{}
				for _, p := range pipelines {
					count[p.Holder]++
				}
				if most := slices.Max(slices.Collect(maps.Values(count))); most > (2*channels+joined-1)/joined {
					t.Errorf("%d channels on %d nodes: %v", channels, joined, count)
				}
			}
		}
	}
}

func TestHostileNumbers(t *testing.T) {
	nodes := newNodes(4)
	nodes[0].Capacity, nodes[1].Capacity, nodes[2].Capacity = -1, 1<<63-1, 1
	pipelines := newPipelines(4)
	pipelines[0].Rate, pipelines[1].Rate, pipelines[2].Rate, pipelines[2].Pipeline = -5, 1<<63-1, 0, -1
	nodes = append(nodes, nodes[1])
	if places := Assign(nodes, pipelines); places[5].Node == "" {
		t.Errorf("an ordinary pipeline among them goes to %+v", places[5])
	}
}

// A node comes first in proportion to its capacity.
func TestRanking(t *testing.T) {
	nodes := []Node{{ID: "a", Capacity: 1e9}, {ID: "b", Capacity: 10e9}, {ID: "c", Capacity: 25e9}, {ID: "d", Capacity: 64e9}}
	r := newRanking(nodes)
	first := make([]int, len(nodes))
	for i := range 100_000 {
		best := 0
		for n := range nodes {
			if h := (Key{fmt.Sprint(i), 0}).hash(); r.distance(h, n) < r.distance(h, best) {
				best = n
			}
		}
		first[best]++
	}
	for n, count := range first {
		if want := int(nodes[n].Capacity / 1e6); count < want*9/10 || count > want*11/10 {
			t.Errorf("%s comes first %d times of 100000, want %d", nodes[n].ID, count, want)
		}
	}
}

// What is computed must not depend on the version of Go or on the architecture: nodes
// of several work together.
func TestPlacesAreTheSameEverywhere(t *testing.T) {
	var ids strings.Builder
	for _, p := range Assign(newNodes(20), newPipelines(6)) {
		ids.WriteString(strings.TrimPrefix(p.Node, "node0") + " ")
	}
	if got := ids.String(); got != placesEverywhere {
		t.Errorf("the nodes are %q\nwant          %q", got, placesEverywhere)
	}
}

const placesEverywhere = "04 12 16 06 04 16 08 17 11 00 07 15 "

func BenchmarkAssign(b *testing.B) {
	nodes, pipelines := newNodes(200), newPipelines(100_000)
	b.Run("nothing held", func(b *testing.B) {
		for b.Loop() {
			Assign(nodes, pipelines)
		}
	})
	for i, p := range Assign(nodes, pipelines) {
		pipelines[i].Holder = p.Node
	}
	b.Run("nothing to do", func(b *testing.B) {
		for b.Loop() {
			Assign(nodes, pipelines)
		}
	})
	b.Run("a rack lost", func(b *testing.B) {
		for b.Loop() {
			Assign(nodes[:190], pipelines)
		}
	})
}
