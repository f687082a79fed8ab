package player

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Report describes a source and how it loops.
type Report struct {
	Source      string  `json:"source"`
	Container   string  `json:"container"` // "progressive MP4" or "fragmented MP4"
	Bytes       int64   `json:"bytes"`
	LoopLength  string  `json:"loop_length"` // exact: "10.000000 s"
	LoopSeconds float64 `json:"loop_seconds"`
	MuxRate     int64   `json:"mux_rate"` // bit/s, as run would send it
	PacketsALap int64   `json:"packets_a_lap"`
	// PCRPID is the PID of the PCR where it has one of its own because the video's
	// transport buffer has no room for it, 0 elsewhere.
	PCRPID uint16 `json:"pcr_pid,omitempty"`
	// JoinSeconds is how long a receiver that joins waits at most for a picture that
	// decoding can begin with, 0 without video.
	JoinSeconds float64 `json:"join_seconds"`
	Tracks      []Track `json:"tracks"`
	Loops       bool    `json:"loops"` // false: see Error
	Error       string  `json:"error"` // why it cannot loop, empty otherwise
	// Notes says what of the source is not carried as it is (I10); Adjustments holds
	// their sentences.
	Notes       []media.Note `json:"notes"`
	Adjustments []string     `json:"adjustments"`
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
	// What a deployment needs besides: the size of a picture, and the bit rate of the
	// busiest second in bit/s.
	Width       int   `json:"-"`
	Height      int   `json:"-"`
	PeakBitRate int64 `json:"-"`
	// Framerate is the exact rate of pictures of equal duration, 0 if it is variable.
	Framerate media.Rational `json:"-"`
}

// Probe opens the source of the spec and reports on it. If the source cannot be played,
// Loops is false, Error says why, and Probe returns that error too. Errors are those
// of Open.
func Probe(ctx context.Context, spec channel.Spec, o Options) (Report, error) {
	in := newInput(spec)
	o = o.complete()
	guard := fault.Guard{Log: o.Log}
	err := guard.Do("probing "+in.name(), func() error { return in.open(ctx, o) })
	r := in.report()
	if err != nil {
		err = in.wrap(err)
		r.Error = strings.TrimPrefix(err.Error(), in.name()+": ")
	}
	return r, errors.Join(err, in.Close())
}

// OnceLength returns how long a source plays once, until what follows costs no pictures and no sound
// of it: its lap, and about a second in which the last of them are sent. Errors are those of Open.
func OnceLength(ctx context.Context, spec channel.Spec, o Options) (d time.Duration, err error) {
	in := newInput(spec)
	o = o.complete()
	guard := fault.Guard{Log: o.Log}
	err = guard.Do("measuring "+in.name(), func() error { return in.open(ctx, o) })
	if err == nil {
		d = in.plan.OnceLength()
	}
	return d, errors.Join(in.wrap(err), in.Close())
}

// report reports on as much of the source as could be opened.
func (in *input) report() Report {
	r := Report{Source: in.name(), Tracks: []Track{}, Notes: append([]media.Note{}, in.notes()...), Adjustments: []string{}}
	if in.source != nil {
		r.Bytes = in.source.Size()
	}
	if in.file != nil {
		r.Container = "progressive MP4"
		if in.file.Fragmented {
			r.Container = "fragmented MP4"
		}
		r.Tracks = in.tracks()
	}
	if in.loop != nil {
		r.LoopLength, r.LoopSeconds = in.loop.Length.String(), in.loop.Length.Seconds()
		if v := in.loop.Video; v != nil {
			r.JoinSeconds = v.LongestWait().Seconds()
		}
	}
	if in.plan != nil {
		r.Loops, r.MuxRate, r.PacketsALap = true, int64(in.plan.BitRate()), int64(in.plan.Slots())
		r.PCRPID = uint16(in.plan.PCRApart())
	}
	for _, n := range r.Notes {
		r.Adjustments = append(r.Adjustments, n.Text)
	}
	return r
}

// notes returns all notes about the source, of as much as could be opened.
func (in *input) notes() (notes []media.Note) {
	if m, ok := in.source.(*encode.Mezzanine); ok {
		notes = append(notes, m.Notes()...)
	}
	if in.file != nil {
		notes = append(notes, in.file.Asset.Notes...)
	}
	if in.loop != nil {
		notes = append(notes, in.loop.Notes...)
	}
	return notes
}

func (in *input) tracks() []Track {
	var tracks []Track
	a := in.file.Asset
	if a.Video != nil {
		t := describe(a.Video)
		t.Kind = "video"
		t.Rate, t.Framerate = pictureRate(a.Video)
		t.Width, t.Height = a.Video.Video().Size()
		tracks = append(tracks, t)
	}
	for _, x := range a.Audio {
		t := describe(x)
		t.Kind, t.Rate = "audio", strconv.Itoa(x.Audio().SampleRate())+" Hz"
		tracks = append(tracks, t)
	}
	if in.plan == nil {
		return tracks
	}
	video, audio := in.plan.PIDs()
	if video != 0 {
		tracks[0].PID, tracks[0].Buffer = uint16(video), in.bufferText()
	}
	_, types := in.plan.StreamTypes()
	for i, pid := range audio {
		t := &tracks[len(tracks)-len(audio)+i]
		t.PID, t.StreamType = uint16(pid), types[i]
	}
	return tracks
}

// bufferText returns whether the pictures fit the decoder buffer of their level.
func (in *input) bufferText() string {
	if in.plan.ExceedsLevel {
		return "its pictures break their level's buffer, but arrive in time"
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
		r.PeakBitRate = max(r.BitRate, peakBitRate(t))
	}
	return r
}

// peakBitRate returns the bit rate of the busiest second.
func peakBitRate(t *media.Track) int64 {
	var most, sum int64
	first := 0
	for i, u := range t.Units {
		sum += int64(u.Size())
		for end := u.DTS + t.Duration(i); first < i && end-t.Units[first].DTS > int64(t.Timescale); first++ {
			sum -= int64(t.Units[first].Size())
		}
		most = max(most, sum)
	}
	return most * 8
}

// pictureRate returns the exact rate of pictures of equal duration, otherwise the
// mean as a text alone.
func pictureRate(t *media.Track) (text string, exact media.Rational) {
	first := t.Duration(0)
	for i := range t.Units {
		if t.Duration(i) != first {
			return fmt.Sprintf("%.3f fps, variable", float64(len(t.Units))*float64(t.Timescale)/float64(t.Units[len(t.Units)-1].DTS+t.LastDuration-t.Units[0].DTS)), media.Rational{}
		}
	}
	q := media.Rational{Num: int64(t.Timescale), Den: first}.Reduce()
	if q.Den == 1 {
		return fmt.Sprintf("%d fps", q.Num), q
	}
	return fmt.Sprintf("%.3f fps (%d/%d)", q.Seconds(), q.Num, q.Den), q
}
