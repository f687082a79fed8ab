//go:build soak

package simulation

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server"
)

// bin is where the plots are written.
const bin = "../../bin"

// A day on air in virtual time, in which something happens every minute.
func TestSoakInVirtualTime(t *testing.T) {
	s := newTrends()
	day := plan{chaos: 24 * time.Hour, every: time.Minute, calm: 10 * time.Minute, watch: func(w *world) {
		for at := time.Duration(0); at < 24*time.Hour && !w.hasFailed(); at += 10 * time.Minute {
			time.Sleep(10 * time.Minute)
			late := time.Duration(0)
			for _, o := range w.fleet.channels {
				for _, r := range o.receivers {
					late = max(late, r.takeLate())
					r.forget()
				}
			}
			s.sample(at, late)
		}
	}}
	w := simulate(t, 1, day)
	t.Log(w.history[len(w.history)-1])
	s.judge(t, filepath.Join(bin, "soak-virtual.svg"))
}

// As long as LILO_SOAK says on this machine: a server as it is, whose channels start, stop,
// switch and restart all the time.
func TestSoakInRealTime(t *testing.T) {
	text := os.Getenv("LILO_SOAK")
	if text == "" {
		t.Skip("LILO_SOAK=1h makes it run that long")
	}
	length, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("LILO_SOAK: %v", err)
	}
	dir := t.TempDir()
	w := &world{t: t, rng: rand.New(rand.NewPCG(1, 0)), dir: dir, began: time.Now()}
	w.sources.world, w.fleet.world = w, w
	if err := os.Mkdir(filepath.Join(dir, "media"), 0o700); err != nil {
		t.Fatal(err)
	}
	w.sources.add("one.mp4", "tiny", "sound-short")
	w.sources.add("two.mp4", "hevc-hvc1", "picture-only")
	url, stop := serveOnLoopback(t, dir)
	api := sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{}, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	var ids []string
	for i := range 8 {
		ids = append(ids, createOnLoopback(t, api, &ordered{name: fmt.Sprint("channel ", i), files: w.sources.files, pipelines: 2}, i))
	}
	s := newTrends()
	for next := w.began; time.Since(w.began) < length; time.Sleep(200 * time.Millisecond) {
		disturb(t, api, w.rng, ids[w.rng.IntN(len(ids))])
		if time.Since(next) >= length/200 {
			s.sample(time.Since(w.began), lateness(t, url))
			next = time.Now()
		}
	}
	stop()
	s.judge(t, filepath.Join(bin, "soak-real.svg"))
}

// serveOnLoopback runs a server on this machine.
func serveOnLoopback(t *testing.T, dir string) (url string, stop func()) {
	t.Helper()
	o := server.DefaultOptions()
	o.Listen, o.State, o.AllowFiles = "127.0.0.1:0", filepath.Join(dir, "state"), []string{filepath.Join(dir, "media")}
	s, err := server.New(t.Context(), o, server.Environment{Log: slog.New(slog.DiscardHandler), Print: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, nil) }()
	return s.Info().URL, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// createOnLoopback creates a channel to sockets that nobody reads, starts it and returns its id.
func createOnLoopback(t *testing.T, api *sdk.Client, o *ordered, i int) string {
	t.Helper()
	for range o.pipelines {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		o.receivers = append(o.receivers, &receiver{url: "rtp://" + conn.LocalAddr().String()})
	}
	for _, f := range o.files {
		in := &sdk.CreateInputInput{Name: aws.String(f.name()), Type: types.InputTypeMp4File}
		for range o.pipelines {
			in.Sources = append(in.Sources, types.InputSourceRequest{Url: aws.String("file://" + f.path)})
		}
		out, err := api.CreateInput(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		o.inputs = append(o.inputs, *out.Input.Id)
	}
	out, err := api.CreateChannel(t.Context(), o.request(fmt.Sprint("channel ", i)))
	if err != nil {
		t.Fatal(err)
	}
	return *out.Channel.Id
}

// disturb makes a call. In some states of the channel it is refused.
func disturb(t *testing.T, api *sdk.Client, r *rand.Rand, id string) {
	ctx := t.Context()
	switch r.IntN(6) {
	case 0:
		_, _ = api.StopChannel(ctx, &sdk.StopChannelInput{ChannelId: &id})
	case 1:
		_, _ = api.RestartChannelPipelines(ctx, &sdk.RestartChannelPipelinesInput{ChannelId: &id})
	case 2:
		_, _ = api.BatchUpdateSchedule(ctx, &sdk.BatchUpdateScheduleInput{ChannelId: &id, Creates: &types.BatchScheduleActionCreateRequest{
			ScheduleActions: []types.ScheduleAction{{
				ActionName:                  aws.String(fmt.Sprint(time.Now().UnixNano())),
				ScheduleActionStartSettings: &types.ScheduleActionStartSettings{ImmediateModeScheduleActionStartSettings: &types.ImmediateModeScheduleActionStartSettings{}},
				ScheduleActionSettings: &types.ScheduleActionSettings{
					InputSwitchSettings: &types.InputSwitchScheduleActionSettings{InputAttachmentNameReference: aws.String(attachment(r.IntN(2)))},
				},
			}},
		}})
	default:
		_, _ = api.StartChannel(ctx, &sdk.StartChannelInput{ChannelId: &id})
	}
}

// lateness returns the median lateness of the trains of the worst channel: the tail is the
// machine's.
func lateness(t *testing.T, url string) time.Duration {
	t.Helper()
	response, err := http.Get(url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	worst := 0.0
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "} ")
		var seconds float64
		if strings.HasPrefix(name, "lilo_lateness_seconds{") && strings.Contains(name, `quantile="0.5"`) {
			if _, err := fmt.Sscan(value, &seconds); err != nil {
				t.Fatal(err)
			}
			worst = max(worst, seconds)
		}
	}
	return time.Duration(worst * float64(time.Second))
}

// forget drops what the receiver keeps to compare with: its memory is none of the server's.
func (r *receiver) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.renderings, r.targets = nil, nil
}

// takeLate returns by how much datagrams were late at most, since the last call.
func (r *receiver) takeLate() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	late := r.late
	r.late = 0
	return late
}
