package loop

import (
	"bytes"
	"math"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// A picture that holds for more than 0.7 s, and for longer than others, is told with where
// and how long.
func TestHoles(t *testing.T) {
	every := func(step int64, n int) []int64 {
		steps := make([]int64, n)
		for i := range steps {
			steps[i] = step
		}
		return steps
	}
	concat := func(parts ...[]int64) (all []int64) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for name, c := range map[string]struct {
		steps []int64 // from each picture to the next, in 1/100 s; the last one to the end of the lap
		noted bool    // by what reads the file
		want  string
	}{
		"none":                   {steps: every(4, 50)},
		"0.7 s":                  {steps: concat(every(4, 20), every(70, 1), every(4, 30))},
		"2 s":                    {steps: concat(every(4, 20), every(200, 1), every(4, 30)), want: "missing in 1 place, 1.930 s in all, the first one 0.800 s into the lap"},
		"2 s, variable":          {steps: concat([]int64{3, 9, 2, 7, 4, 6, 11, 1}, every(200, 1), []int64{5, 3, 8, 2, 9, 4, 3, 6}), want: "missing in 1 place, 1.840 s in all, the first one 0.430 s into the lap"},
		"two":                    {steps: concat(every(4, 20), every(100, 1), every(4, 30), every(80, 1), every(4, 30)), want: "missing in 2 places, 1.680 s in all, the first one 0.800 s into the lap"},
		"the last picture holds": {steps: concat(every(4, 50), every(300, 1)), want: "missing in 1 place, 2.910 s in all, the first one 2.000 s into the lap"},
		"a slide show":           {steps: []int64{200, 300, 100, 200, 400, 200}},
		"between fragments":      {steps: concat(every(4, 20), every(200, 1), every(4, 30)), noted: true},
	} {
		tr := &media.Track{ID: 1, Coding: pictures{}, Timescale: 100, LastDuration: c.steps[len(c.steps)-1], To: math.MaxInt64}
		var at int64
		for i, step := range c.steps {
			tr.Units = append(tr.Units, media.NewAccessUnit(int64(i), at, 0, 1, i == 0))
			at += step
		}
		data := append([]byte("1"), bytes.Repeat([]byte("0"), len(c.steps))...)
		a := &media.Asset{Source: bytes.NewReader(data), Size: int64(len(data)), Video: tr}
		if c.noted {
			a.Notes = []media.Note{media.NewNote(media.NoteGaps, 1, "1 gap between fragments")}
		}
		l, err := New(a)
		if err != nil {
			t.Fatal(name, err)
		}
		want := c.want
		if want != "" {
			want = "video track 1: pictures are " + want + ": the picture before each holds, for longer than the 0.7 s of TR 101 290 (PTS_error); --encode avc repeats it"
		}
		if got := sentences(l.Notes); got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, want)
		}
	}
}
