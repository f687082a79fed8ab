package fleet

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/holding"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// callers is how many changes are made at a time.
const callers = 16

// decide does what is to be done after each change, until ctx is done.
func (f *Fleet) decide(ctx context.Context, s Supervisor) {
	var next <-chan time.Time
	for {
		select {
		case <-f.news:
			sleep.For(ctx, gather)
		case <-next:
		case <-ctx.Done():
			return
		}
		changes, at := f.plan(s)
		failed := f.make(ctx, changes)
		f.report(ctx, s)
		next = nil
		switch {
		case failed:
			next = time.After(again)
		case !at.IsZero():
			next = time.After(max(gather, at.Sub(f.o.Now())))
		}
	}
}

// change is a hold to write, or to delete if it is zero, if its key has not changed since.
type change struct {
	key   placement.Key
	hold  holding.Hold
	since etcd.Revision
}

// plan tells the supervisor what this node does, and returns the changes to make and when to
// plan again at the latest.
func (f *Fleet) plan(s Supervisor) (changes []change, next time.Time) {
	demands := s.Demands()
	f.mu.Lock()
	defer f.mu.Unlock()
	self, now := f.o.Node.ID, f.o.Now()
	if f.lease == 0 && f.fence.Until() == 0 {
		return nil, next // It has never been part of the fleet.
	}
	wanted := f.place(s, demands)
	keys := maps.Clone(wanted)
	for key, h := range f.view.holds {
		if h.Node == self || h.Before == self || h.Next == self {
			keys[key] = keys[key] || false
		}
	}
	for key := range f.given {
		keys[key] = keys[key] || false
	}
	fence := f.fenceAt()
	for key, want := range keys {
		h := f.view.holds[key]
		d := holding.Decide(self, holding.View{
			Hold: h.Hold, Renewed: h.lease == f.lease, Wanted: want, Place: f.view.places[key], Opened: s.Opened(key), Now: now,
		}, notice)
		f.give(s, key, dutyOf(d, fence))
		if d.Change && f.lease != 0 {
			changes = append(changes, change{key, d.Hold, h.changed})
		}
		for _, at := range []time.Time{h.From, h.From.Add(notice)} {
			if at.After(now) && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return changes, next
}

// place computes where pipelines go, and returns those that are wanted. The caller holds mu.
func (f *Fleet) place(s Supervisor, demands []placement.Pipeline) map[placement.Key]bool {
	wanted, unplaced := map[placement.Key]bool{}, map[placement.Key]string{}
	for i, d := range demands {
		demands[i].Holder = f.view.holds[d.Key].Node
		wanted[d.Key] = true
	}
	f.view.places = map[placement.Key]string{}
	f.placedDraining = f.view.nodes[f.o.Node.ID].Draining
	for i, p := range placement.Assign(f.view.placed(), demands) {
		f.view.places[demands[i].Key] = p.Node
		if p.Node == "" {
			unplaced[demands[i].Key] = p.Reason
		}
	}
	s.SetUnplaced(unplaced)
	return wanted
}

// fenceAt returns the instant from which this node sends nothing: it is zero where no other
// node could have taken over. The caller holds mu.
func (f *Fleet) fenceAt() time.Time {
	if _, ok := f.view.nodes[f.o.Node.ID]; ok && len(f.view.nodes) == 1 || len(f.view.nodes) == 0 {
		return time.Time{}
	}
	return f.begin.Add(f.fence.Until())
}

// dutyOf returns what the supervisor is to do by a decision.
func dutyOf(d holding.Decision, fence time.Time) supervisor.Duty {
	if !d.Open {
		return supervisor.Duty{}
	}
	w := player.Nothing()
	if d.Send {
		w = player.Window{From: d.From, Until: d.Until}
		if !fence.IsZero() && (w.Until.IsZero() || fence.Before(w.Until)) {
			w.Until = fence
		}
	}
	return supervisor.Duty{Open: true, Window: w}
}

// give sets a duty. The caller holds mu.
func (f *Fleet) give(s Supervisor, key placement.Key, d supervisor.Duty) {
	if f.given[key] == d {
		return
	}
	if f.given[key] = d; d == (supervisor.Duty{}) {
		delete(f.given, key)
	}
	s.SetDuty(key, d)
}

// make makes changes, and reports whether any could not be made for now. One that another
// node was faster with is none of them: the view tells of it.
func (f *Fleet) make(ctx context.Context, all []change) (failed bool) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Lease)
	defer cancel()
	var running sync.WaitGroup
	var mu sync.Mutex
	turns := make(chan struct{}, callers)
	for _, c := range all {
		turns <- struct{}{}
		running.Go(func() {
			defer func() { <-turns }()
			if err := f.makeOne(ctx, c); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = true
			}
		})
	}
	running.Wait()
	return failed
}

func (f *Fleet) makeOne(ctx context.Context, c change) error {
	f.mu.Lock()
	lease := f.lease
	f.mu.Unlock()
	name := string(f.key("holds/" + nameOf(c.key)))
	t := etcd.Txn{If: []etcd.Condition{etcd.ChangedAt(name, c.since)}}
	if c.hold == (holding.Hold{}) {
		t.Delete = []etcd.Span{etcd.One(name)}
	} else {
		value, err := json.Marshal(c.hold)
		if err != nil {
			return err
		}
		t.Put = []etcd.Put{{Key: []byte(name), Value: value, Lease: lease}}
	}
	out, err := f.o.Client.Commit(ctx, t)
	if err != nil || !out.Done {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.view.holds[c.key]; h.seen <= out.Revision {
		n := held{Hold: c.hold, seen: out.Revision}
		if c.hold != (holding.Hold{}) {
			n.changed, n.lease = out.Revision, lease
		}
		f.view.setHold(c.key, n)
	}
	f.Changed()
	return nil
}

// report tells other nodes of the pipelines that this one has, and the supervisor of theirs.
func (f *Fleet) report(ctx context.Context, s Supervisor) {
	f.mu.Lock()
	self, lease := f.o.Node.ID, f.lease
	theirs, texts := map[placement.Key][]byte{}, map[placement.Key]string{}
	for key, h := range f.view.holds {
		if data := f.view.reports[key][h.Node]; h.Node != self && data != nil {
			theirs[key] = data
		}
	}
	for key := range f.given {
		if text := string(s.Report(key)); f.reported[key] != text {
			texts[key] = text
		}
	}
	var gone []placement.Key
	for key := range f.reported {
		if _, ok := f.given[key]; !ok {
			gone = append(gone, key)
		}
	}
	f.mu.Unlock()
	s.SetReports(theirs)
	if lease == 0 {
		return
	}
	const most = 60
	for part := range slices.Chunk(slices.Collect(maps.Keys(texts)), most) {
		f.tell(ctx, part, texts, lease)
	}
	for part := range slices.Chunk(gone, most) {
		f.tell(ctx, part, nil, lease)
	}
}

// tell writes the reports of some pipelines, or removes those that have no text.
func (f *Fleet) tell(ctx context.Context, keys []placement.Key, texts map[placement.Key]string, lease etcd.LeaseID) {
	var t etcd.Txn
	for _, key := range keys {
		name := f.key("reports/" + nameOf(key) + "/" + f.o.Node.ID)
		if text, ok := texts[key]; ok {
			t.Put = append(t.Put, etcd.Put{Key: name, Value: []byte(text), Lease: lease})
		} else {
			t.Delete = append(t.Delete, etcd.One(string(name)))
		}
	}
	if !f.commit(ctx, t) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		if text, ok := texts[key]; ok {
			f.reported[key] = text
		} else {
			delete(f.reported, key)
		}
	}
}

// commit makes a transaction that is made again after the next change if it fails.
func (f *Fleet) commit(ctx context.Context, t etcd.Txn) bool {
	ctx, cancel := context.WithTimeout(ctx, f.o.Lease)
	defer cancel()
	out, err := f.o.Client.Commit(ctx, t)
	return err == nil && out.Done
}
