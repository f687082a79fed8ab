package metric

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/clocksync"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server/event"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// playing is a Playback with a given snapshot.
type playing struct {
	supervisor.Playback
	snapshot player.Snapshot
}

func (p playing) Snapshot() player.Snapshot { return p.snapshot }

func scrape(t *testing.T, statuses ...service.Status) string {
	t.Helper()
	h := New(Options{
		Statuses: func() []service.Status { return statuses },
		Events:   func() []event.SinkStats { return []event.SinkStats{{Sink: "log", Delivered: 3, Failed: 2, Dropped: 1}} },
		Now:      func() time.Time { return time.Unix(1000, 0) },
	})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("answered %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestClock(t *testing.T) {
	state := clocksync.State{Source: "chrony", Synchronized: true, Offset: 2 * time.Millisecond}
	h := New(Options{
		Statuses: func() []service.Status { return nil },
		Clock: func() (clocksync.State, map[string]clocksync.Peer) {
			return state, map[string]clocksync.Peer{"b": {Offset: -time.Second}}
		},
	})
	body := func() string {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
	for _, want := range []string{"lilo_clock_synchronized 1", "lilo_clock_offset_seconds 0.002", `lilo_clock_peer_offset_seconds{node="b"} -1`} {
		if got := body(); !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
	state = clocksync.State{Source: "kernel"}
	if got := body(); !strings.Contains(got, "lilo_clock_synchronized 0") || strings.Contains(got, "lilo_clock_offset_seconds") {
		t.Errorf("without a reference there is\n%s", got)
	}
}

func TestMetrics(t *testing.T) {
	on := playing{snapshot: player.Snapshot{
		Snapshot: playout.Snapshot{
			BitRate: 5_000_000, Lap: 4, Datagrams: 9, Bytes: 1316 * 9, Starved: 5, Late: playout.Lateness{P50: time.Millisecond, P999: 2 * time.Millisecond},
			Outputs: []playout.OutputSnapshot{{URL: "rtp://127.0.0.1:5000", Dropped: 7}, {URL: "rtp://127.0.0.1:5002", LastError: "no route"}},
		},
		FrameRate: 25,
	}}
	body := scrape(t, service.Status{
		Channel:   &types.Channel{Id: aws.String("1234567"), Name: aws.String("news"), State: types.ChannelStateRunning, ChannelClass: types.ChannelClassStandard},
		Pipelines: []supervisor.Pipeline{{Playback: on}, {}},
		Alerts: []types.ChannelAlert{
			{PipelineId: aws.String("1"), AlertType: aws.String("Unable To Open Input File"), SetTimestamp: aws.Time(time.Unix(940, 0))},
			{PipelineId: aws.String("1"), AlertType: aws.String("Setting Not Honoured")},
		},
	})
	for _, want := range []string{
		`aws_medialive_active_alerts_maximum{channel_id="1234567",pipeline="0"} 0`,
		`aws_medialive_active_alerts_maximum{channel_id="1234567",pipeline="1"} 2`,
		`aws_medialive_network_in_average{channel_id="1234567",pipeline="0"} 0`,
		`aws_medialive_network_out_average{channel_id="1234567",pipeline="0"} 5`,
		`aws_medialive_input_video_frame_rate_average{channel_id="1234567",pipeline="0"} 25`,
		`aws_medialive_fill_msec_maximum{channel_id="1234567",pipeline="0"} 0`,
		`aws_medialive_input_loss_seconds_sum{channel_id="1234567",pipeline="1"} 60`,
		`aws_medialive_dropped_frames_sum{channel_id="1234567",pipeline="0"} 0.2`,
		`aws_medialive_svq_time_maximum{channel_id="1234567",pipeline="0"} 0`,
		`aws_medialive_active_outputs_maximum{channel_id="1234567",pipeline="0"} 1`,
		`aws_medialive_pipelines_locked_minimum{channel_id="1234567",pipeline="1"} 0`,
		`lilo_channels{state="RUNNING"} 1`,
		`lilo_channel_info{channel_id="1234567",name="news",state="RUNNING"} 1`,
		`lilo_lateness_seconds{channel_id="1234567",pipeline="0",quantile="0.999"} 0.002`,
		`lilo_starved_packets_total{channel_id="1234567",pipeline="0"} 5`,
		`lilo_output_dropped_datagrams_total{channel_id="1234567",output="0",pipeline="0"} 7`,
		`lilo_laps{channel_id="1234567",pipeline="0"} 4`,
		`lilo_events_delivered_total{sink="log"} 3`,
		`lilo_events_dropped_total{sink="log"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("missing %s", want)
		}
	}
	if strings.Contains(body, `network_out_average{channel_id="1234567",pipeline="1"}`) {
		t.Error("a pipeline that is off air has a rate")
	}
}

func TestNetworkIn(t *testing.T) {
	s := player.Snapshot{Remote: true, LapSeconds: 10}
	s.Fetched.Size, s.Fetched.Have = 12_500_000, 1000
	if got := networkIn(s); got != 10 {
		t.Errorf("got %v Mb/s, want 10", got)
	}
	s.Fetched.Have = s.Fetched.Size
	if got := networkIn(s); got != 0 {
		t.Errorf("got %v Mb/s after everything is fetched, want 0", got)
	}
}

func BenchmarkScrape1000Channels(b *testing.B) {
	on := playing{snapshot: player.Snapshot{Snapshot: playout.Snapshot{Outputs: make([]playout.OutputSnapshot, 1)}}}
	s := service.Status{Channel: &types.Channel{Id: aws.String("1"), ChannelClass: types.ChannelClassSinglePipeline}, Pipelines: []supervisor.Pipeline{{Playback: on}}}
	all := make([]service.Status, 1000)
	for i := range all {
		c := *s.Channel
		c.Id = aws.String(time.Duration(i).String())
		all[i] = s
		all[i].Channel = &c
	}
	r := NewRegistry(Options{Statuses: func() []service.Status { return all }})
	for b.Loop() {
		if _, err := r.Gather(); err != nil {
			b.Fatal(err)
		}
	}
}
