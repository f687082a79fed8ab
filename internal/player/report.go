package player

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
)

// Report is what probe tells of a source.
type Report struct {
	Source      string   `json:"source"`
	Container   string   `json:"container"` // "progressive MP4" or "fragmented MP4"
	Bytes       int64    `json:"bytes"`
	LoopLength  string   `json:"loop_length"` // exact: "10.000000 s"
	LoopSeconds float64  `json:"loop_seconds"`
	MuxRate     int64    `json:"mux_rate"` // bit/s, as run would send it
	PacketsALap int64    `json:"packets_a_lap"`
	Tracks      []Track  `json:"tracks"`
	Loops       bool     `json:"loops"`       // false: see Error
	Error       string   `json:"error"`       // why it cannot loop, empty otherwise
	Adjustments []string `json:"adjustments"` // cut audio, filled silence, dropped leading pictures, …
}

// Track is one elementary stream in a Report.
type Track struct {
	ID         uint32  `json:"id"`
	Kind       string  `json:"kind"` // "video" or "audio"
	Coding     string  `json:"coding"`
	StreamType byte    `json:"stream_type"`
	Language   string  `json:"language,omitempty"`
	PID        uint16  `json:"pid"`
	Units      int     `json:"units"`
	Rate       string  `json:"rate"` // "25 fps", "48000 Hz"
	BitRate    int64   `json:"bit_rate"`
	Seconds    float64 `json:"seconds"`
	Buffer     string  `json:"buffer,omitempty"` // of video: "within its level" or how it breaks it
}

// Probe opens a source as Open does and reports on it, also when it can be
// read but not looped: Loops is false then, Error says why, and the error is
// returned too.
func Probe(ctx context.Context, spec channel.Spec, opts InputOptions) (Report, error) {
	c := newInput(spec)
	err := c.open(ctx, opts)
	r := c.Report()
	if err != nil {
		err = c.named(err)
		r.Error = strings.TrimPrefix(err.Error(), c.Name()+": ")
	}
	return r, errors.Join(err, c.Close())
}

// Report returns what probe tells of the channel's source.
func (c *Input) Report() Report {
	r := Report{Source: c.Name(), Tracks: []Track{}, Adjustments: []string{}}
	if c.source != nil {
		r.Bytes = c.source.Size()
	}
	if c.file != nil {
		r.Container = "progressive MP4"
		if c.file.Fragmented {
			r.Container = "fragmented MP4"
		}
		r.Adjustments = append(r.Adjustments, c.file.Asset.Notes...)
		r.Tracks = c.tracks()
	}
	if c.loop != nil {
		r.LoopLength, r.LoopSeconds = c.loop.Length.String(), c.loop.Length.Seconds()
		r.Adjustments = append(r.Adjustments, c.loop.Notes...)
	}
	if c.plan != nil {
		r.Loops, r.MuxRate, r.PacketsALap = true, c.plan.BitRate(), c.plan.Slots()
	}
	return r
}

func (c *Input) tracks() []Track {
	var tracks []Track
	a := c.file.Asset
	if a.Video != nil {
		t := describe(a.Video)
		t.Kind, t.Rate = "video", pictureRate(a.Video)
		tracks = append(tracks, t)
	}
	for _, x := range a.Audio {
		t := describe(x)
		t.Kind, t.Rate = "audio", strconv.Itoa(x.Audio().SampleRate())+" Hz"
		tracks = append(tracks, t)
	}
	if c.plan == nil {
		return tracks
	}
	video, audio := c.plan.PIDs()
	if video != 0 {
		tracks[0].PID, tracks[0].Buffer = uint16(video), c.buffer()
	}
	for i, pid := range audio {
		tracks[len(tracks)-len(audio)+i].PID = uint16(pid)
	}
	return tracks
}

// buffer says whether the pictures keep to what their level gives a decoder.
func (c *Input) buffer() string {
	if c.plan.Strained {
		return "its pictures break their level's buffer; they are in time all the same"
	}
	return "within its level"
}

func describe(t *media.Track) Track {
	var bytes, duration int64
	for _, u := range t.Units {
		bytes += int64(u.Size())
	}
	if n := len(t.Units); n > 0 {
		duration = t.Units[n-1].DTS + t.LastDuration - t.Units[0].DTS
	}
	r := Track{
		ID: t.ID, Coding: t.Coding.String(), StreamType: t.Coding.StreamType(), Language: t.Language, Units: len(t.Units),
		Seconds: float64(duration) / float64(t.Timescale),
	}
	if duration > 0 {
		r.BitRate = media.MulDiv(bytes*8, int64(t.Timescale), duration)
	}
	return r
}

// pictureRate is the rate of the pictures: exact where all last equally long,
// otherwise the mean.
func pictureRate(t *media.Track) string {
	first := t.Duration(0)
	for i := range t.Units {
		if t.Duration(i) != first {
			return fmt.Sprintf("%.3f fps, variable", float64(len(t.Units))*float64(t.Timescale)/float64(t.Units[len(t.Units)-1].DTS+t.LastDuration-t.Units[0].DTS))
		}
	}
	q := media.Rational{Num: int64(t.Timescale), Den: first}.Reduce()
	if q.Den == 1 {
		return fmt.Sprintf("%d fps", q.Num)
	}
	return fmt.Sprintf("%.3f fps (%d/%d)", q.Seconds(), q.Num, q.Den)
}
