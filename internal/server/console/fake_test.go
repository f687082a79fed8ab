package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/console"
)

// fakeBackend is an Operator with channels in memory.
type fakeBackend struct {
	mu       sync.Mutex
	now      func() time.Time
	channels []console.Channel
	created  int
	listed   atomic.Int64 // calls of Channels
	hls      http.Handler
	fails    error
	specs    []channel.Spec
	armed    console.Faults
	lost     []string
}

func (f *fakeBackend) Channels() []console.Channel {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listed.Add(1)
	return f.current()
}

// current returns all channels as they are now. The caller holds f.mu.
func (f *fakeBackend) current() []console.Channel {
	all := make([]console.Channel, 0, len(f.channels))
	for _, c := range f.channels {
		c.Pipelines = slices.Clone(c.Pipelines)
		for i := range c.Pipelines {
			if c.State == "RUNNING" {
				f.play(&c.Pipelines[i])
			}
		}
		all = append(all, c)
	}
	return all
}

func (f *fakeBackend) Find(id string) (console.Channel, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.current()
	i := slices.IndexFunc(all, func(c console.Channel) bool { return c.ID == id })
	if i < 0 {
		return console.Channel{}, false
	}
	return all[i], true
}

// play sets the values of a pipeline on air.
func (f *fakeBackend) play(p *console.Pipeline) {
	elapsed := f.now().Sub(time.Time(p.Epoch)).Seconds()
	p.LapSeconds, p.BitRate = 10, 5_000_000
	lap := int64(elapsed / p.LapSeconds)
	p.Live.Lap, p.Live.LapPosition = lap, elapsed-float64(lap)*p.LapSeconds
	p.Live.Late.LastSecond, p.Live.Late.P999 = 110*time.Microsecond, 400*time.Microsecond
	p.Live.Bytes, p.Live.Datagrams = int64(elapsed*625_000*float64(len(p.To))), int64(elapsed*475)
}

func (f *fakeBackend) Probe(_ context.Context, s channel.Spec) (player.Report, error) {
	switch source := s.Source; source {
	case "":
		if s.MuxRate == 1_000_000 {
			err := fault.New(fault.Rate, "a mux rate of 1M is too low for this file: give at least --muxrate 2312345, or auto")
			return player.Report{Container: "progressive MP4", Error: err.Error(), Tracks: []player.Track{}, Adjustments: []string{}}, err
		}
		return player.Report{
			Source: "bundled clip", Container: "progressive MP4", Bytes: 2_700_000, LoopLength: "10.000000 s", LoopSeconds: 10, MuxRate: 2_312_345,
			Loops: true, Tracks: []player.Track{
				{ID: 1, Kind: "video", Coding: "H.264 High@3.1 1280x720", PID: 481, Rate: "25 fps", BitRate: 1_900_000, Language: "und"},
				{ID: 2, Kind: "audio", Coding: "AAC-LC 2.0", PID: 482, Rate: "48000 Hz", BitRate: 128_000, Language: "fra"},
			}, Adjustments: []string{"the sound is 12 ms shorter than the lap: silence fills it"},
		}, nil
	case "no-loop.mp4":
		err := fault.New(fault.Media, "no-loop.mp4: the first picture is no random access point")
		return player.Report{Source: source, Container: "fragmented MP4", Bytes: 10, Error: err.Error(), Tracks: []player.Track{}, Adjustments: []string{}}, err
	}
	return player.Report{Source: s.Source}, fault.New(fault.Source, "%s: no such file", s.Source)
}

func (f *fakeBackend) Encodable(context.Context, string) error { return f.fails }

func (f *fakeBackend) Create(_ context.Context, s channel.Spec, start bool) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		return "", f.fails
	}
	f.created++
	f.specs = append(f.specs, s)
	c := console.Channel{ID: strconv.Itoa(1_000_000 + f.created), Name: s.Name, State: "IDLE", Spec: s, Source: s.Source, Since: console.Time(f.now()), Pipelines: []console.Pipeline{{}}}
	for _, d := range s.To {
		c.Pipelines[0].To = append(c.Pipelines[0].To, d.String())
	}
	f.channels = append(f.channels, c)
	if start {
		return c.ID, f.state(c.ID, "RUNNING")
	}
	return c.ID, nil
}

func (f *fakeBackend) Update(_ context.Context, _ string, s channel.Spec) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.specs = append(f.specs, s)
	return f.fails
}

// conflict is an error with the status 409.
type conflict struct{ error }

func (conflict) Status() int { return http.StatusConflict }

// state puts a channel into a state. The caller holds f.mu.
func (f *fakeBackend) state(id, state string) error {
	i := slices.IndexFunc(f.channels, func(c console.Channel) bool { return c.ID == id })
	switch {
	case i < 0:
		return fmt.Errorf("there is no channel %s", id)
	case f.channels[i].State == state:
		return conflict{errors.New("the channel is " + state)}
	}
	c := &f.channels[i]
	c.State, c.Since = state, console.Time(f.now())
	for p := range c.Pipelines {
		c.Pipelines[p].Epoch = console.Time(f.now())
	}
	return nil
}

func (f *fakeBackend) Start(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state(id, "RUNNING")
}

func (f *fakeBackend) Stop(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state(id, "IDLE")
}

func (f *fakeBackend) Delete(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.channels = slices.DeleteFunc(f.channels, func(c console.Channel) bool { return c.ID == id })
	return nil
}

func (f *fakeBackend) Requests(context.Context, string) (console.Requests, error) {
	return console.Requests{
		Inputs: []console.InputRequest{{ID: "7654321", Body: []byte(`{"name":"a","sources":[{"url":"https://h/it's.mp4"}],"tags":{"team":"a"},"type":"MP4_FILE"}`)}},
		Channel: []byte(`{"channelClass":"SINGLE_PIPELINE","destinations":[{"id":"d","settings":[{"url":"rtp://239.1.1.1:5000"}]}],"encoderSettings":{"m2tsSettings":{"bitrate":0,"note":"${x} <&>"}},` +
			`"inputAttachments":[{"captions":[],"inputId":"7654321"}],"name":"24 News","tags":{"team":"a"}}`),
	}, f.fails
}

func (f *fakeBackend) Log(id string) []console.LogLine {
	return []console.LogLine{{At: console.Time(f.now()), Level: "WARN", Text: "line of " + id}}
}

func (f *fakeBackend) Files(folder string) (console.Listing, error) {
	return console.Listing{Folder: folder, Entries: []console.Entry{{Name: "a.mp4", Path: folder + "/a.mp4"}}}, f.fails
}

func (f *fakeBackend) Thumbnail(_ context.Context, id string) ([]byte, error) {
	return []byte("JPEG of " + id), f.fails
}

func (f *fakeBackend) Tag(_ context.Context, id string, set map[string]string, remove []string) error {
	f.lost = append(f.lost, fmt.Sprint("tag ", id, set, remove))
	return f.fails
}

func (f *fakeBackend) Restart(_ context.Context, id string) error {
	f.lost = append(f.lost, "restart "+id)
	return nil
}

func (f *fakeBackend) Lose(id string, pipeline int, d time.Duration) error {
	f.lost = append(f.lost, fmt.Sprintf("%s-%d %v", id, pipeline, d))
	return f.fails
}

func (f *fakeBackend) Faults() console.Faults { return f.armed }

func (f *fakeBackend) Arm(a console.Faults) error {
	if a.Faults == "boredom" {
		return fault.New(fault.Usage, "boredom is no fault")
	}
	f.armed = a
	return nil
}

func (f *fakeBackend) HLS(string) http.Handler { return f.hls }

func (f *fakeBackend) Document(id string) ([]byte, error) {
	return fmt.Appendf(nil, "{\n  \"id\": %q\n}\n", id), nil
}
