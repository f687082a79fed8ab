package supervisor

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/sleep"
	"github.com/lilo-live/lilo/internal/server/store"
)

// Playback is a pipeline that plays. [player.Channel] implements it.
type Playback interface {
	Snapshot() player.Snapshot
	SetSchedule(ctx context.Context, s channel.Schedule) error
	SetWindow(w player.Window)
	HLS() http.Handler
	Stop()
	Done() <-chan struct{}
	Err() error
}

// Options configures a Supervisor.
type Options struct {
	Log *slog.Logger
	// Play starts a pipeline, as [player.Player.Start] does. It returns when the
	// first datagram is about to leave.
	Play func(ctx context.Context, c player.Config) (Playback, error)
	// Store keeps which channels are being started; nil keeps nothing.
	Store store.Store
	// Emit, if not nil, receives events about channels. It must not block.
	Emit func(kind string, d event.Detail)
	// Pacing overrides that of all channels, unless it is 0.
	Pacing time.Duration
	// Shared says that other nodes play channels too: this one does what SetDuty tells it.
	Shared bool
	// Leads reports whether this node, of those that share, does the work of a channel's
	// transient states; nil means it does.
	Leads func(id string) bool
	// Elsewhere, if not nil, asks the node that has a pipeline to restart it. It must not block.
	Elsewhere func(key placement.Key)
	// Changed, if not nil, is called when what Demands, Opened or Report return may have
	// changed. It must not block.
	Changed func()
	// Delays slow changes of state down, as they are on MediaLive.
	Delays Delays
}

// Player returns the Play of Options that starts pipelines with p.
func Player(p *player.Player) func(context.Context, player.Config) (Playback, error) {
	return func(ctx context.Context, c player.Config) (Playback, error) {
		b, err := p.Start(ctx, c)
		if err != nil {
			return nil, err // A nil *player.Channel would not be a nil Playback.
		}
		return b, nil
	}
}

// Delays are the least times that a channel stays in a state.
type Delays struct {
	Creating, Starting, Stopping, Updating, Deleting time.Duration
}

// Supervisor runs channels. Any goroutine may call its methods.
type Supervisor struct {
	o       Options
	records *record.Cache
	news    chan struct{} // filled when there are pending channels
	alerts  atomic.Int64  // alerts that were ever set
	guard   fault.Guard
	starts  *starts // set by Run

	mu       sync.Mutex
	channels map[string]*runtime
	faults   map[string]Fault // to come, by channel
	pending  []*runtime       // without a goroutine yet
	duties   map[placement.Key]Duty
	reports  map[placement.Key]Report // of other nodes
}

// New returns a supervisor of the channels in records. Nothing plays before Run.
func New(records *record.Cache, o Options) *Supervisor {
	o.Log = cmp.Or(o.Log, slog.Default())
	if o.Leads == nil {
		o.Leads = func(string) bool { return true }
	}
	if o.Emit == nil {
		o.Emit = func(string, event.Detail) {}
	}
	s := &Supervisor{o: o, guard: fault.Guard{Log: o.Log}, records: records, news: make(chan struct{}, 1), channels: map[string]*runtime{}, faults: map[string]Fault{}, duties: map[placement.Key]Duty{}}
	records.OnChange(s.changed)
	for _, r := range records.Channels.List() {
		s.changed(*r.Doc.Id)
	}
	return s
}

// changed wakes the goroutine of a channel whose record was replaced, and makes a new
// channel pending.
func (s *Supervisor) changed(id string) {
	defer s.changedHere()
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[id]; c != nil {
		signal(c.wake)
		return
	}
	if r := s.records.Channels.Find(id); r != nil {
		c := newRuntime(s, r)
		s.channels[id] = c
		s.pending = append(s.pending, c)
		signal(s.news)
	}
}

// signal fills a channel of capacity 1.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run runs the channels until ctx is done. Then it stops their pipelines, but keeps
// their states, from which the next process continues. Call it once.
func (s *Supervisor) Run(ctx context.Context) error {
	s.starts = newStarts(ctx, s.o.Store, s.records, s.o.Log)
	var all sync.WaitGroup
	defer func() {
		all.Wait()
		s.starts.close(context.WithoutCancel(ctx), s.starting())
	}()
	all.Go(func() { s.monitor(ctx) })
	all.Go(func() { s.starts.run(ctx) })
	for {
		for _, c := range s.takePending() {
			all.Go(func() { c.runGuarded(ctx) })
		}
		select {
		case <-s.news:
		case <-ctx.Done():
			return nil
		}
	}
}

// starting returns the channels whose state is STARTING.
func (s *Supervisor) starting() (all []string) {
	for _, r := range s.records.Channels.List() {
		if r.State() == types.ChannelStateStarting {
			all = append(all, *r.Doc.Id)
		}
	}
	return all
}

func (s *Supervisor) takePending() (all []*runtime) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, s.pending = s.pending, nil
	return all
}

func (s *Supervisor) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.channels, id)
}

func (s *Supervisor) channel(id string) *runtime {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.channels[id]
}

// Pipeline is a pipeline of a channel, playing or not.
type Pipeline struct {
	// Spec is what it plays; its epoch is zero before the first start.
	Spec channel.Spec
	// Playback is nil while it does not play.
	Playback Playback

	addresses []string // that it sends to
}

// Pipelines returns the pipelines of a channel: one or two, none of a channel that
// cannot be played.
func (s *Supervisor) Pipelines(id string) []Pipeline {
	if c := s.channel(id); c != nil {
		return c.snapshot()
	}
	return nil
}

// Running returns how many pipelines of a channel play.
func (s *Supervisor) Running(id string) int {
	if c := s.channel(id); c != nil {
		return c.running()
	}
	return 0
}

// Recovering reports whether a pipeline of a channel keeps failing. Its alert says why,
// and when it is tried again.
func (s *Supervisor) Recovering(id string) bool {
	c := s.channel(id)
	return c != nil && c.recovering()
}

// Alerts returns a channel's alerts of a state, all for "", in the order in which
// they were set.
func (s *Supervisor) Alerts(id string, state types.ChannelAlertState) []types.ChannelAlert {
	c := s.channel(id)
	if c == nil {
		return nil
	}
	all := c.alerts.list(state)
	for i := range maxPipelines {
		for _, a := range s.report(placement.Key{Channel: id, Pipeline: i}).Alerts {
			same := func(b types.ChannelAlert) bool {
				return *a.PipelineId == *b.PipelineId && *a.AlertType == *b.AlertType && *a.Message == *b.Message
			}
			if state != types.ChannelAlertStateCleared && !slices.ContainsFunc(all, same) {
				all = append(all, a)
			}
		}
	}
	return all
}

// Restart restarts the matching pipelines of a channel in the same stream, here or at the nodes
// that have them.
func (s *Supervisor) Restart(id string, match func(index int) bool) {
	c := s.channel(id)
	if c == nil {
		return
	}
	for i := range maxPipelines {
		key := placement.Key{Channel: id, Pipeline: i}
		switch {
		case !match(i):
		case s.duty(key).Open:
			s.RestartHere(key)
		case s.o.Elsewhere != nil:
			s.o.Elsewhere(key)
		}
	}
}

// RestartHere restarts a pipeline that plays here in the same stream.
func (s *Supervisor) RestartHere(key placement.Key) {
	if c := s.channel(key.Channel); c != nil && s.duty(key).Open {
		c.restart(func(index int) bool { return index == key.Pipeline })
	}
}

// monitorEvery is how often the alerts of playing pipelines are updated.
const monitorEvery = 2 * time.Second

// monitor updates the alerts of playing pipelines until ctx is done.
func (s *Supervisor) monitor(ctx context.Context) {
	for sleep.For(ctx, monitorEvery) {
		s.mu.Lock()
		all := slices.Collect(maps.Values(s.channels))
		s.mu.Unlock()
		for _, c := range all {
			for i, p := range c.snapshot() {
				if p.Playback != nil {
					_ = s.guard.Do("inspecting channel "+c.id, func() error { // Reported by the guard.
						c.inspect(i, p.Playback.Snapshot())
						return nil
					})
				}
			}
		}
		inspectAddresses(all)
	}
}
