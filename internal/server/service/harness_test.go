package service

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/medialive/medialivetest"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/store"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// fakePlayer plays nothing and remembers what it was to play.
type fakePlayer struct {
	mu      sync.Mutex
	err     error // what Play returns
	panics  bool  // instead
	started []player.Config
	on      map[string]*fakePlayback
}

func (p *fakePlayer) Play(_ context.Context, c player.Config) (supervisor.Playback, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.panics {
		panic("a test")
	}
	if p.err != nil {
		return nil, p.err
	}
	p.started = append(p.started, c)
	p.on[c.Key] = &fakePlayback{player: p, config: c, done: make(chan struct{})}
	return p.on[c.Key], nil
}

func (p *fakePlayer) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

// playing returns the keys of what plays.
func (p *fakePlayer) playing() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.on))
}

func (p *fakePlayer) last() player.Config {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started[len(p.started)-1]
}

func (p *fakePlayer) playback(key string) *fakePlayback {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.on[key]
}

// fakePlayback is a Playback.
type fakePlayback struct {
	player   *fakePlayer
	config   player.Config
	mu       sync.Mutex
	schedule []channel.Schedule
	snapshot player.Snapshot
	once     sync.Once
	done     chan struct{}
	err      error
}

func (b *fakePlayback) Snapshot() player.Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.snapshot
}
func (b *fakePlayback) HLS() http.Handler       { return http.NotFoundHandler() }
func (b *fakePlayback) Done() <-chan struct{}   { return b.done }
func (b *fakePlayback) Err() error              { <-b.done; return b.err }
func (b *fakePlayback) Stop()                   { b.end(nil) }
func (b *fakePlayback) SetWindow(player.Window) {}

func (b *fakePlayback) SetSchedule(_ context.Context, n channel.Schedule) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.schedule = append(b.schedule, n)
	return nil
}

func (b *fakePlayback) end(err error) {
	b.once.Do(func() {
		b.err = err
		b.player.mu.Lock()
		if b.player.on[b.config.Key] == b {
			delete(b.player.on, b.config.Key)
		}
		b.player.mu.Unlock()
		close(b.done)
	})
}

func (b *fakePlayback) schedules() []channel.Schedule {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.schedule)
}

// emitted is what was emitted.
type emitted struct {
	mu     sync.Mutex
	events []event.Detail
}

func (e *emitted) emit(_ string, d event.Detail) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, d)
}

// states returns the states that were emitted, with the pipelines.
func (e *emitted) states() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, d := range e.events {
		if d.State != "" {
			all = append(all, d.State+d.Pipeline)
		}
	}
	return all
}

// alerts returns what was emitted of an alert's type: SET, CLEARED.
func (e *emitted) alerts(kind string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, d := range e.events {
		if d.AlertType == kind {
			all = append(all, d.AlarmState)
		}
	}
	return all
}

// faultyStore can be told to refuse every change, as a full disk does.
type faultyStore struct {
	store.Store
	full atomic.Bool
}

func (s *faultyStore) Commit(ctx context.Context, x store.Txn) (store.Revision, error) {
	if s.full.Load() {
		return 0, errors.New("no space left on device")
	}
	return s.Store.Commit(ctx, x)
}

// server is a service with a supervisor that runs.
type server struct {
	*Service
	store   *faultyStore
	records *record.Cache
	player  *fakePlayer
	emitted *emitted
	dir     string
	stop    func()
}

// options configure a server.
type options struct {
	Options
	now    func() time.Time
	delays supervisor.Delays
}

// open opens a server on dir and runs it until the test ends or stop is called.
func open(t *testing.T, dir string, set ...func(*options)) *server {
	t.Helper()
	g := &server{player: &fakePlayer{on: map[string]*fakePlayback{}}, emitted: &emitted{}, dir: dir}
	id := 1000000
	o := options{Options: Options{
		Account: "123456789012", Region: "eu-west-1", Sources: SourcePolicy{Folders: []string{"/media"}}, Emit: g.emitted.emit,
		NewID: func() string { id++; return strconv.Itoa(id) },
	}}
	for _, one := range set {
		one(&o)
	}
	file, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	g.store = &faultyStore{Store: file}
	log := slog.New(slog.DiscardHandler)
	if g.records, err = record.Open(t.Context(), g.store, record.Options{Log: log, Now: o.now}); err != nil {
		t.Fatal(err)
	}
	s := supervisor.New(g.records, supervisor.Options{Log: log, Play: g.player.Play, Emit: g.emitted.emit, Delays: o.delays})
	g.Service = New(g.records, s, o.Options)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{g.records.Run, s.Run} {
		running.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	g.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(g.stop)
	return g
}

// input makes an input of files and returns its id.
func (g *server) input(t *testing.T, urls ...string) string {
	t.Helper()
	in := &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File}
	for _, u := range urls {
		in.Sources = append(in.Sources, types.InputSourceRequest{Url: aws.String(u)})
	}
	out, err := g.Inputs.Create(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *out.Input.Id
}

// request is what creates a channel of one pipeline that copies its inputs to UDP.
func request(inputs ...string) *sdk.CreateChannelInput {
	in := &sdk.CreateChannelInput{
		Name: aws.String("news"), ChannelClass: types.ChannelClassSinglePipeline,
		RoleArn:            aws.String("arn:aws:iam::123456789012:role/lilo"),
		InputSpecification: &types.InputSpecification{Codec: types.InputCodecAvc, MaximumBitrate: types.InputMaximumBitrateMax10Mbps, Resolution: types.InputResolutionHd},
		Destinations:       []types.OutputDestination{{Id: aws.String("d"), Settings: []types.OutputDestinationSettings{{Url: aws.String("udp://127.0.0.1:5000")}}}},
		EncoderSettings:    medialivetest.EncoderSettings(&types.M2tsSettings{}),
	}
	for i, id := range inputs {
		in.InputAttachments = append(in.InputAttachments, types.InputAttachment{
			InputId: aws.String(id), InputAttachmentName: aws.String("in" + strconv.Itoa(i)),
			InputSettings: &types.InputSettings{SourceEndBehavior: types.InputSourceEndBehaviorLoop},
		})
	}
	return in
}

// standard makes a request one of two pipelines.
func standard(in *sdk.CreateChannelInput) *sdk.CreateChannelInput {
	in.ChannelClass = types.ChannelClassStandard
	in.Destinations[0].Settings = append(in.Destinations[0].Settings, types.OutputDestinationSettings{Url: aws.String("udp://127.0.0.1:5002")})
	return in
}

// channel creates a channel and waits until it is IDLE.
func (g *server) channel(t *testing.T, in *sdk.CreateChannelInput) string {
	t.Helper()
	out, err := g.Channels.Create(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	g.await(t, *out.Channel.Id, types.ChannelStateIdle)
	return *out.Channel.Id
}

// await waits until a channel is in a state. In a bubble of synctest the time is not real.
func (g *server) await(t *testing.T, id string, want types.ChannelState) *types.Channel {
	t.Helper()
	for range 10_000 {
		doc, err := g.Channels.Describe(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if doc.State == want {
			return doc
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("channel %s did not become %s", id, want)
	return nil
}

// started creates a channel and has it on air.
func (g *server) started(t *testing.T, in *sdk.CreateChannelInput) string {
	t.Helper()
	id := g.channel(t, in)
	if _, err := g.Channels.Start(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	g.await(t, id, types.ChannelStateRunning)
	return id
}

// The types of alert that tests wait for.
const (
	inputAlert   = "Unable To Open Input File"
	lossAlert    = "Input Loss"
	settingAlert = "Setting Not Honoured"
)

// alerts returns a channel's alerts that are set.
func (g *server) alerts(t *testing.T, id string) []types.ChannelAlert {
	t.Helper()
	out, err := g.Channels.Alerts(t.Context(), &sdk.ListAlertsInput{ChannelId: &id, StateFilter: aws.String("SET")})
	if err != nil {
		t.Fatal(err)
	}
	return out.Alerts
}

func (g *server) restart(t *testing.T, id string, pipelines ...types.ChannelPipelineIdToRestart) (*types.Channel, error) {
	return g.Channels.RestartPipelines(t.Context(), &sdk.RestartChannelPipelinesInput{ChannelId: &id, PipelineIds: pipelines})
}

// updateSchedule removes and adds actions.
func (g *server) updateSchedule(t *testing.T, id string, deletes []string, creates ...types.ScheduleAction) (*sdk.BatchUpdateScheduleOutput, error) {
	return g.Schedules.Update(t.Context(), &sdk.BatchUpdateScheduleInput{
		ChannelId: &id, Creates: &types.BatchScheduleActionCreateRequest{ScheduleActions: creates},
		Deletes: &types.BatchScheduleActionDeleteRequest{ActionNames: deletes},
	})
}

// schedule returns the actions of a schedule.
func (g *server) schedule(t *testing.T, id string) []types.ScheduleAction {
	t.Helper()
	out, err := g.Schedules.Describe(t.Context(), &sdk.DescribeScheduleInput{ChannelId: &id})
	if err != nil {
		t.Fatal(err)
	}
	return out.ScheduleActions
}

// arn returns the ARN of a resource.
func (g *server) arn(kind, id string) *string {
	arn := g.Channels.arn(kind, id)
	return &arn
}

// check checks that an error is an Error with that code and text, any text for "".
func check(t *testing.T, err error, code Code, text string) {
	t.Helper()
	errorOf(t, err, code, text) //nolint:errcheck // It has been checked.
}

// errorOf returns the Error that an error must be, with that code and text.
func errorOf(t *testing.T, err error, code Code, text string) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Code != code || text != "" && e.Message != text {
		t.Fatalf("returned %v (%s), want %s %q", err, CodeOf(err), code, text)
	}
	return e
}
