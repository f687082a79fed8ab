package loop

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// stamped is a coding whose first picture is 10:00:00:00 at 25 a second.
type stamped struct{ pictures }

func (stamped) FirstTimeCode() (timecode.Counter, int64) {
	return timecode.Counter{Rate: media.Rational{Num: 25, Den: 1}}, 10 * 3600 * 25
}

// at is a label such as 00:00:01:02, or 00:01:00;02 for drop-frame counting.
func at(text string) *Timecode {
	var t Timecode
	t.DropFrame = strings.Contains(text, ";")
	if _, err := fmt.Sscanf(strings.Replace(text, ";", ":", 1), "%d:%d:%d:%d", &t.Hours, &t.Minutes, &t.Seconds, &t.Frames); err != nil {
		panic(err)
	}
	return &t
}

// shown returns the first and the last picture of a lap on the media's timeline.
func shown(l *Loop) string {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for u := range l.Video.Len() {
		pts := l.Video.at(u).PTS()
		first, last = min(first, pts), max(last, pts)
	}
	return fmt.Sprintf("%d to %d", first, last)
}

func TestClipping(t *testing.T) {
	const gops = "1@1 0@3 0@2 1@4 0@6 0@5 1@7 0@9 0@8" // pictures 1 to 9: labels 0 to 8
	for _, c := range []struct {
		name, want, note string
		clipping         Clipping
		coding           media.Coding
	}{
		{name: "all", want: "1 to 9"},
		{name: "from a random access point", clipping: Clipping{Start: at("00:00:00:03")}, want: "4 to 9"},
		{
			name: "within a GOP", clipping: Clipping{Start: at("00:00:00:05")}, want: "4 to 9",
			note: "video track 1: the clip begins within a GOP: the lap shows 2 pictures (0.080 s) before it too, from the random access point on; clip it at random access points to leave them out",
		},
		{name: "up to a picture", clipping: Clipping{Stop: at("00:00:00:06")}, want: "1 to 6"},
		{name: "with the last picture", clipping: Clipping{Stop: at("00:00:00:05"), IncludeLast: true}, want: "1 to 6"},
		{name: "both", clipping: Clipping{Start: at("00:00:00:03"), Stop: at("00:00:00:06")}, want: "4 to 6"},
		{
			name: "up to within a GOP", clipping: Clipping{Stop: at("00:00:00:05")}, want: "1 to 6",
			note: "video track 1: the clip ends within a GOP: the lap shows 1 picture after it too, because others refer to it; clip it at random access points to leave them out",
		},
		{
			name: "beyond the end", clipping: Clipping{Stop: at("00:00:01:00")}, want: "1 to 9",
			note: "video track 1: the clip stops at 00:00:01:00, and the source ends before it, with picture 00:00:00:08",
		},
		{name: "embedded", clipping: Clipping{Start: at("10:00:00:03"), Embedded: true}, coding: stamped{}, want: "4 to 9"},
		{name: "embedded, counted from the first", clipping: Clipping{Start: at("00:00:00:03")}, coding: stamped{}, want: "4 to 9"},
		{
			name: "embedded, and there is none", clipping: Clipping{Start: at("00:00:00:03"), Embedded: true}, want: "4 to 9",
			note: "video track 1: no timecode was found, neither in its pictures nor in a timecode track (tmcd), so pictures count from 00:00:00:00",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := film(gops)
			if c.coding != nil {
				a.Video.Coding, a.Video.Units[0].CTO = c.coding, 1
			}
			a.Audio = []*media.Track{track(19, 0.04, tones{rate: 48000, frame: 1024})}
			l, err := NewClipped(a, c.clipping)
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(l); got != c.want {
				t.Errorf("pictures %s are shown, want %s", got, c.want)
			}
			if got := sentences(l.Notes); got != c.note {
				t.Errorf("notes %q, want %q", got, c.note)
			}
			// Sound stays at its picture.
			u, ok := l.Audio[0].Unit(0, l.Audio[0].Floor)
			first := strings.IndexByte("0123456789", c.want[0])
			if off := float64(u)*1024/48000 - float64(first-1)/25; !ok || math.Abs(off) > 1024.0/48000 {
				t.Errorf("the sound begins with unit %d, %.3f s off", u, off)
			}
		})
	}
}

func TestClippingRefused(t *testing.T) {
	for name, c := range map[string]struct {
		clipping Clipping
		want     string
	}{
		"beyond the end": {
			Clipping{Start: at("00:01:00:00")},
			"no picture is left of the source: its pictures are 00:00:00:00 to 00:00:01:24, and the clip starts at 00:01:00:00 and stops at the last",
		},
		"too many frames": {Clipping{Start: at("00:00:00:25")}, "the clip is at 00:00:00:25, and the source has 25 pictures a second: frames count to 24"},
		"nothing":         {Clipping{Start: at("00:00:01:00"), Stop: at("00:00:01:00")}, "no picture is left of the source"},
	} {
		_, err := NewClipped(seconds(50), c.clipping)
		if fault.KindOf(err) != fault.Media || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	sound := &media.Asset{Audio: []*media.Track{track(10, 0, tones{rate: 48000, frame: 1024})}}
	if _, err := NewClipped(sound, Clipping{}); err == nil || !strings.Contains(err.Error(), "no pictures to clip it by") {
		t.Errorf("sound alone: %v", err)
	}
}

// What a label means follows from the rate of the pictures.
func TestLabelsOfRates(t *testing.T) {
	long := func(timescale uint32, times func(i int) int64) *media.Asset {
		a := film(strings.Repeat("1@0 ", 4000))
		a.Video.Timescale, a.Video.LastDuration = timescale, times(1)
		for i := range a.Video.Units {
			a.Video.Units[i].DTS, a.Video.Units[i].CTO = times(i), 0
		}
		return a
	}
	for name, c := range map[string]struct {
		asset *media.Asset
		label string
		want  int64
	}{
		"29.97":             {long(30_000, func(i int) int64 { return int64(i) * 1001 }), "00:01:00:00", 1800 * 1001},
		"29.97, drop frame": {long(30_000, func(i int) int64 { return int64(i) * 1001 }), "00:01:00;02", 1800 * 1001},
		"25 in ms":          {long(1000, func(i int) int64 { return int64(i) * 40 }), "00:01:00:10", 60_400},
		"30 in ms":          {long(1000, func(i int) int64 { return int64(i) * 1000 / 30 }), "00:02:00:01", 120_033},
		"12.5":              {long(25, func(i int) int64 { return int64(i) * 2 }), "00:01:00:00", 1500},
		"one in two seconds": {
			long(1, func(i int) int64 { return int64(i) * 2 }), "00:10:00:00", 600,
		},
		"variable": {long(1000, func(i int) int64 { return int64(i)*40 + int64(i/2000)*int64(i%2000)*15 }), "00:00:30:00", 30_000},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := NewClipped(c.asset, Clipping{Start: at(c.label)})
			if err != nil {
				t.Fatal(err)
			}
			if got := l.Video.shown; got != c.want {
				t.Errorf("%s is the picture at %d, want %d", c.label, got, c.want)
			}
		})
	}
}

// Where pictures have no timecode, the first one of a timecode track counts.
func TestClippingByTimecodeTrack(t *testing.T) {
	const gops = "1@1 0@3 0@2 1@4 0@6 0@5 1@7 0@9 0@8" // pictures 1 to 9
	for name, c := range map[string]struct {
		coding    media.Coding
		timecodes *media.Timecodes
		number    uint32
		start     string
		want      string // of the error, or the pictures
	}{
		"a file that begins with it": {timecodes: &media.Timecodes{}, number: 90_000, start: "01:00:00:03", want: "4 to 9"},
		"a track that begins before": {timecodes: &media.Timecodes{Start: -2 * time.Second}, number: 90_000, start: "01:00:02:03", want: "4 to 9"},
		"drop frame":                 {timecodes: &media.Timecodes{DropFrame: true}, number: 1498, start: "00:01:00:03", want: "4 to 9"},
		"pictures know better":       {coding: stamped{}, timecodes: &media.Timecodes{}, number: 90_000, start: "10:00:00:03", want: "4 to 9"},
		"beyond the end": {
			timecodes: &media.Timecodes{}, number: 90_000, start: "02:00:00:00",
			want: "no picture is left of the source: its pictures are 01:00:00:00 to 01:00:00:08, and the clip starts at 02:00:00:00 and stops at the last",
		},
		"another rate": {
			timecodes: &media.Timecodes{Rate: media.Rational{Num: 30, Den: 1}}, number: 90_000, start: "01:00:00:00",
			want: "stops at the last: the timecode track counts 30 frames a second where there are 25 pictures, so pictures count from 00:00:00:00",
		},
		"beyond the file": {
			timecodes: &media.Timecodes{Offset: 1000}, number: 90_000, start: "01:00:00:00",
			want: "stops at the last: no timecode was found, neither in its pictures nor in a timecode track (tmcd), so pictures count from 00:00:00:00",
		},
		"none": {start: "01:00:00:00", want: "stops at the last: no timecode was found, neither in its pictures nor in a timecode track (tmcd), so pictures count from 00:00:00:00"},
	} {
		t.Run(name, func(t *testing.T) {
			a := film(gops)
			a.Video.From, a.Video.To = 1, 10 // Picture 1 is presented at 0.
			if c.coding != nil {
				a.Video.Coding = c.coding
				a.Video.Units[0].CTO = 1
			}
			if c.timecodes != nil {
				data := make([]byte, a.Size, a.Size+4)
				if _, err := a.Source.ReadAt(data, 0); err != nil {
					t.Fatal(err)
				}
				if c.timecodes.Offset == 0 {
					c.timecodes.Offset = a.Size
				}
				if c.timecodes.Rate.Num == 0 {
					c.timecodes.Rate = media.Rational{Num: 25, Den: 1}
				}
				data = binary.BigEndian.AppendUint32(data, c.number)
				a.Source, a.Size, a.Timecodes = bytes.NewReader(data), int64(len(data)), c.timecodes
			}
			l, err := NewClipped(a, Clipping{Start: at(c.start), Embedded: true})
			got := fmt.Sprint(err)
			if err == nil {
				got = shown(l)
			}
			if !strings.HasSuffix(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if err == nil && len(l.Notes) > 0 {
				t.Errorf("notes %q", sentences(l.Notes))
			}
		})
	}
}
