package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/console"
)

// fake is a station of channels that are told what to say.
type fake struct {
	mu       sync.Mutex
	now      func() time.Time
	channels []console.Channel
	made     int
	listed   int // how often all were asked for
	hls      http.Handler
	fails    error
	specs    []channel.Spec
}

func (f *fake) Channels() []console.Channel {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listed++
	return f.seen()
}

// seen returns all channels as they are now. Its caller holds f.mu.
func (f *fake) seen() []console.Channel {
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

func (f *fake) Find(id string) (console.Channel, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.seen()
	i := slices.IndexFunc(all, func(c console.Channel) bool { return c.ID == id })
	if i < 0 {
		return console.Channel{}, false
	}
	return all[i], true
}

// play has a pipeline be where its epoch says.
func (f *fake) play(p *console.Pipeline) {
	spent := f.now().Sub(p.Epoch).Seconds()
	p.LapSeconds, p.BitRate = 10, 5_000_000
	p.Lap = int64(spent / p.LapSeconds)
	p.LapPosition = spent - float64(p.Lap)*p.LapSeconds
	p.Datagrams = int64(spent * 475)
	p.Bytes = int64(spent * 625_000 * float64(len(p.To)))
	p.LateMillis, p.P999Millis = 0.11, 0.4
}

func (f *fake) Probe(_ context.Context, source string, _ *channel.Encode) (player.Report, error) {
	switch source {
	case "":
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
	return player.Report{Source: source}, fault.New(fault.Source, "%s: no such file", source)
}

func (f *fake) Create(_ context.Context, s channel.Spec, start bool) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fails != nil {
		return "", f.fails
	}
	f.made++
	f.specs = append(f.specs, s)
	c := console.Channel{ID: strconv.Itoa(1_000_000 + f.made), Name: s.Name, State: "IDLE", Spec: s, Source: s.Source, Since: f.now(), Pipelines: []console.Pipeline{{}}}
	for _, d := range s.To {
		c.Pipelines[0].To = append(c.Pipelines[0].To, d.String())
	}
	f.channels = append(f.channels, c)
	if start {
		return c.ID, f.state(c.ID, "RUNNING")
	}
	return c.ID, nil
}

// conflict is what the API refuses with 409.
type conflict struct{ error }

func (conflict) Status() int { return http.StatusConflict }

// state puts a channel into a state; f is locked.
func (f *fake) state(id, state string) error {
	i := slices.IndexFunc(f.channels, func(c console.Channel) bool { return c.ID == id })
	switch {
	case i < 0:
		return fmt.Errorf("there is no channel %s", id)
	case f.channels[i].State == state:
		return conflict{errors.New("the channel is " + state)}
	}
	c := &f.channels[i]
	c.State, c.Since = state, f.now()
	for p := range c.Pipelines {
		c.Pipelines[p].Epoch = f.now()
	}
	return nil
}

func (f *fake) Start(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state(id, "RUNNING")
}

func (f *fake) Stop(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state(id, "IDLE")
}

func (f *fake) Delete(_ context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.channels = slices.DeleteFunc(f.channels, func(c console.Channel) bool { return c.ID == id })
	return nil
}

func (f *fake) HLS(string) http.Handler { return f.hls }

func (f *fake) Document(id string) ([]byte, error) {
	return fmt.Appendf(nil, "{\n  \"id\": %q\n}\n", id), nil
}
