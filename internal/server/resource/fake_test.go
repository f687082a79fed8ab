package resource

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/event"
)

// air is a Player that plays nothing and remembers what it was to play.
type air struct {
	mu      sync.Mutex
	trouble error // what Start answers
	started []player.Config
	on      map[string]*show
}

func (a *air) Start(_ context.Context, c player.Config) (Broadcast, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.trouble != nil {
		return nil, a.trouble
	}
	a.started = append(a.started, c)
	s := &show{air: a, channel: c, done: make(chan struct{})}
	if a.on == nil {
		a.on = map[string]*show{}
	}
	a.on[c.Key] = s
	return s, nil
}

func (a *air) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trouble = err
}

// playing returns the keys on air.
func (a *air) playing() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var keys []string
	for key := range a.on {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (a *air) last() player.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.started[len(a.started)-1]
}

func (a *air) show(key string) *show {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.on[key]
}

// show is a Broadcast.
type show struct {
	air      *air
	channel  player.Config
	mu       sync.Mutex
	schedule []channel.Schedule
	snapshot player.Snapshot
	once     sync.Once
	done     chan struct{}
	err      error
}

func (s *show) Snapshot() player.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.snapshot
}
func (s *show) Report() player.Report             { return player.Report{} }
func (s *show) HLS(func() time.Time) http.Handler { return http.NotFoundHandler() }
func (s *show) Done() <-chan struct{}             { return s.done }
func (s *show) Err() error                        { <-s.done; return s.err }
func (s *show) Stop()                             { s.end(nil) }
func (s *show) SetSchedule(_ context.Context, n channel.Schedule) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedule = append(s.schedule, n)
	return nil
}

func (s *show) end(err error) {
	s.once.Do(func() {
		s.err = err
		s.air.mu.Lock()
		if s.air.on[s.channel.Key] == s {
			delete(s.air.on, s.channel.Key)
		}
		s.air.mu.Unlock()
		close(s.done)
	})
}

func (s *show) schedules() []channel.Schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.schedule)
}

// ears hear events.
type ears struct {
	mu    sync.Mutex
	heard []event.Event
}

func (e *ears) Emit(one event.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, one)
}

// states returns the states that were told of, with the pipelines.
func (e *ears) states() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, one := range e.heard {
		if one.DetailType == event.StateChange {
			all = append(all, one.Detail.State+one.Detail.Pipeline)
		}
	}
	return all
}

// alerts returns what was alerted of an alert's kind: SET, CLEARED.
func (e *ears) alerts(kind string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []string
	for _, one := range e.heard {
		if one.Detail.AlertType == kind {
			all = append(all, one.Detail.AlarmState)
		}
	}
	return all
}

// rig is a registry that runs.
type rig struct {
	*Registry
	air  *air
	ears *ears
	dir  string
	stop func()
}

// open opens a registry on dir and runs it until the test ends or stop is called.
func open(t *testing.T, dir string, set ...func(*Options)) *rig {
	t.Helper()
	g := &rig{air: &air{}, ears: &ears{}, dir: dir}
	id := 1000000
	o := Options{
		Log: slog.New(slog.DiscardHandler),
		Air: g.air, Events: g.ears, Account: "123456789012", Region: "eu-west-1", AllowFiles: []string{"/media"},
		NewID: func() string { id++; return strconv.Itoa(id) },
	}
	for _, one := range set {
		one(&o)
	}
	r, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	g.Registry = r
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	g.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(g.stop)
	return g
}

// input makes an input of files and returns its id.
func (g *rig) input(t *testing.T, urls ...string) string {
	t.Helper()
	in := &sdk.CreateInputInput{Name: aws.String("in"), Type: types.InputTypeMp4File}
	for _, u := range urls {
		in.Sources = append(in.Sources, types.InputSourceRequest{Url: aws.String(u)})
	}
	doc, err := g.CreateInput(in)
	if err != nil {
		t.Fatal(err)
	}
	return *doc.Id
}

// request is what creates a channel of one pipeline that copies its inputs to UDP.
func request(inputs ...string) *sdk.CreateChannelInput {
	in := &sdk.CreateChannelInput{
		Name: aws.String("news"), ChannelClass: types.ChannelClassSinglePipeline,
		RoleArn:            aws.String("arn:aws:iam::123456789012:role/lilo"),
		InputSpecification: &types.InputSpecification{Codec: types.InputCodecAvc, MaximumBitrate: types.InputMaximumBitrateMax10Mbps, Resolution: types.InputResolutionHd},
		Destinations:       []types.OutputDestination{{Id: aws.String("d"), Settings: []types.OutputDestinationSettings{{Url: aws.String("udp://127.0.0.1:5000")}}}},
		EncoderSettings: &types.EncoderSettings{
			TimecodeConfig:    &types.TimecodeConfig{Source: types.TimecodeConfigSourceSystemclock},
			VideoDescriptions: []types.VideoDescription{{Name: aws.String("v")}},
			AudioDescriptions: []types.AudioDescription{{Name: aws.String("a"), AudioSelectorName: aws.String("audio")}},
			OutputGroups: []types.OutputGroup{{
				OutputGroupSettings: &types.OutputGroupSettings{UdpGroupSettings: &types.UdpGroupSettings{}},
				Outputs: []types.Output{{
					VideoDescriptionName: aws.String("v"), AudioDescriptionNames: []string{"a"},
					OutputSettings: &types.OutputSettings{UdpOutputSettings: &types.UdpOutputSettings{
						Destination:       &types.OutputLocationRef{DestinationRefId: aws.String("d")},
						ContainerSettings: &types.UdpContainerSettings{M2tsSettings: &types.M2tsSettings{}},
					}},
				}},
			}},
		},
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
func (g *rig) channel(t *testing.T, in *sdk.CreateChannelInput) string {
	t.Helper()
	doc, err := g.CreateChannel(in)
	if err != nil {
		t.Fatal(err)
	}
	g.await(t, *doc.Id, types.ChannelStateIdle)
	return *doc.Id
}

// await waits until a channel is in a state. In a bubble of synctest the time is not real.
func (g *rig) await(t *testing.T, id string, want types.ChannelState) *types.Channel {
	t.Helper()
	for range 10_000 {
		doc, err := g.Channel(id)
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
func (g *rig) started(t *testing.T, in *sdk.CreateChannelInput) string {
	t.Helper()
	id := g.channel(t, in)
	if _, err := g.StartChannel(id); err != nil {
		t.Fatal(err)
	}
	g.await(t, id, types.ChannelStateRunning)
	return id
}

// refused checks that an error is a refusal with that code and text.
func refused(t *testing.T, err error, code Code, text string) {
	t.Helper()
	if r := refusalOf(t, err, code, text); r.Code != code {
		t.Fatal(r)
	}
}

// refusalOf returns the refusal that an error is.
func refusalOf(t *testing.T, err error, code Code, text string) *Refusal {
	t.Helper()
	r, ok := errors.AsType[*Refusal](err)
	if !ok || r.Code != code || text != "" && r.Message != text {
		t.Fatalf("answered %v (%s), not %s %q", err, CodeOf(err), code, text)
	}
	return r
}
