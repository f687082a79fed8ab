package fleet

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/clocksync"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
)

const (
	// clockEvery is how often a node compares its clock, and clockEach what each node adds to
	// that, so that etcd has as much to do in a large fleet.
	clockEvery = 5 * time.Second
	clockEach  = 250 * time.Millisecond
	// neighbours is with how many nodes on either side, in the order of their names, a node
	// compares its clock.
	neighbours = 4
)

// reading is what a node tells the others of its clock: the questions and answers of
// [clocksync.Exchange] go through etcd.
type reading struct {
	// At is when the node wrote it, by the clock that it sends by.
	At time.Time `json:"at"`
	// Seen has the readings of others that this one answers.
	Seen map[string]seen `json:"seen,omitempty"`
	// Synchronized says that the clock has a reference.
	Synchronized bool `json:"synchronized,omitempty"`
}

// seen is a reading that has arrived: when it was sent, and when it arrived by the clock of
// who saw it.
type seen struct {
	Sent    time.Time `json:"sent"`
	Arrived time.Time `json:"arrived"`
}

// Clock is what a node knows of its clock.
type Clock struct {
	clocksync.State
	// Wrong is why the node takes over nothing, in words that follow "the clock ", or empty.
	Wrong string
	// Peers are the clocks of others.
	Peers map[string]clocksync.Peer
}

// Clock returns what this node knows of its clock.
func (f *Fleet) Clock() Clock {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.clock
	c.Peers = maps.Clone(f.clock.Peers)
	return c
}

// hear takes the readings among changes of keys.
func (f *Fleet) hear(events []etcd.Event) {
	now := f.o.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range events {
		id, is := strings.CutPrefix(string(e.Key.Key), f.prefix+"clocks/")
		if !is || id == f.o.Node.ID {
			continue
		}
		var r reading
		if e.Deleted() || json.Unmarshal(e.Key.Value, &r) != nil {
			delete(f.heard, id)
			delete(f.clock.Peers, id)
			continue
		}
		f.heard[id] = seen{r.At, now}
		if mine, ok := r.Seen[f.o.Node.ID]; ok {
			p := clocksync.Exchange(mine.Sent, mine.Arrived, r.At, now)
			p.Synchronized = r.Synchronized
			f.clock.Peers[id] = p
		}
	}
}

// watchClock compares this node's clock with its reference and with others, until ctx is
// done. While it is wrong, the node takes over nothing.
func (f *Fleet) watchClock(ctx context.Context, s Supervisor) {
	for {
		state := clocksync.Read(ctx)
		// Channels are sent by a clock that does not follow the wall clock when that is set.
		state.Offset += f.o.Wall().Sub(f.o.Now()).Abs()
		if changed := f.judge(state); changed != "" {
			f.o.Log.Warn("the clock "+changed+": this node takes over nothing until it is right", "node", f.o.Node.ID)
		}
		s.SetClock(f.Clock().Wrong)
		f.tellClock(ctx)
		f.mu.Lock()
		wait := max(clockEvery, time.Duration(len(f.view.nodes))*clockEach)
		f.mu.Unlock()
		if !sleep.For(ctx, wait) {
			return
		}
	}
}

// judge keeps what is known of the clock, and returns what is wrong with it if it was right.
func (f *Fleet) judge(state clocksync.State) (newly string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.clock.Wrong
	f.clock.State = state
	f.clock.Wrong = clocksync.Judge(state, slices.Collect(maps.Values(f.clock.Peers)), f.o.ClockTolerance)
	if was == "" {
		return f.clock.Wrong
	}
	return ""
}

// tellClock writes this node's reading, and its key again where what that says of the clock
// has changed.
func (f *Fleet) tellClock(ctx context.Context) {
	f.mu.Lock()
	lease, told := f.lease, f.toldClock == f.clock.Wrong
	f.mu.Unlock()
	if lease == 0 {
		return
	}
	f.commit(ctx, etcd.Txn{Put: []etcd.Put{{Key: f.key("clocks/" + f.o.Node.ID), Value: f.reading(), Lease: lease}}})
	if !told {
		_ = f.register(ctx) // Where it fails, the node registers again with its next lease.
	}
}

// reading returns this node's reading, in JSON.
func (f *Fleet) reading() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := reading{At: f.o.Now(), Seen: map[string]seen{}, Synchronized: f.clock.Synchronized}
	for _, id := range near(f.o.Node.ID, slices.Sorted(maps.Keys(f.heard))) {
		r.Seen[id] = f.heard[id]
	}
	value, err := json.Marshal(r)
	if err != nil {
		return nil // It cannot fail.
	}
	return value
}

// near returns the neighbours of a node among others, whose names are sorted.
func near(self string, others []string) []string {
	if len(others) <= 2*neighbours {
		return others
	}
	at, _ := slices.BinarySearch(others, self)
	some := make([]string, 0, 2*neighbours)
	for i := -neighbours; i < neighbours; i++ {
		some = append(some, others[(at+i+len(others))%len(others)])
	}
	return some
}
