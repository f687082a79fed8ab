package hls

import (
	"bytes"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// epoch is when the timelines of the tests begin.
var epoch = time.Date(2026, 11, 25, 4, 0, 0, 123_456_789, time.UTC)

// bundled is the loop of the clip.
func bundled(t testing.TB) *loop.Loop {
	t.Helper()
	r, size := clip.Open()
	f, err := mp4.Open(r, size)
	if err != nil {
		t.Fatal(err)
	}
	return looped(t, f.Asset)
}

func looped(t testing.TB, a *media.Asset) *loop.Loop {
	t.Helper()
	l, err := loop.New(a)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func segmented(t testing.TB, l *loop.Loop) *SegmentedLoop {
	t.Helper()
	s, err := NewSegmentedLoop(l)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func timeline(t testing.TB, entries ...Entry) *Timeline {
	t.Helper()
	tl, err := New(entries...)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}

// Handler serves a timeline that does not change.
func Handler(t *Timeline, now func() time.Time) http.Handler {
	return NewRenderer(slog.New(slog.DiscardHandler)).Handler(func() *Timeline { return t }, now)
}

// picture is a coding whose samples begin with what kind of picture they are.
type picture struct{ media.VideoDefaults }

func (picture) String() string                          { return "pictures" }
func (picture) Codec() string                           { return "avc1.64001f" }
func (picture) Size() (width, height int)               { return 640, 360 }
func (picture) StreamType() byte                        { return 0x1b }
func (picture) Buffer() media.Buffer                    { return media.Buffer{Leak: 24_000_000, Size: 2_500_000} }
func (picture) Extra(media.Marks) int                   { return 0 }
func (picture) Picture(b []byte) (media.Picture, error) { return media.Picture(b[0]), nil }
func (picture) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	return append(dst, sample...), nil
}

// sound is a coding of constant duration.
type sound struct {
	media.AudioDefaults
	rate, frame int
}

func (sound) String() string                     { return "sound" }
func (sound) Codec() string                      { return "mp4a.40.2" }
func (sound) StreamType() byte                   { return 0x0f }
func (sound) SegmentFormat() media.SegmentFormat { return media.AnySegmentFormat }
func (sound) Channels() int                      { return 2 }
func (sound) Buffer() media.Buffer               { return media.Buffer{Leak: 2_000_000, Size: 3584} }
func (s sound) SampleRate() int                  { return s.rate }
func (s sound) FrameSamples() int                { return s.frame }
func (sound) Silence() []byte                    { return []byte("silence") }
func (sound) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	return append(dst, sample...), nil
}

// film describes a synthetic asset.
type film struct {
	timescale uint32
	step      int64 // of a picture, in the timescale; 0 for none
	pictures  int
	gop       int
	open      bool // random access points have a leading picture each
	gradual   bool // random access points but the first refresh pictures little by little
	pause     int  // after so many pictures one lasts ten times as long
	audio     []sound
}

// films are the loops that must all be cut well.
var films = map[string]film{
	"25 fps, GOP of 1 s":          {timescale: 25, step: 1, pictures: 250, gop: 25, audio: []sound{{rate: 48000, frame: 1024}}},
	"29.97 fps, GOP of 0.5 s":     {timescale: 30000, step: 1001, pictures: 1000, gop: 15, audio: []sound{{rate: 48000, frame: 1024}, {rate: 44100, frame: 1152}}},
	"25 fps, GOP of 10 s":         {timescale: 12800, step: 512, pictures: 777, gop: 250, audio: []sound{{rate: 44100, frame: 1024}}},
	"one GOP":                     {timescale: 25, step: 1, pictures: 333, gop: 1 << 30},
	"one GOP of a minute":         {timescale: 25, step: 1, pictures: 1500, gop: 1 << 30, audio: []sound{{rate: 48000, frame: 1024}}},
	"gradual refresh":             {timescale: 25, step: 1, pictures: 500, gop: 25, gradual: true},
	"every picture, 23.976 fps":   {timescale: 24000, step: 1001, pictures: 500, gop: 1, audio: []sound{{rate: 48000, frame: 1536}}},
	"open GOP":                    {timescale: 25, step: 1, pictures: 300, gop: 12, open: true, audio: []sound{{rate: 48000, frame: 1024}}},
	"a fifth of a second":         {timescale: 25, step: 1, pictures: 5, gop: 5, audio: []sound{{rate: 48000, frame: 1024}}},
	"one picture":                 {timescale: 90000, step: 3003, pictures: 1, gop: 1},
	"sound alone":                 {audio: []sound{{rate: 44100, frame: 1024}}},
	"a picture every two seconds": {timescale: 1000, step: 2000, pictures: 13, gop: 3},
	"a pause":                     {timescale: 90000, step: 3600, pictures: 500, gop: 50, pause: 40, audio: []sound{{rate: 32000, frame: 1152}}},
	"a prime timescale":           {timescale: 4_294_967_291, step: 171_798_690, pictures: 200, gop: 20, audio: []sound{{rate: 48000, frame: 1024}}},
}

// asset makes the film.
func (f film) asset() *media.Asset {
	var data []byte
	put := func(kind media.Picture, size int) int64 {
		at := int64(len(data))
		data = append(data, append([]byte{byte(kind)}, bytes.Repeat([]byte{byte(at)}, size-1)...)...)
		return at
	}
	a := &media.Asset{}
	length := 10.0
	if f.step > 0 {
		t := &media.Track{ID: 1, Language: "und", Coding: picture{}, Timescale: f.timescale, LastDuration: f.step, To: 1 << 60}
		dts := int64(0)
		for i := range f.pictures {
			kind, size, cto := media.Dependent, 300, f.step
			if i%f.gop == 0 {
				kind, size = media.Refresh, 3000
				if f.open && i > 0 {
					kind, cto = media.OpenRefresh, 2*f.step
				}
			} else if f.open && i%f.gop == 1 && i > 1 {
				cto = 0
			}
			u := media.NewAccessUnit(put(kind, size), dts, int32(cto), size, kind != media.Dependent)
			if f.gradual && i > 0 && u.RandomAccess() {
				u = u.WithPicture(media.GradualRefresh)
			}
			t.Units = append(t.Units, u)
			dts += f.step
			if f.pause > 0 && i%f.pause == f.pause-1 {
				dts += 9 * f.step
			}
		}
		length = float64(dts) / float64(f.timescale)
		a.Video = t
	}
	for k, s := range f.audio {
		t := &media.Track{ID: uint32(2 + k), Language: "eng", Coding: s, Timescale: uint32(s.rate), LastDuration: int64(s.frame), To: 1 << 60}
		for i := range int(length*float64(s.rate)/float64(s.frame)) + 1 {
			t.Units = append(t.Units, media.NewAccessUnit(put(0, 100), int64(i*s.frame), 0, 100, true))
		}
		a.Audio = append(a.Audio, t)
	}
	a.Source, a.Size = bytes.NewReader(data), int64(len(data))
	return a
}
