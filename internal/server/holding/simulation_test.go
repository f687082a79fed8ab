package holding_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/server/holding"
)

// The simulated fleet moves in steps of virtual time.
const (
	step    = 50 * time.Millisecond
	lease   = 2 * time.Second
	overlap = time.Second
	notice  = time.Second
	renewal = lease / 3
	// expiry is how often the store looks for leases that have ended, as etcd does.
	expiry = 500 * time.Millisecond
	// placing is how long nodes take to place all pipelines.
	placing = 200 * time.Millisecond
	nobody  = -1
)

// fleet is a store, and nodes that play pipelines as package holding decides.
type fleet struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	now    time.Duration

	// The store.
	revision  int64
	away      time.Duration // until when it elects a leader
	leases    map[int64]time.Duration
	members   []member // what nodes registered
	pipelines []*pipeline
	requests  map[time.Duration][]func()

	// What nodes can have seen: one view for each step, the present one last.
	views   []view
	touched map[int][]int // by node, the pipelines whose change in this step may concern it
	places  []int16       // of each pipeline, as placed last
	stale   bool          // something has changed since

	nodes []*node
	total tally
}

// member is a node as it registered, its lease 0 if it is not.
type member struct {
	placement.Node
	lease int64
}

type view struct {
	revision int64
	touched  map[int][]int
}

// version is the value of a pipeline's key since a revision.
type version struct {
	revision int64
	lease    int64
	hold     holding.Hold
}

type pipeline struct {
	placement.Pipeline
	versions []version
	senders  []sender
	since    time.Duration // until when what is sent has been counted
	gap      time.Duration // how long nothing was sent up to then
}

// sender is a node that sends the packets of a pipeline due in a stretch of time.
type sender struct {
	node        int
	from, until time.Duration
}

// tally is what a receiver saw of all pipelines.
type tally struct {
	missing, doubled, longestGap, longestDouble time.Duration
	starts                                      int
}

type node struct {
	number      int
	id          string
	dead, cut   bool // without power; without the store
	deaf        bool // without answers of the store and changes
	frozen      time.Duration
	draining    bool
	fence       *holding.Fence
	lease       int64
	asking      bool
	nextRenewal time.Duration
	unseen      []renewalAnswer
	lag         time.Duration         // how old what it sees is
	seen        int                   // the number of its view
	opened      map[int]time.Duration // when a pipeline will be open
	watched     map[int]bool          // pipelines that it must decide about again
	busy        map[int]time.Duration // until when it waits for a change that it asked for
	sending     map[int]bool
}

type renewalAnswer struct {
	asked    time.Duration
	revision int64
}

func newFleet(t *testing.T, seed uint64, nodes, channels int) *fleet {
	f := &fleet{
		t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 0)), leases: map[int64]time.Duration{},
		requests: map[time.Duration][]func(){}, touched: map[int][]int{}, members: make([]member, nodes),
	}
	for n := range nodes {
		f.nodes = append(f.nodes, &node{number: n, id: fmt.Sprintf("n%03d", n)})
		f.boot(n)
	}
	rates := []media.BitRate{2e6, 5e6, 8e6, 20e6}
	for c := range channels {
		for p := range 2 {
			f.pipelines = append(f.pipelines, &pipeline{
				Pipeline: placement.Pipeline{Key: placement.Key{Channel: fmt.Sprintf("%07d", c), Pipeline: p}, Rate: rates[c%len(rates)]},
				versions: []version{{}},
			})
		}
	}
	f.places = make([]int16, len(f.pipelines))
	for i := range f.places {
		f.places[i] = nobody
	}
	return f
}

// boot starts a node's process, which knows nothing.
func (f *fleet) boot(n int) {
	old := f.nodes[n]
	f.nodes[n] = &node{
		number: n, id: old.id, cut: old.cut, deaf: old.deaf, lag: time.Duration(1+f.random.IntN(3)) * step, seen: -1,
		fence:  &holding.Fence{Lease: lease, Overlap: overlap},
		opened: map[int]time.Duration{}, watched: map[int]bool{}, busy: map[int]time.Duration{}, sending: map[int]bool{},
	}
}

// run lets time pass.
func (f *fleet) run(d time.Duration) {
	for end := f.now + d; f.now < end; {
		f.now += step
		for _, do := range f.requests[f.now] {
			do()
		}
		delete(f.requests, f.now)
		f.expire()
		if f.now%placing == 0 && f.stale {
			f.place()
		}
		f.views = append(f.views, view{f.revision, f.touched})
		f.touched = map[int][]int{}
		for _, n := range f.nodes {
			if !n.dead && f.now >= n.frozen {
				f.act(n)
			}
		}
	}
}

func sorted(set map[int]bool) []int {
	all := make([]int, 0, len(set))
	for i := range set {
		all = append(all, i)
	}
	slices.Sort(all)
	return all
}

// send has the store do something when the request arrives, and the node something when
// the answer is back, if neither is lost.
func (f *fleet) send(n *node, do func() (answer func())) {
	if n.cut {
		return
	}
	f.later(func() {
		if f.now < f.away {
			return
		}
		answer := do()
		f.later(func() {
			if answer != nil && f.nodes[n.number] == n && !n.dead && !n.cut && !n.deaf {
				answer()
			}
		})
	})
}

func (f *fleet) later(do func()) {
	at := f.now + time.Duration(1+f.random.IntN(2))*step
	f.requests[at] = append(f.requests[at], do)
}

// expire drops what belongs to leases that have ended.
func (f *fleet) expire() {
	if f.now%expiry != 0 || f.now < f.away {
		return
	}
	ended := map[int64]bool{}
	for id, end := range f.leases {
		if f.now >= end {
			ended[id] = true
			delete(f.leases, id)
		}
	}
	if len(ended) == 0 {
		return
	}
	f.revision++
	for n := range f.members {
		if ended[f.members[n].lease] {
			f.members[n].lease = 0
			f.stale = true
		}
	}
	for i, p := range f.pipelines {
		if ended[p.last().lease] {
			f.write(i, version{})
		}
	}
}

func (p *pipeline) last() version { return p.versions[len(p.versions)-1] }

// at returns the value of the pipeline's key at a revision.
func (p *pipeline) at(revision int64) version {
	i := len(p.versions) - 1
	for i > 0 && p.versions[i].revision > revision {
		i--
	}
	return p.versions[i]
}

// write writes a key at the present revision.
func (f *fleet) write(i int, v version) {
	v.revision = f.revision
	p := f.pipelines[i]
	f.touch(i, p.last().hold)
	f.touch(i, v.hold)
	p.versions = append(p.versions[max(0, len(p.versions)-8):], v)
	f.stale = true
}

// touch notes that a pipeline changed for those that a hold names, and for its place.
func (f *fleet) touch(i int, hold holding.Hold) {
	for _, id := range []string{hold.Node, hold.Next, hold.Before} {
		if id != "" {
			f.touched[number(id)] = append(f.touched[number(id)], i)
		}
	}
	f.touched[int(f.places[i])] = append(f.touched[int(f.places[i])], i)
}

// elect has the store elect a leader, who grants all leases their time again.
func (f *fleet) elect(d time.Duration) {
	f.away = f.now + d
	for id := range f.leases {
		f.leases[id] = f.away + lease
	}
}

// place places all pipelines, as any node would that has seen everything.
func (f *fleet) place() {
	f.stale = false
	var nodes []placement.Node
	for _, m := range f.members {
		if m.lease != 0 {
			nodes = append(nodes, m.Node)
		}
	}
	all := make([]placement.Pipeline, len(f.pipelines))
	for i, p := range f.pipelines {
		all[i] = p.Pipeline
		all[i].Holder = p.last().hold.Node
	}
	for i, place := range placement.Assign(nodes, all) {
		to := int16(nobody)
		if place.Node != "" {
			to = int16(number(place.Node))
		}
		if f.places[i] != to {
			f.touch(i, f.pipelines[i].last().hold)
			f.places[i] = to
			f.touch(i, holding.Hold{})
		}
	}
}

func number(id string) int {
	n, err := strconv.Atoi(id[1:])
	if err != nil {
		panic(err)
	}
	return n
}

// act lets a node do what is due.
func (f *fleet) act(n *node) {
	f.renew(n)
	if seen := len(f.views) - 1 - int(n.lag/step); !n.cut && !n.deaf {
		for ; n.seen < seen; n.seen++ {
			for _, i := range f.views[n.seen+1].touched[n.number] {
				n.watched[i] = true
			}
		}
	}
	if n.seen < 0 {
		return
	}
	revision := f.views[n.seen].revision
	n.unseen = slices.DeleteFunc(n.unseen, func(a renewalAnswer) bool {
		if a.revision <= revision {
			n.fence.Renew(a.asked)
		}
		return a.revision <= revision
	})
	if f.now >= n.fence.Until() {
		f.silence(n)
		return
	}
	for _, i := range sorted(n.watched) {
		f.decide(n, i, revision)
	}
}

// silence ends all that a node sends; it decides anew when it may send again.
func (f *fleet) silence(n *node) {
	for _, i := range sorted(n.sending) {
		f.stop(n, i)
		n.watched[i] = true
	}
}

// renew asks for a lease or its renewal.
func (f *fleet) renew(n *node) {
	if f.now < n.nextRenewal || n.asking && f.now < n.nextRenewal+renewal {
		return
	}
	if n.asking && n.deaf {
		return // One at a time.
	}
	asked := f.now
	n.asking, n.nextRenewal = true, f.now+renewal
	id := n.lease
	f.send(n, func() func() {
		if id == 0 {
			return f.register(n, asked)
		}
		if _, lives := f.leases[id]; !lives {
			return func() { n.asking, n.lease, n.nextRenewal = false, 0, 0 }
		}
		f.leases[id] = f.now + lease
		revision := f.revision
		return func() {
			n.asking = false
			n.unseen = append(n.unseen, renewalAnswer{asked, revision})
		}
	})
}

// register grants a lease to a node and writes the node's key.
func (f *fleet) register(n *node, asked time.Duration) func() {
	f.revision++
	id := f.revision
	f.leases[id] = f.now + lease
	f.members[n.number] = member{placement.Node{
		ID: n.id, Capacity: 10e9, Draining: n.draining,
		Labels: map[string]string{placement.RackLabel: fmt.Sprint(n.number / 10)},
	}, id}
	f.stale = true
	return func() {
		n.asking, n.lease = false, id
		n.unseen = append(n.unseen, renewalAnswer{asked, id})
		for i := range f.pipelines { // It reads all.
			if hold := f.pipelines[i].at(id).hold; hold.Node == n.id || hold.Before == n.id || hold.Next == n.id || f.places[i] == int16(n.number) {
				n.watched[i] = true
			}
		}
	}
}

// decide does what package holding says of a pipeline.
func (f *fleet) decide(n *node, i int, revision int64) {
	delete(n.watched, i)
	p := f.pipelines[i]
	seen := p.at(revision)
	open, opening := n.opened[i]
	v := holding.View{
		Hold: seen.hold, Renewed: seen.lease == n.lease, Wanted: true, Place: f.placeOf(i),
		Opened: opening && f.now >= open, Now: instant(f.now),
	}
	d := holding.Decide(n.id, v, notice)
	if !d.Open {
		delete(n.opened, i)
	} else if !opening {
		n.opened[i] = f.now + time.Duration(1+f.random.IntN(4))*step
	}
	if d.Send && v.Opened {
		f.start(n, i, since(d.From, 0), since(d.Until, 1<<62))
	} else {
		f.stop(n, i)
	}
	if d.Change && f.now >= n.busy[i] {
		n.busy[i] = f.now + 10*step
		id := n.lease
		f.send(n, func() func() {
			if _, lives := f.leases[id]; lives && p.last().revision == seen.revision {
				f.revision++
				to := version{lease: id, hold: d.Hold}
				if d.Hold.Node == "" {
					to.lease = 0
				}
				f.write(i, to)
			}
			return nil
		})
	}
	if d.Change || d.Open && !v.Opened || !d.From.IsZero() && f.now < since(d.From, 0) || !d.Until.IsZero() {
		n.watched[i] = true
	}
	if !d.Change && !n.watched[i] {
		delete(n.busy, i)
	}
}

func (f *fleet) placeOf(i int) string {
	if f.places[i] == nobody {
		return ""
	}
	return f.nodes[f.places[i]].id
}

func instant(d time.Duration) time.Time { return time.Unix(1e9, 0).Add(d) }

func since(at time.Time, zero time.Duration) time.Duration {
	if at.IsZero() {
		return zero
	}
	return at.Sub(time.Unix(1e9, 0))
}

// start has a node send what is due from an instant to another.
func (f *fleet) start(n *node, i int, from, until time.Duration) {
	p := f.pipelines[i]
	at := slices.IndexFunc(p.senders, func(s sender) bool { return s.node == n.number })
	if at >= 0 && p.senders[at].from == from && p.senders[at].until == until {
		return
	}
	f.count(p)
	if at < 0 {
		p.senders = append(p.senders, sender{node: n.number})
		at = len(p.senders) - 1
		f.total.starts++
	}
	p.senders[at].from, p.senders[at].until = from, until
	n.sending[i] = true
}

func (f *fleet) stop(n *node, i int) {
	if !n.sending[i] {
		return
	}
	p := f.pipelines[i]
	f.count(p)
	p.senders = slices.DeleteFunc(p.senders, func(s sender) bool { return s.node == n.number })
	delete(n.sending, i)
}

// count adds what was sent of a pipeline since it was last counted. All instants are
// steps, so that a step is sent by a whole number of nodes.
func (f *fleet) count(p *pipeline) {
	var double time.Duration
	for ; p.since < f.now; p.since += step {
		senders := 0
		for _, s := range p.senders {
			if p.since >= s.from && p.since < s.until {
				senders++
			}
		}
		if senders == 0 {
			p.gap += step
			f.total.missing += step
			f.total.longestGap = max(f.total.longestGap, p.gap)
			double = 0
			continue
		}
		p.gap = 0
		if senders == 1 {
			double = 0
			continue
		}
		double += step
		f.total.doubled += step
		f.total.longestDouble = max(f.total.longestDouble, double)
	}
}

// reset begins a new count, of all pipelines.
func (f *fleet) reset() {
	f.measure()
	f.total = tally{}
	for _, p := range f.pipelines {
		p.gap = 0
	}
}

// measure returns what receivers saw since the last reset.
func (f *fleet) measure() tally {
	for _, p := range f.pipelines {
		f.count(p)
	}
	return f.total
}

// kill takes the power of a node.
func (f *fleet) kill(n int) {
	one := f.nodes[n]
	one.dead = true
	for _, i := range sorted(one.sending) {
		f.stop(one, i)
	}
}

// freeze stops a node's process for some time.
func (f *fleet) freeze(n int, d time.Duration) {
	one := f.nodes[n]
	one.frozen = f.now + d
	for _, i := range sorted(one.sending) {
		f.stop(one, i)
		one.watched[i] = true
	}
}

// drain has a node give away what it holds, or take again.
func (f *fleet) drain(n int, draining bool) {
	one := f.nodes[n]
	one.draining = draining
	f.send(one, func() func() {
		if f.members[n].lease != 0 {
			f.revision++
			f.members[n].Draining, f.stale = draining, true
		}
		return nil
	})
}

// check fails unless each pipeline is sent by its holder alone, and by no node that
// another must stand in for.
func (f *fleet) check() {
	f.t.Helper()
	for i, p := range f.pipelines {
		if len(p.senders) != 1 || f.nodes[p.senders[0].node].id != p.last().hold.Node || p.last().hold.Next != "" {
			f.t.Fatalf("seed %d at %v: %v is held as %+v, placed on %d, sent by %+v", f.seed, f.now, p.Key, p.last().hold, f.places[i], p.senders)
		}
		if twin := f.pipelines[i^1]; twin.senders[0].node == p.senders[0].node {
			f.t.Fatalf("seed %d at %v: both pipelines of %v are on one node", f.seed, f.now, p.Key)
		}
	}
}

// loads returns the least and the greatest load of the nodes, in parts of the mean.
func (f *fleet) loads() (least, most float64) {
	load := make([]media.BitRate, len(f.nodes))
	var rates, nodes media.BitRate
	for _, p := range f.pipelines {
		rates += p.Rate
		load[number(p.last().hold.Node)] += p.Rate
	}
	for n := range f.nodes {
		if !f.nodes[n].dead && !f.nodes[n].draining {
			nodes++
		}
	}
	least = 100
	for n, one := range load {
		if part := float64(one*nodes) / float64(rates); !f.nodes[n].dead && !f.nodes[n].draining {
			least, most = min(least, part), max(most, part)
		}
	}
	return least, most
}

// seeds returns the first few, or those of LILO_SIM_SEEDS.
func seeds(t *testing.T, count uint64) iter.Seq[uint64] {
	t.Helper()
	first, last := uint64(1), count
	if text := os.Getenv("LILO_SIM_SEEDS"); text != "" {
		if _, err := fmt.Sscanf(text, "%d-%d", &first, &last); err != nil {
			t.Fatalf("LILO_SIM_SEEDS=%s: %v: write 1-1000", text, err)
		}
	}
	return func(yield func(uint64) bool) {
		for seed := first; seed <= last && yield(seed); seed++ {
		}
	}
}
