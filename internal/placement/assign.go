package placement

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

const (
	none = -1 // no node
	// slack is the part of its share that a node may have more or less.
	slack = 10
)

// Assign returns the place of each pipeline, in their order. It needs no order of its
// arguments; it is fastest if pipelines are sorted by key.
func Assign(nodes []Node, pipelines []Pipeline) []Place {
	f := newFleet(nodes, pipelines)
	f.hold()
	f.fill()
	f.level()
	f.relieve()
	f.separate()
	places := make([]Place, len(pipelines))
	for k := range f.at {
		place := &places[f.order[k]]
		if f.at[k] != none {
			place.Node = f.nodes[f.at[k]].ID
		}
		if f.at[k] == none || f.stays(k) {
			place.Reason = f.reason(k)
		}
	}
	return places
}

// fleet is an assignment in the making. Nodes and pipelines are numbered in the order of
// their names.
type fleet struct {
	nodes     []node
	pipelines []Pipeline // as given
	order     []int      // of pipelines, by key
	hashes    []uint64   // of pipelines
	rates     []media.BitRate
	twins     []int // the other pipeline of each one's channel, or none
	at        []int // the node of each pipeline, or none
	holder    []int // the node that holds each pipeline, or none
	ranking   *ranking
}

type node struct {
	Node
	rack     int // its number, or none
	capacity media.BitRate
	load     media.BitRate
	// least, share and most are the load that is too little, fair, and too much.
	least, share, most media.BitRate
}

func newFleet(nodes []Node, pipelines []Pipeline) *fleet {
	sorted := slices.Clone(nodes)
	slices.SortFunc(sorted, func(a, b Node) int { return cmp.Compare(a.ID, b.ID) })
	f := &fleet{
		nodes: make([]node, len(sorted)), pipelines: pipelines, ranking: newRanking(sorted),
		order: make([]int, len(pipelines)), hashes: make([]uint64, len(pipelines)),
		rates: make([]media.BitRate, len(pipelines)), twins: make([]int, len(pipelines)),
		at: make([]int, len(pipelines)), holder: make([]int, len(pipelines)),
	}
	for k := range f.order {
		f.order[k] = k
	}
	if byKey := func(a, b Pipeline) int { return compareKeys(a.Key, b.Key) }; !slices.IsSortedFunc(pipelines, byKey) {
		slices.SortFunc(f.order, func(a, b int) int { return byKey(pipelines[a], pipelines[b]) })
	}
	numbers, racks := make(map[string]int, len(sorted)), map[string]int{}
	for n, one := range sorted {
		f.nodes[n] = node{Node: one, rack: none, capacity: bounded(one.Capacity)}
		if name := one.Labels[RackLabel]; name != "" {
			if _, known := racks[name]; !known {
				racks[name] = len(racks)
			}
			f.nodes[n].rack = racks[name]
		}
		numbers[one.ID] = n
	}
	for k := range f.order {
		p := f.pipeline(k)
		f.hashes[k], f.rates[k] = p.hash(), bounded(p.Rate)
		f.at[k], f.holder[k], f.twins[k] = none, none, none
		if k > 0 && f.pipeline(k-1).Channel == p.Channel {
			f.twins[k], f.twins[k-1] = k-1, k
		}
		if n, known := numbers[p.Holder]; known {
			f.holder[k] = n
		}
	}
	f.apportion()
	return f
}

// bounded is r, but neither negative nor so large that sums overflow.
func bounded(r media.BitRate) media.BitRate { return min(max(r, 0), 1<<40) }

func compareKeys(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Pipeline, b.Pipeline))
}

func (f *fleet) pipeline(k int) *Pipeline { return &f.pipelines[f.order[k]] }

// apportion sets the share of each node in the rates of all pipelines.
func (f *fleet) apportion() {
	var rates, capacities media.BitRate
	for k := range f.order {
		rates += f.rates[k]
	}
	for n := range f.nodes {
		if !f.nodes[n].Draining {
			capacities += f.nodes[n].capacity
		}
	}
	mean := max(rates/media.BitRate(max(len(f.order), 1)), 1)
	rates = min(rates, capacities)
	for n := range f.nodes {
		one := &f.nodes[n]
		if one.Draining || capacities == 0 {
			continue
		}
		high, low := bits.Mul64(uint64(one.capacity), uint64(rates))
		share, _ := bits.Div64(high, low, uint64(capacities))
		one.share = media.BitRate(share)
		// Whole pipelines: four of one rate on three nodes are one or two on each.
		one.least = min(one.share/mean*mean, one.share-one.share/slack)
		one.most = min(max((one.share+mean-1)/mean*mean, one.share+one.share/slack), one.capacity)
	}
}

// hold leaves pipelines where they are held, but where they must not be or, the last of
// a node's order first, where capacity lacks.
func (f *fleet) hold() {
	var excess bool
	for k, n := range f.holder {
		if n != none && !f.nodes[n].Draining && f.suits(k, n) {
			f.put(k, n)
			excess = excess || f.nodes[n].load > f.nodes[n].capacity
		}
	}
	if !excess {
		return
	}
	for n, held := range f.held(func(n int) bool { return f.nodes[n].load > f.nodes[n].capacity }) {
		for _, k := range slices.Backward(held) {
			if f.nodes[n].load > f.nodes[n].capacity {
				f.take(k)
			}
		}
	}
}

// fill gives a place to each pipeline that has none, those of the highest rate first.
func (f *fleet) fill() {
	var without []int
	for k := range f.at {
		if f.at[k] == none {
			without = append(without, k)
		}
	}
	slices.SortFunc(without, func(a, b int) int {
		return cmp.Or(cmp.Compare(f.rates[b], f.rates[a]), cmp.Compare(f.hashes[a], f.hashes[b]), cmp.Compare(a, b))
	})
	for _, k := range without {
		rate := f.rates[k]
		f.put(k, f.first(k, func(n int) int {
			switch load := f.nodes[n].load + rate; {
			case load <= f.nodes[n].most:
				return 0
			case load <= f.nodes[n].capacity:
				return 1
			}
			return none
		}))
	}
	for _, k := range without {
		// Better on air where it is than off air.
		if n := f.holder[k]; f.at[k] == none && n != none && f.suits(k, n) {
			f.put(k, n)
		}
	}
}

// level gives nodes that have less than they should pipelines that rank them higher than
// the node that holds them.
func (f *fleet) level() {
	var low []int
	for n := range f.nodes {
		if f.nodes[n].takes() && f.nodes[n].load < f.nodes[n].least {
			low = append(low, n)
		}
	}
	if len(low) == 0 {
		return
	}
	for k, from := range f.at {
		rate := f.rates[k]
		if from == none || from != f.holder[k] || f.nodes[from].load-rate < f.nodes[from].least {
			continue
		}
		best, distance := none, f.ranking.distance(f.hashes[k], from)
		for _, n := range low {
			if f.nodes[n].load+rate > f.nodes[n].share {
				continue
			}
			if d := f.ranking.distance(f.hashes[k], n); d < distance && f.suits(k, n) && f.apart(k, from, n) {
				best, distance = n, d
			}
		}
		if best != none {
			f.move(k, best)
		}
	}
}

// relieve moves pipelines away from nodes that have more than they should, the last of
// a node's order first, to where there is less.
func (f *fleet) relieve() {
	for from, held := range f.held(func(n int) bool { return f.nodes[n].load > f.nodes[n].most }) {
		for _, k := range slices.Backward(held) {
			rate := f.rates[k]
			if f.nodes[from].load <= f.nodes[from].most || f.holder[k] != from {
				continue
			}
			to := f.first(k, func(n int) int {
				load := f.nodes[n].load + rate
				if n == from || !f.mustGo(from) && (!f.apart(k, from, n) || !f.emptier(n, load, from, f.nodes[from].load-rate)) {
					return none
				}
				return f.fullness(n, load)
			})
			if to != none {
				f.move(k, to)
			}
		}
	}
}

// separate moves one of two pipelines of a channel to another rack, where one has room.
func (f *fleet) separate() {
	for k, from := range f.at {
		if from == none || from != f.holder[k] || !f.shares(k, from) {
			continue
		}
		to := f.first(k, func(n int) int {
			if f.shares(k, n) {
				return none
			}
			return f.fullness(n, f.nodes[n].load+f.rates[k])
		})
		if to != none {
			f.move(k, to)
		}
	}
}

// fullness returns the grade of node n with a load: 0 up to the most that it
// takes while others have room, 1 up to its capacity, none above.
func (f *fleet) fullness(n int, load media.BitRate) int {
	switch {
	case load > f.nodes[n].capacity:
		return none
	case load <= f.nodes[n].most:
		return 0
	}
	return 1
}

// mustGo reports whether node n drains or has less capacity than it needs.
func (f *fleet) mustGo(n int) bool {
	return f.nodes[n].Draining || f.nodes[n].load > f.nodes[n].capacity
}

// first returns the first node in the order of pipeline k that takes it, of those with
// the smallest grade; those of grade none are left out. It prefers other racks to the
// better grade.
func (f *fleet) first(k int, grade func(n int) int) int {
	best, bestGrade, bestDistance := none, 0, uint64(0)
	for n := range f.nodes {
		g := grade(n)
		if g == none || !f.nodes[n].takes() {
			continue
		}
		if f.shares(k, n) {
			g += 2
		}
		if best != none && g > bestGrade {
			continue
		}
		d := f.ranking.distance(f.hashes[k], n)
		if (best == none || g < bestGrade || d < bestDistance) && f.suits(k, n) {
			best, bestGrade, bestDistance = n, g, d
		}
	}
	return best
}

// held returns the pipelines of the nodes that are wanted, in the order of the node.
func (f *fleet) held(want func(n int) bool) [][]int {
	all := make([][]int, len(f.nodes))
	for k, n := range f.at {
		if n != none && want(n) {
			all[n] = append(all[n], k)
		}
	}
	for n, some := range all {
		slices.SortFunc(some, func(a, b int) int {
			return cmp.Or(cmp.Compare(f.ranking.distance(f.hashes[a], n), f.ranking.distance(f.hashes[b], n)), cmp.Compare(a, b))
		})
	}
	return all
}

// takes reports whether the node takes pipelines.
func (n *Node) takes() bool { return !n.Draining && n.Refuses == "" }

// suits reports whether node n has what pipeline k needs, but perhaps capacity, and not
// the other pipeline of its channel.
func (f *fleet) suits(k, n int) bool {
	return f.twinAt(k) != n && f.nodes[n].lacks(&f.pipeline(k).Needs) == ""
}

// twinAt returns the node of the other pipeline of k's channel, or none.
func (f *fleet) twinAt(k int) int {
	if f.twins[k] == none {
		return none
	}
	return f.at[f.twins[k]]
}

// shares reports whether node n is in the rack of the other pipeline of k's channel.
func (f *fleet) shares(k, n int) bool {
	twin := f.twinAt(k)
	return twin != none && f.nodes[n].rack != none && f.nodes[twin].rack == f.nodes[n].rack
}

// apart reports whether a move of pipeline k does not bring it into the rack of the
// other one of its channel.
func (f *fleet) apart(k, from, to int) bool { return !f.shares(k, to) || f.shares(k, from) }

// emptier reports whether node a with one load is no fuller than node b with another.
func (f *fleet) emptier(a int, loadA media.BitRate, b int, loadB media.BitRate) bool {
	highA, lowA := bits.Mul64(uint64(loadA), uint64(f.nodes[b].capacity))
	highB, lowB := bits.Mul64(uint64(loadB), uint64(f.nodes[a].capacity))
	return highA < highB || highA == highB && lowA <= lowB
}

func (f *fleet) put(k, n int) {
	f.at[k] = n
	if n != none {
		f.nodes[n].load += f.rates[k]
	}
}

func (f *fleet) take(k int) {
	f.nodes[f.at[k]].load -= f.rates[k]
	f.at[k] = none
}

func (f *fleet) move(k, to int) {
	f.take(k)
	f.put(k, to)
}
