package fleet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"hash/fnv"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/clocksync"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/server/holding"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

const (
	// overlap is how long a node sends on after its lease may have been dropped: etcd looks for
	// leases to drop twice a second, and the next node needs a moment.
	overlap = time.Second
	// notice is how long before its instant a hand-over is agreed on.
	notice = time.Second
	// gather is how long changes wait for others, so that they are looked at together.
	gather = 10 * time.Millisecond
	// again is how long a node waits before it tries again what failed.
	again = 100 * time.Millisecond
)

// Node is what the others are told of a node.
type Node struct {
	placement.Node
	// Address is the URL at which the node answers.
	Address string
	// Certificate is the SHA-256 of its certificate, empty without TLS.
	Certificate string
	// Run names the process: of two with one ID, the later one is the node.
	Run string
	// Version is that of the program, Since when the process began.
	Version string
	Since   time.Time
}

// Options configures a Fleet.
type Options struct {
	// Client calls the etcd.
	Client *etcd.Client
	// Node is this node.
	Node Node
	// Certificate returns the SHA-256 of the certificate that this node has now, empty without TLS.
	Certificate func() string
	// Lease is how long this node may be silent before others take over.
	Lease time.Duration
	// Now is the clock by which channels are sent. It does not step.
	Now func() time.Time
	// Wall is the wall clock.
	Wall func() time.Time
	// ClockTolerance is by how much this node's clock may be wrong when it takes over: what
	// receivers' buffers take.
	ClockTolerance time.Duration
	Log            *slog.Logger
}

// Supervisor is what a fleet uses of a [supervisor.Supervisor].
type Supervisor interface {
	Demands() []placement.Pipeline
	Opened(key placement.Key) bool
	SetDuty(key placement.Key, d supervisor.Duty)
	Report(key placement.Key) []byte
	SetReports(all map[placement.Key][]byte)
	SetUnplaced(all map[placement.Key]string)
	SetClock(wrong string)
	RestartHere(key placement.Key)
}

// Fleet is this node among others. Any goroutine may call its methods.
type Fleet struct {
	o      Options
	prefix string        // of all keys
	begin  time.Time     // what the fence counts from
	news   chan struct{} // filled when there is something to decide

	mu       sync.Mutex
	view     view
	fence    holding.Fence
	lease    etcd.LeaseID
	unseen   bool // that the node has not seen what was done before its lease began
	draining bool
	// placedDraining says that placement was computed last with this node as draining.
	placedDraining bool
	shown          string                            // the certificate that the others know
	given          map[placement.Key]supervisor.Duty // that are not zero
	reported       map[placement.Key]string

	clock     Clock
	toldClock string          // what the others know to be wrong with the clock
	heard     map[string]seen // readings of other nodes' clocks
}

// New returns a fleet that does nothing before Run.
func New(o Options) *Fleet {
	o.Node.Run, o.Node.Since = rand.Text(), o.Now().UTC()
	prefix := o.Client.Location().Prefix + "fleet/"
	return &Fleet{
		o: o, prefix: prefix, begin: o.Now(), news: make(chan struct{}, 1), view: newView(prefix), fence: holding.Fence{Lease: o.Lease, Overlap: overlap},
		given: map[placement.Key]supervisor.Duty{}, reported: map[placement.Key]string{},
		clock: Clock{Peers: map[string]clocksync.Peer{}}, heard: map[string]seen{},
	}
}

// Changed tells that what the supervisor returns may have changed.
func (f *Fleet) Changed() {
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// Leads reports whether this node, of all, does the work of a channel's transient states.
func (f *Fleet) Leads(channel string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	first, highest := "", uint64(0)
	for id := range f.view.nodes {
		h := fnv.New64a()
		h.Write([]byte(channel + "\x00" + id))
		if n := h.Sum64(); n >= highest {
			first, highest = id, n
		}
	}
	return first == "" || first == f.o.Node.ID
}

// Holder returns the node that holds a pipeline.
func (f *Fleet) Holder(key placement.Key) (Node, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, ok := f.view.nodes[f.view.holds[key].Node]
	return n, ok
}

// Secret returns what nodes show to each other, empty before this one knows it.
func (f *Fleet) Secret() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.view.secret
}

// Self returns the ID of this node.
func (f *Fleet) Self() string { return f.o.Node.ID }

// Run takes part until ctx is done. It then gives back the lease, so that others take over what
// this node still holds. An error says that another process has the name of this node.
func (f *Fleet) Run(ctx context.Context, s Supervisor) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var all sync.WaitGroup
	all.Go(func() { f.stayAlive(ctx) })
	all.Go(func() { f.follow(ctx, fail, s) })
	all.Go(func() { f.decide(ctx, s) })
	all.Go(func() { f.watchClock(ctx, s) })
	all.Wait()
	f.leave(context.WithoutCancel(ctx))
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// stayAlive keeps a lease, and registers this node under each new one.
func (f *Fleet) stayAlive(ctx context.Context) {
	var told string
	for ctx.Err() == nil {
		err := f.renew(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			told = ""
			sleep.For(ctx, f.o.Lease/4)
		case errors.Is(err, etcd.ErrNoLease):
			f.o.Log.Warn("this node was silent for longer than its lease: other nodes have taken over", "node", f.o.Node.ID)
			f.setLease(0)
		default:
			if told != err.Error() {
				told = err.Error()
				f.o.Log.Warn("this node cannot renew its lease; trying again", "node", f.o.Node.ID, "error", err)
			}
			sleep.For(ctx, again)
		}
	}
}

// renew renews the lease, or gets one and registers the node.
func (f *Fleet) renew(ctx context.Context) error {
	f.mu.Lock()
	id := f.lease
	f.mu.Unlock()
	asked := f.o.Now().Sub(f.begin)
	if id != 0 {
		// A member that does not answer costs a part of the lease only.
		soon, cancel := context.WithTimeout(ctx, f.o.Lease/4)
		defer cancel()
		if err := f.o.Client.KeepAlive(soon, id); err != nil {
			return err
		}
		if err := f.confirm(ctx, asked); err != nil {
			return err
		}
		f.mu.Lock()
		shown := f.shown
		f.mu.Unlock()
		if f.o.Certificate() != shown {
			return f.register(ctx)
		}
		return nil
	}
	id, granted, err := f.o.Client.Grant(ctx, f.o.Lease)
	if err != nil {
		return err
	}
	f.mu.Lock()
	if granted > f.fence.Lease {
		f.o.Log.Warn("etcd gives leases no shorter than three halves of its --election-timeout: a node that dies is replaced later than asked", "lease", granted, "asked", f.o.Lease)
	}
	f.fence.Lease = granted
	f.mu.Unlock()
	f.setLease(id)
	secret := string(f.key("secret"))
	_, err = f.o.Client.Commit(ctx, etcd.Txn{
		If: []etcd.Condition{etcd.ChangedAt(secret, 0)}, Put: []etcd.Put{{Key: []byte(secret), Value: []byte(rand.Text())}},
	})
	if err != nil {
		f.setLease(0)
		return err
	}
	if err := f.register(ctx); err != nil {
		return err
	}
	return f.confirm(ctx, asked)
}

func (f *Fleet) setLease(id etcd.LeaseID) {
	f.mu.Lock()
	f.lease, f.unseen = id, true
	clear(f.reported)
	f.mu.Unlock()
}

// errBlind says that a node has a lease, but does not see what others do.
var errBlind = errors.New("etcd answers, but tells of no changes")

// confirm renews the fence, as [holding.Fence.Renew] wants it: once the node has seen what others
// may have done to its holds. That is only to those that it offers, or, before its lease began, to
// all. To see all changes so far, it makes one and waits until it sees that.
func (f *Fleet) confirm(ctx context.Context, asked time.Duration) error {
	f.mu.Lock()
	must, lease := f.unseen || f.offers(), f.lease
	f.mu.Unlock()
	if must {
		ctx, cancel := context.WithTimeout(ctx, f.o.Lease/2)
		defer cancel()
		out, err := f.o.Client.Commit(ctx, etcd.Txn{Put: []etcd.Put{{Key: f.key("seen/" + f.o.Node.ID), Value: []byte{}, Lease: lease}}})
		if err != nil {
			return err
		}
		if !f.sees(ctx, out.Revision) {
			f.o.Client.Avoid() // Another member may tell.
			return errBlind
		}
	}
	f.renewed(asked)
	return nil
}

// offers reports whether this node offers anything to others. The caller holds mu.
func (f *Fleet) offers() bool {
	for _, h := range f.view.holds {
		if h.Node == f.o.Node.ID && h.Next != "" {
			return true
		}
	}
	return false
}

// sees waits until the node has seen a revision, or returns false when ctx is done first.
func (f *Fleet) sees(ctx context.Context, r etcd.Revision) bool {
	for {
		f.mu.Lock()
		if f.view.at >= r {
			f.unseen = false
			f.mu.Unlock()
			return true
		}
		f.mu.Unlock()
		if !sleep.For(ctx, gather) {
			return false
		}
	}
}

func (f *Fleet) renewed(asked time.Duration) {
	f.mu.Lock()
	f.fence.Renew(asked)
	f.mu.Unlock()
	f.Changed()
}

// register writes the key of this node.
func (f *Fleet) register(ctx context.Context) error {
	f.mu.Lock()
	n, lease := f.o.Node, f.lease
	n.Draining = f.draining
	n.Certificate = f.o.Certificate()
	f.shown = n.Certificate
	if f.toldClock = f.clock.Wrong; f.toldClock != "" {
		n.Refuses = "has a clock that " + f.toldClock
	}
	f.mu.Unlock()
	value, err := json.Marshal(n)
	if err != nil {
		return err
	}
	_, err = f.o.Client.Commit(ctx, etcd.Txn{Put: []etcd.Put{{Key: f.key("nodes/" + n.ID), Value: value, Lease: lease}}})
	if err != nil {
		f.setLease(0)
	}
	return err
}

// key returns a key of the fleet.
func (f *Fleet) key(name string) []byte { return []byte(f.prefix + name) }

// Restart asks the node that holds a pipeline to restart it. Nobody may be there to do so.
func (f *Fleet) Restart(key placement.Key) {
	f.mu.Lock()
	lease := f.lease
	f.mu.Unlock()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), etcd.Attempt)
		defer cancel()
		t := etcd.Txn{Put: []etcd.Put{{Key: f.key("restarts/" + nameOf(key)), Value: []byte(rand.Text()), Lease: lease}}}
		if _, err := f.o.Client.Commit(ctx, t); err != nil {
			f.o.Log.Warn("another node could not be asked to restart a pipeline", "channel", key.Channel, "pipeline", key.Pipeline, "error", err)
		}
	}()
}

// asked restarts the pipelines of this node that others ask to restart.
func (f *Fleet) asked(s Supervisor, events []etcd.Event) {
	for _, e := range events {
		name, is := strings.CutPrefix(string(e.Key.Key), string(f.key("restarts/")))
		if key, _, ok := keyOf(name); is && ok && !e.Deleted() {
			s.RestartHere(key)
		}
	}
}

// Drain gives away what this node holds, and returns once it has, when nobody else can take
// what is left, or when ctx is done.
func (f *Fleet) Drain(ctx context.Context) {
	f.mu.Lock()
	f.draining = true
	f.mu.Unlock()
	for f.register(ctx) != nil {
		if !sleep.For(ctx, again) {
			return
		}
	}
	for !f.drained() && sleep.For(ctx, again) {
	}
}

// drained reports whether this node has given away all that another can take.
func (f *Fleet) drained() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	self := f.o.Node.ID
	if !f.placedDraining {
		return false
	}
	for key, h := range f.view.holds {
		leaves := h.Node == self && f.view.places[key] != "" && f.view.places[key] != self
		if leaves || h.Before == self && f.o.Now().Before(h.From.Add(notice)) {
			return false
		}
	}
	return true
}

// leave gives back the lease.
func (f *Fleet) leave(ctx context.Context) {
	f.mu.Lock()
	id := f.lease
	f.mu.Unlock()
	if id == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, etcd.Attempt)
	defer cancel()
	if err := f.o.Client.Revoke(ctx, id); err != nil {
		f.o.Log.Warn("the lease could not be given back: others take over when it ends", "error", err)
	}
}

// errReplaced reports that another process has the name of this node.
func (f *Fleet) errReplaced() error {
	return fault.New(fault.Usage, "another server has registered as node %q: give each server a --node of its own", f.o.Node.ID)
}
