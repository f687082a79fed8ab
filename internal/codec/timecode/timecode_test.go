package timecode

import (
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

var ntsc = media.Rational{Num: 30_000, Den: 1001}

// TestNumber checks labels of SMPTE ST 12-1, 5.2.2 and that each frame of a day has one.
func TestNumber(t *testing.T) {
	for _, c := range []struct {
		counter Counter
		number  int64
		code    TimeCode
	}{
		{Counter{Rate: media.Rational{Num: 25, Den: 1}}, 90_000, TimeCode{1, 0, 0, 0}},
		{Counter{Rate: ntsc}, 1800, TimeCode{0, 1, 0, 0}},
		{Counter{Rate: ntsc, DropFrame: true}, 1799, TimeCode{0, 0, 59, 29}},
		{Counter{Rate: ntsc, DropFrame: true}, 1800, TimeCode{0, 1, 0, 2}},
		{Counter{Rate: ntsc, DropFrame: true}, 17_982, TimeCode{0, 10, 0, 0}},
		{Counter{Rate: ntsc, DropFrame: true}, 107_892, TimeCode{1, 0, 0, 0}},
		{Counter{Rate: ntsc, DropFrame: true}, 24*107_892 - 1, TimeCode{23, 59, 59, 29}},
		{Counter{Rate: media.Rational{Num: 60_000, Den: 1001}, DropFrame: true}, 3600, TimeCode{0, 1, 0, 4}},
		{Counter{Rate: media.Rational{Num: 24_000, Den: 1001}}, 24, TimeCode{0, 0, 1, 0}},
	} {
		if got := c.counter.TimeCode(c.number); got != c.code || c.counter.Number(c.code) != c.number {
			t.Errorf("frame %d: got %v, %d, want %v", c.number, got, c.counter.Number(c.code), c.code)
		}
	}
	for _, c := range []Counter{{Rate: ntsc}, {Rate: ntsc, DropFrame: true}, {Rate: media.Rational{Num: 60_000, Den: 1001}, DropFrame: true}} {
		for n := range int64(200_000) {
			if back := c.Number(c.TimeCode(n)); back != n {
				t.Fatalf("%+v: frame %d has the time code of %d", c, n, back)
			}
		}
		day := c.Number(TimeCode{24, 0, 0, 0})
		if c.TimeCode(day) != (TimeCode{}) || c.TimeCode(-1) != c.TimeCode(day-1) {
			t.Errorf("%+v: a day later it is %v", c, c.TimeCode(day))
		}
	}
}

// TestFollow checks that time codes run on over laps of 100 frames and a third.
func TestFollow(t *testing.T) {
	c := Counter{Rate: media.Rational{Num: 25, Den: 1}}
	const scale, length = 75, 301 // 100 1/3 frames
	for _, sample := range []struct {
		name       string
		own, first int64
		time       int64 // in the lap
		lap        int64
		want       int64
	}{
		{"lap 0 is that of the source", 1010, 1000, 30, 0, 1010},
		{"a frame off is no error", 1011, 1000, 30, 0, 1011},
		{"the source repeats its first time code", 1000, 1000, 30, 0, 1010},
		{"lap 1", 1010, 1000, 30, 1, 1110},
		{"lap 3 is a whole frame longer", 1010, 1000, 30, 3, 1311},
		{"before the epoch", 1010, 1000, 30, -1, 910},
		{"ten years", 1010, 1000, 30, 78_892_026, 1010 + 78_892_026*100 + 78_892_026/3},
	} {
		at := media.Place{Lap: sample.lap, LapTime: sample.lap * length, Time: sample.lap*length + sample.time, Timescale: scale}
		if got := c.Follow(sample.own, sample.first, at); got != sample.want {
			t.Errorf("%s: got %d, want %d", sample.name, got, sample.want)
		}
	}
	if (Counter{}).Valid() || (Counter{Rate: media.Rational{Num: 1 << 40, Den: 1}}).Valid() || !c.Valid() {
		t.Error("which rates are valid")
	}
}
