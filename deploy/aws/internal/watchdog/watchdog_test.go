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
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/deploy/aws/internal/cloudtest"
	"github.com/lilo-live/lilo/deploy/aws/internal/watchdog"
)

const since = "/lilo/x/on-air-since"

func start() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// newWatch returns a watchdog at a fixed time, and its log.
func newWatch(c *cloudtest.Cloud, now time.Time) (*watchdog.Watchdog, *bytes.Buffer) {
	var log bytes.Buffer
	config := c.Config()
	return &watchdog.Watchdog{
		Channels: medialive.NewFromConfig(config), Parameters: ssm.NewFromConfig(config), AutoStart: true, TTL: 8 * time.Hour, Since: since,
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
	return `{"source":"aws.medialive","detail-type":"MediaLive Channel State Change","resources":["arn:aws:medialive:eu-west-1:1:channel:` + cloudtest.Channel + `"],` +
		`"detail":{"state":"` + name + `","pipeline":"0","channel_arn":"arn:aws:medialive:eu-west-1:1:channel:` + cloudtest.Channel + `"}}`
}

func TestWatch(t *testing.T) {
	tick := `{"channel":"` + cloudtest.Channel + `"}`
	cases := []struct {
		name, event, state, since string
		now                       time.Duration
		after, sinceAfter         string
		set                       func(*watchdog.Watchdog)
		faults                    []cloudtest.Fault
		fails                     bool
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
			faults: []cloudtest.Fault{{Call: "StopChannel", Status: 429, Code: "TooManyRequestsException"}}, fails: true,
		},
		{name: "event without a channel", event: `{"detail-type":"other"}`, state: "IDLE", since: "-", after: "IDLE", sinceAfter: "-", fails: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cloud := cloudtest.New(t)
			cloud.State, cloud.Slow, cloud.Parameters[since], cloud.Faults = c.state, 100, c.since, c.faults
			w, _ := newWatch(cloud, start().Add(c.now))
			if c.set != nil {
				c.set(w)
			}
			if err := w.Handle(context.Background(), event(t, c.event)); (err != nil) != c.fails {
				t.Fatalf("got error %v", err)
			}
			if cloud.State != c.after || cloud.Parameters[since] != c.sinceAfter {
				t.Errorf("the channel is %s, on air since %s", cloud.State, cloud.Parameters[since])
			}
		})
	}
}

func TestAlertsAreLogged(t *testing.T) {
	cloud := cloudtest.New(t)
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
	if len(cloud.Calls) != 0 {
		t.Errorf("an alert called %v", cloud.Calls)
	}
}
