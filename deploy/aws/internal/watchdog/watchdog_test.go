package watchdog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lilo-live/lilo/deploy/aws/internal/watchdog"
)

const since = "/lilo/x/on-air-since"

func start() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// channelID is that of the one channel there is.
const channelID = "1234567"

// cloud is a channel and the parameter, as MediaLive and Systems Manager have them.
type cloud struct {
	state     types.ChannelState // empty if the channel does not exist
	since     string
	throttled bool // StopChannel fails
	calls     int
}

func (c *cloud) DescribeChannel(_ context.Context, in *medialive.DescribeChannelInput, _ ...func(*medialive.Options)) (*medialive.DescribeChannelOutput, error) {
	c.calls++
	if c.state == "" || *in.ChannelId != channelID {
		return nil, &types.NotFoundException{}
	}
	return &medialive.DescribeChannelOutput{State: c.state}, nil
}

func (c *cloud) StartChannel(context.Context, *medialive.StartChannelInput, ...func(*medialive.Options)) (*medialive.StartChannelOutput, error) {
	c.state = types.ChannelStateStarting
	return &medialive.StartChannelOutput{}, nil
}

func (c *cloud) StopChannel(context.Context, *medialive.StopChannelInput, ...func(*medialive.Options)) (*medialive.StopChannelOutput, error) {
	if c.throttled {
		return nil, &types.TooManyRequestsException{}
	}
	c.state = types.ChannelStateStopping
	return &medialive.StopChannelOutput{}, nil
}

func (c *cloud) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if *in.Name != since {
		return nil, &ssmtypes.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: &c.since}}, nil
}

func (c *cloud) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	if *in.Name != since || in.Overwrite == nil || !*in.Overwrite {
		return nil, &ssmtypes.ParameterAlreadyExists{}
	}
	c.since = *in.Value
	return &ssm.PutParameterOutput{}, nil
}

// newWatch returns a watchdog at a fixed time, and its log.
func newWatch(c *cloud, now time.Time) (*watchdog.Watchdog, *bytes.Buffer) {
	var log bytes.Buffer
	return &watchdog.Watchdog{
		Channels: c, Parameters: c, AutoStart: true, TTL: 8 * time.Hour, Since: since,
		Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now },
	}, &log
}

func event(t *testing.T, text string) watchdog.Event {
	t.Helper()
	var e watchdog.Event
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func state(name string) string {
	return `{"source":"aws.medialive","detail-type":"MediaLive Channel State Change","resources":["arn:aws:medialive:eu-west-1:1:channel:` + channelID + `"],` +
		`"detail":{"state":"` + name + `","pipeline":"0","channel_arn":"arn:aws:medialive:eu-west-1:1:channel:` + channelID + `"}}`
}

func TestWatch(t *testing.T) {
	tick := `{"channel":"` + channelID + `"}`
	cases := []struct {
		name, event, since string
		state, after       types.ChannelState
		now                time.Duration
		sinceAfter         string
		set                func(*watchdog.Watchdog)
		throttled, fails   bool
	}{
		{name: "created starts", event: state("CREATED"), state: "IDLE", since: "-", after: "STARTING", sinceAfter: "-"},
		{name: "created, already started", event: state("CREATED"), state: "RUNNING", since: "-", after: "RUNNING", sinceAfter: "2026-11-25T12:00:00Z"},
		{name: "created without automatic start", event: state("CREATED"), state: "IDLE", since: "-", after: "IDLE", sinceAfter: "-", set: func(w *watchdog.Watchdog) { w.AutoStart = false }},
		{name: "running is recorded", event: state("RUNNING"), state: "RUNNING", since: "-", after: "RUNNING", sinceAfter: "2026-11-25T12:00:00Z"},
		{name: "stopped is recorded", event: state("STOPPED"), state: "IDLE", since: "2026-11-25T11:00:00Z", after: "IDLE", sinceAfter: "-"},
		{name: "stopped by hand", event: tick, state: "IDLE", since: "-", after: "IDLE", sinceAfter: "-"},
		{name: "tick after a lost event", event: tick, state: "RUNNING", since: "-", after: "RUNNING", sinceAfter: "2026-11-25T12:00:00Z"},
		{name: "within its time to live", event: tick, now: 8*time.Hour - time.Second, state: "RUNNING", since: "2026-11-25T12:00:00Z", after: "RUNNING", sinceAfter: "2026-11-25T12:00:00Z"},
		{name: "time to live is over", event: tick, now: 8 * time.Hour, state: "RUNNING", since: "2026-11-25T12:00:00Z", after: "STOPPING", sinceAfter: "2026-11-25T12:00:00Z"},
		{name: "tick after the stop", event: tick, now: 8*time.Hour + 5*time.Minute, state: "IDLE", since: "2026-11-25T12:00:00Z", after: "IDLE", sinceAfter: "-"},
		{name: "no time to live", event: tick, now: 800 * time.Hour, state: "RUNNING", since: "-", after: "RUNNING", sinceAfter: "-", set: func(w *watchdog.Watchdog) { w.TTL = 0 }},
		{name: "deleted channel", event: tick, state: "", since: "-", after: "", sinceAfter: "-"},
		{
			name: "throttled", event: tick, now: 9 * time.Hour, state: "RUNNING", since: "2026-11-25T12:00:00Z", after: "RUNNING", sinceAfter: "2026-11-25T12:00:00Z",
			throttled: true, fails: true,
		},
		{name: "event without a channel", event: `{"detail-type":"other"}`, state: "IDLE", since: "-", after: "IDLE", sinceAfter: "-", fails: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cloud := &cloud{state: c.state, since: c.since, throttled: c.throttled}
			w, _ := newWatch(cloud, start().Add(c.now))
			if c.set != nil {
				c.set(w)
			}
			if err := w.Handle(context.Background(), event(t, c.event)); (err != nil) != c.fails {
				t.Fatalf("got error %v", err)
			}
			if cloud.state != c.after || cloud.since != c.sinceAfter {
				t.Errorf("the channel is %s, on air since %s", cloud.state, cloud.since)
			}
		})
	}
}

func TestAlertsAreLogged(t *testing.T) {
	cloud := &cloud{}
	w, log := newWatch(cloud, start())
	alert := `{"detail-type":"MediaLive Channel Alert","detail":{"alarm_state":"SET","alert_type":"Video Not Detected","pipeline":"1","channel_arn":"arn","message":"no video"}}`
	if err := w.Handle(context.Background(), event(t, alert)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"level=WARN", "alert SET", "Video Not Detected", "no video"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in %s", want, log)
		}
	}
	if cloud.calls != 0 {
		t.Errorf("an alert made %d calls", cloud.calls)
	}
}
