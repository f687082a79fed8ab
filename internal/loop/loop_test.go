package loop

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// pictures is a coding whose samples are one byte: what kind of picture they are.
type pictures struct{ media.VideoDefaults }

func (pictures) String() string                          { return "pictures" }
func (pictures) Codec() string                           { return "pict" }
func (pictures) Size() (width, height int)               { return 16, 16 }
func (pictures) StreamType() byte                        { return 0x1b }
func (pictures) Buffer() media.Buffer                    { return media.Buffer{Leak: 1e7, Size: 1e6} }
func (pictures) Extra(media.Marks) int                   { return 0 }
func (pictures) Picture(b []byte) (media.Picture, error) { return media.Picture(b[0] - '0'), nil }
func (pictures) AppendUnit(dst, b []byte, _ media.Place) ([]byte, error) {
	return append(dst, b...), nil
}

type tones struct {
	media.AudioDefaults
	rate, frame int
}

func (tones) String() string                     { return "tones" }
func (tones) Codec() string                      { return "tone" }
func (tones) StreamType() byte                   { return 0x0f }
func (tones) SegmentFormat() media.SegmentFormat { return media.AnySegmentFormat }
func (tones) Channels() int                      { return 2 }
func (tones) Buffer() media.Buffer               { return media.Buffer{Leak: 2e6, Size: 3584} }
func (t tones) SampleRate() int                  { return t.rate }
func (t tones) FrameSamples() int                { return t.frame }
func (tones) Silence() []byte                    { return []byte("silence") }
func (tones) AppendUnit(dst, b []byte, _ media.Place) ([]byte, error) {
	return append(dst, b...), nil
}

// film makes a video track at 25 fps from a line of pictures in decoding order:
// kind (0 dependent, 1 refresh, 2 open refresh, 3 decodable leading, 4 recovery
// point) and the time it is shown at, in pictures: "1@2 0@0 0@1".
func film(line string) *media.Asset {
	t := &media.Track{ID: 1, Coding: pictures{}, Timescale: 25, LastDuration: 1, To: math.MaxInt64}
	var data bytes.Buffer
	for i, word := range strings.Fields(line) {
		var kind, at int
		if _, err := fmt.Sscanf(word, "%d@%d", &kind, &at); err != nil {
			panic(err)
		}
		fmt.Fprint(&data, kind)
		t.Units = append(t.Units, media.NewAccessUnit(int64(i), int64(i), int32(at-i), 1, kind == 1 || kind == 2 || kind == 4))
	}
	return &media.Asset{Source: bytes.NewReader(data.Bytes()), Size: int64(data.Len()), Video: t}
}

func TestVideoLap(t *testing.T) {
	tests := []struct {
		name     string
		film     string
		from, to int64
		want     string // DTS/PTS of each unit, = length
		open     bool
		note     string
	}{
		{"whole", "1@1 0@3 0@2", 0, 99, "0/1 1/3 2/2 = 3", false, ""},
		{"14496-12 8.6.1.3: negative composition offsets", "1@0 0@2 0@1 0@3", 0, 99, "0/1 1/3 2/2 3/4 = 4", false, ""},
		{"begins in mid-GOP", "0@0 0@1 1@2 0@3", 0, 99, "0/0 1/1 = 2", false, "begins with picture 3"},
		{"edit list cuts the start", "1@0 0@1 1@2 0@3", 1, 99, "0/0 1/1 2/2 3/3 = 4", false, "begins within a GOP: the lap shows 1 picture (0.040 s) before it too"},
		{"edit list cuts the start at a GOP", "1@0 0@1 1@2 0@3 0@4", 2, 99, "0/0 1/1 2/2 = 3", false, ""},
		{"edit list cuts the start within open GOPs", "1@1 0@2 2@5 0@3 0@4 0@6", 3, 99, "0/1 1/2 2/5 3/3 4/4 5/6 = 6", false, "2 pictures (0.080 s) before it"},
		{"edit list cuts the start at an open GOP", "1@1 0@2 2@5 0@3 0@4 0@6", 5, 99, "0/1 1/2 = 2", true, ""},
		{"edit list begins before the first IDR picture", "0@0 0@1 1@2 0@3", 1, 99, "0/0 1/1 = 2", false, "begins with picture 3"},
		{"edit list cuts the end", "1@0 0@1 0@2 0@3", 0, 3, "0/0 1/1 2/2 = 3", false, "the lap 1 picture before the end"},
		{"end cut before a reference", "1@1 0@4 0@2 0@3 0@7 0@5 0@6", 0, 6, "0/1 1/4 2/2 3/3 4/6 5/5 = 6", false, "1 picture after it too, because others refer to it; "},
		{"cut in a mini-GOP", "1@2 0@6 0@4 0@3 0@5 0@10", 0, 99, "0/2 1/6 2/4 3/3 4/5 5/7 = 6", false, "missing where the file was cut, 0.200 s into the lap; the gap is closed by showing 1 picture behind it up to 0.120 s earlier"},
		{"cut in a mini-GOP with a picture of its own", "1@2 0@6 0@4 0@3 0@5 0@10 0@8", 0, 99, "0/2 1/6 2/4 3/3 4/5 5/8 6/7 = 7", false, "0.200 s into the lap; the gap is closed by showing 2 pictures behind it up to 0.080 s earlier"},
		{"joined behind a cut in a mini-GOP", "1@2 0@5 1@4 0@6 0@5", 0, 99, "0/2 1/3 2/4 3/6 4/5 = 5", false, "0.040 s into the lap; the gap is closed by showing 1 picture behind it up to 0.080 s earlier"},
		{"14496-12 8.6.1.3: two pictures at one time", "1@0 0@1 0@1 0@2", 0, 99, "0/1 1/2 2/3 3/4 = 4", false, "2 pictures collide in time with others, or with the next lap: they are shown up to 0.040 s later, and the lap is 0.000 s longer; --encode avc spaces the pictures evenly"},
		{"HEVC CRA with RASL", "2@3 0@1 0@2 0@4", 0, 99, "0/1 1/2 = 2", true, "2 leading pictures"},
		{"HEVC CRA with RADL", "2@3 3@1 3@2 0@4", 0, 99, "0/3 1/1 2/2 3/4 = 4", true, ""},
		{"MPEG-2 open GOP", "2@2 0@0 0@1 0@5 0@3 0@4", 0, 99, "0/1 1/4 2/2 3/3 = 4", true, "2 leading pictures"},
		{"H.264 prefers an IDR picture", "4@0 0@1 1@2 0@3 0@4 0@5", 0, 99, "0/0 1/1 2/2 3/3 = 4", false, "begins with picture 3"},
		{"H.264 prefers one before the edit", "1@0 0@1 4@2 0@3", 2, 99, "0/0 1/1 2/2 3/3 = 4", false, "2 pictures (0.080 s) before it"},
		{"H.264 with one too late", "4@0 0@1 0@2 1@3", 0, 99, "0/0 1/1 2/2 3/3 = 4", true, "receivers may not show some of its first 3 pictures"},
		{"H.264 with one of its own after it", "4@0 4@1 0@2 0@3", 0, 99, "0/0 1/1 2/2 3/3 = 4", true, "receivers may not show its first picture, up to"},
		{"H.264 without one", "4@2 0@0 0@1 0@3", 0, 99, "0/0 1/1 = 2", true, "2 leading pictures of the open GOP at the start are dropped, they cannot"},
		{"one leading picture", "4@1 0@0 0@2", 0, 99, "0/0 1/1 = 2", true, "1 leading picture of the open GOP at the start is dropped, it cannot"},
		{"one picture collides", "1@0 0@1 0@1", 0, 99, "0/1 1/2 2/3 = 3", false, "1 picture collides in time with another, or with the next lap: it is shown up to 0.040 s later"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := film(test.film)
			a.Video.From, a.Video.To = test.from, test.to
			l, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for u := range l.Video.Len() {
				x := l.Video.Unit(u)
				fmt.Fprintf(&got, "%d/%d ", x.DTS, x.PTS())
			}
			fmt.Fprintf(&got, "= %d", l.Video.Length)
			if got.String() != test.want {
				t.Errorf("%s, want %s", got.String(), test.want)
			}
			if l.Video.Open != test.open {
				t.Errorf("open %v", l.Video.Open)
			}
			if notes := sentences(l.Notes); !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

func TestVideoWithoutRandomAccess(t *testing.T) {
	_, err := New(film("0@0 0@1"))
	if fault.KindOf(err) != fault.Media || !strings.Contains(err.Error(), "--encode") {
		t.Errorf("%v", err)
	}
}

// track makes a track of n audio units that begins start s after the movie.
func track(n int, start float64, c tones) *media.Track {
	t := &media.Track{ID: 2, Coding: c, Timescale: uint32(c.rate), LastDuration: int64(c.frame), To: math.MaxInt64, Start: int64(start * float64(c.rate))}
	for i := range n {
		t.Units = append(t.Units, media.NewAccessUnit(int64(i), int64(i*c.frame), 0, 1, true))
	}
	return t
}

// seconds makes a video of so many pictures at 25 fps.
func seconds(n int) *media.Asset {
	line := "1@0"
	for i := 1; i < n; i++ {
		line += fmt.Sprintf(" 0@%d", i)
	}
	return film(line)
}

func TestAudioLap(t *testing.T) {
	aac := tones{rate: 48000, frame: 1024}
	tests := []struct {
		name   string
		track  *media.Track
		from   int64
		first  int    // the track's unit that the lap begins with, -1 for silence
		silent int    // silent units among the Floor + 1 of a lap
		note   string // what a note says
	}{
		{"as long as the video", track(469, 0, aac), 0, 0, 0, ""},
		{"priming of 1024 samples", track(470, 0, aac), 1024, 1, 0, ""},
		{"priming of 2112 samples", track(472, 0, aac), 2112, 2, 0, ""},
		{"longer than the video", track(600, 0, aac), 0, 0, 0, "its last 2.795 s are cut off, it is longer than the lap"},
		{"shorter than the video", track(400, 0, aac), 0, 0, 69, "1.451 s of silence are played after it"},
		{"begins late", track(469, 1, aac), 0, -1, 47, "1.003 s of silence are played before it"},
		{"begins before the video", track(469, -1, aac), 0, 47, 47, "its first 1.003 s are cut off, they come before the lap"},
		{"ends before the video begins", track(10, -1, aac), 0, -1, 469, "it is silent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := seconds(250)
			test.track.From = test.from
			a.Audio = []*media.Track{test.track}
			l, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			s := l.Audio[0]
			if s.Floor != 468 {
				t.Fatalf("%d units in a lap", s.Floor)
			}
			silent := 0
			for i := range s.Floor + 1 {
				u, ok := s.Unit(i, s.Floor+1)
				if !ok {
					silent, u = silent+1, -1
				}
				if i == 0 && u != test.first {
					t.Errorf("begins with unit %d, want %d", u, test.first)
				}
			}
			if silent != test.silent {
				t.Errorf("%d silent units, want %d", silent, test.silent)
			}
			if notes := sentences(l.Notes); !strings.Contains(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

// What of the sound is not as the file has it is said with where, how often and how long.
func TestSoundNotes(t *testing.T) {
	aac := tones{rate: 48000, frame: 1024}
	moved := func(move func(i int) int64) *media.Track {
		t := track(460, 0, aac)
		for i, u := range t.Units {
			t.Units[i].DTS = u.DTS + move(i)
		}
		t.To = 1 << 40
		return t
	}
	for name, c := range map[string]struct {
		track *media.Track
		want  []string
	}{
		"even":     {moved(func(int) int64 { return 0 }), nil},
		"jitter":   {moved(func(i int) int64 { return int64(i%7*50 - 150) }), nil},
		"one gap":  {moved(func(i int) int64 { return int64(i/100) / 4 * 3072 }), []string{"audio track 2: a gap is filled with silence, 0.064 s from 8.533 s into the lap on"}},
		"two gaps": {moved(func(i int) int64 { return int64(i/200) * 3072 }), []string{"audio track 2: 2 gaps are filled with silence, 0.128 s in all, the first one 4.267 s into the lap"}},
		"together": {moved(func(i int) int64 { return int64(i/200) * -2048 }), []string{
			"audio track 2: 4 of its access units are left out, 0.085 s in all, they begin before the ones before them end",
		}},
		"slow": {moved(func(i int) int64 { return int64(i) * 10 }), []string{
			"audio track 2: its clock is off by +0.98 %, 0.096 s in all, which clicks: --encode avc resamples it",
			"audio track 2: 4 gaps are filled with silence, 0.085 s in all, the first one 1.109 s into the lap",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := seconds(250)
			a.Audio = []*media.Track{c.track}
			l, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			inside := slices.DeleteFunc(l.Notes, func(n media.Note) bool { return strings.Contains(n.Text, "played after it") })
			if got := sentences(inside); got != strings.Join(c.want, "\n") {
				t.Errorf("notes %s, want %q", got, c.want)
			}
		})
	}
}

// I4: sound stays within half a unit of the place the file gives it, in any lap.
func TestAudioStaysInPlace(t *testing.T) {
	for _, c := range []tones{{rate: 48000, frame: 1024}, {rate: 44100, frame: 1024}, {rate: 48000, frame: 1536}, {rate: 24000, frame: 1152}} {
		for _, start := range []float64{0, 0.013, 0.31, -0.2} {
			a := seconds(251)
			a.Audio = []*media.Track{track(900, start, c)}
			l, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			s := l.Audio[0]
			for _, n := range []LapNumber{0, 1, 2, 3, 1000, 31_000_000} {
				lap := s.Lap(n)
				for i := range lap.Len {
					u, ok := s.Unit(i, lap.Len)
					if !ok {
						continue
					}
					want := start + float64(u*c.frame)/float64(c.rate)
					got := float64(lap.Lead+int64(i)*s.Step()) / float64(s.Rate())
					if half := float64(c.frame) / float64(c.rate) / 2; math.Abs(got-want) > half*1.0001 {
						t.Fatalf("%d Hz, start %v, lap %d: unit %d is %.6f s off, half a unit is %.6f", c.rate, start, n, u, got-want, half)
					}
				}
			}
		}
	}
}

func TestSoundAlone(t *testing.T) {
	a := &media.Asset{Audio: []*media.Track{track(100, 0, tones{rate: 44100, frame: 1024})}}
	l, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	if want := (media.Rational{Num: 102400, Den: 44100}).Reduce(); l.Length != want {
		t.Errorf("a lap of %v, want %v", l.Length, want)
	}
	if lap := l.Audio[0].Lap(1_000_000_007); lap.Len != 100 || lap.Lead != 0 {
		t.Errorf("%+v", lap)
	}
}

func TestNothingToPlay(t *testing.T) {
	if _, err := New(&media.Asset{}); fault.KindOf(err) != fault.Media {
		t.Errorf("%v", err)
	}
}

func TestBounds(t *testing.T) {
	picture := func(n int, timescale uint32, duration int64) *media.Asset {
		v := &media.Track{ID: 1, Coding: pictures{}, Timescale: timescale, LastDuration: duration, To: 1 << 60}
		for i := range n {
			v.Units = append(v.Units, media.NewAccessUnit(0, int64(i)*duration, 0, 1, i == 0))
		}
		sound := track(3, 0, tones{rate: 48000, frame: 1024})
		return &media.Asset{Source: strings.NewReader("1"), Size: 1, Video: v, Audio: []*media.Track{sound}}
	}
	for _, c := range []struct {
		name      string
		n         int
		timescale uint32
		duration  int64
		want      string
	}{
		{"four days a picture", 54, 1, 400_000, "the lap lasts 6000 hours, more than the 72 that can repeat"},
		{"0.2 ns a picture", 54, 4294967295, 1, "has 54 pictures in 1.26e-08 s, more than 1000 a second"},
		{"a day a picture", 2, 1, 86_400, "has 2 pictures in 48.0 hours, less than one a minute"},
		{"1001 a second", 77, 1001, 1, "more than 1000 a second"},
		{"1000 a second", 77, 1000, 1, ""},
		{"an hour of one picture", 1, 1, 3600, ""},
		{"a picture a minute", 100, 1, 60, ""},
	} {
		_, err := New(picture(c.n, c.timescale, c.duration))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
		if err != nil && fault.KindOf(err) != fault.Media {
			t.Errorf("%s: kind %v", c.name, fault.KindOf(err))
		}
	}
}

func sentences(notes []media.Note) string {
	var text []string
	for _, n := range notes {
		text = append(text, n.Text)
	}
	return strings.Join(text, "\n")
}

// A receiver that joins waits for the next random access point, of the next lap too.
func TestLongestWait(t *testing.T) {
	for line, want := range map[string]media.Rational{
		"1@0 0@1 0@2 1@3 0@4":     {Num: 3, Den: 25},
		"1@0 1@1 0@2 0@3 0@4 0@5": {Num: 5, Den: 25},
		"1@0 0@1":                 {Num: 2, Den: 25},
	} {
		l, err := New(film(line))
		if err != nil {
			t.Fatal(err)
		}
		if got := l.Video.LongestWait(); got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
}

// encoded makes a video of the pictures that are shown at these times, in hundredths of a
// second, as encoders do: two B-pictures follow each anchor, and decoding times are the
// presentation times of two pictures before.
func encoded(times []int64) *media.Asset {
	t := &media.Track{ID: 1, Coding: pictures{}, Timescale: 100, LastDuration: 4, To: math.MaxInt64}
	var data bytes.Buffer
	dts := func(i int) int64 {
		if i < 2 {
			return times[i] - times[2]
		}
		return times[i-2]
	}
	for i := range times {
		shown := i // in decoding order: 0 3 1 2 6 4 5 …
		if last := len(times) - 1; i > 0 {
			anchor := (i-1)/3*3 + 3
			shown = i - 1
			if i%3 == 1 {
				shown = min(anchor, last)
			}
		}
		fmt.Fprint(&data, max(0, 1-i))
		t.Units = append(t.Units, media.NewAccessUnit(int64(i), dts(i), int32(times[shown]-dts(i)), 1, i == 0))
	}
	return &media.Asset{Source: bytes.NewReader(data.Bytes()), Size: int64(data.Len()), Video: t}
}

// Where pictures are unevenly spaced, the long steps at the end are the file's own: a lap
// shows all pictures at their times, and the last one for as long as usual.
func TestUnevenPictures(t *testing.T) {
	every := func(steps ...int) []int64 {
		times := []int64{0}
		for i := range 60 {
			times = append(times, times[i]+int64(steps[i*len(steps)/60]))
		}
		return times
	}
	for name, c := range map[string]struct {
		times []int64
		cut   int // units that are missing at the end
		moved bool
		hole  bool  // of more than 0.7 s
		rest  int64 // how long the last picture is shown
	}{
		"even":                           {times: every(4), rest: 4},
		"slower at the end":              {times: every(4, 28), rest: 4},
		"faster at the end":              {times: every(28, 4), rest: 52}, // Decoding the lap takes longer than showing it.
		"ever slower":                    {times: every(1, 2, 4, 8, 16, 32), rest: 4},
		"stands still at the end":        {times: append(every(4, 12, 4, 8, 4), 800), hole: true, rest: 4},
		"even and cut":                   {times: every(4), cut: 2, moved: true, rest: 4},
		"even but for one step, and cut": {times: append(every(4), 252, 256, 260), cut: 2, moved: true, rest: 4},
		"slower at the end, and cut":     {times: every(4, 28), cut: 2, hole: true, rest: 4},
	} {
		t.Run(name, func(t *testing.T) {
			a := encoded(c.times)
			a.Video.Units = a.Video.Units[:len(a.Video.Units)-c.cut]
			l, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			v, last := l.Video, int64(0)
			checkTimes(t, v)
			for i, u := range v.units {
				if now := v.at(i).PTS(); !c.moved && now != u.PTS() {
					t.Errorf("unit %d is shown at %d, not at %d", i, now, u.PTS())
				}
				last = max(last, v.at(i).PTS())
			}
			if rest := v.shown + v.Length - last; rest != c.rest {
				t.Errorf("the last picture is shown for %d, want %d", rest, c.rest)
			}
			told := map[media.NoteKind]bool{}
			for _, n := range l.Notes {
				told[n.Kind] = true
			}
			if told[media.NotePictureTimes] != c.moved || told[media.NoteGaps] != c.hole || len(told) > 1 {
				t.Errorf("notes %q", sentences(l.Notes))
			}
		})
	}
}
