package mp4

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
)

// timed returns a track of samples with these durations.
func timed(t *trackSpec, timescale int64, durations ...int64) *trackSpec {
	t.timescale, t.samples = timescale, t.samples[:len(durations)]
	for i, d := range durations {
		t.samples[i].duration = d
	}
	return t
}

// Samples of one time get times of their own.
func TestSamplesOfOneTime(t *testing.T) {
	const note = "samples have the decoding time of a neighbour or no duration"
	for name, c := range map[string]struct {
		timescale int64
		durations []int64
		declared  int64
		dts       string
		end       int64
		note      string
	}{
		"none":                         {1000, []int64{40, 40, 40, 40}, 0, "0 40 80 120", 160, ""},
		"the next lasts twice":         {1000, []int64{40, 40, 0, 80, 40}, 0, "0 40 80 120 160", 200, note},
		"the one before lasts twice":   {1000, []int64{40, 40, 80, 0, 40, 40}, 0, "0 40 80 120 160 200", 240, note},
		"many, one after another":      {1000, []int64{120, 0, 80, 0, 40, 40, 40, 40}, 0, "0 80 120 160 200 240 280 320", 360, note},
		"the first lasts 0":            {1000, []int64{0, 80, 40, 40}, 0, "0 40 80 120", 160, note},
		"two fields":                   {1000, []int64{0, 40, 0, 40, 0, 40}, 0, "0 20 40 60 80 100", 120, note},
		"two fields, coarse":           {25, []int64{0, 1, 0, 1}, 0, "0 1 2 3", 4, note},
		"the last lasts 0":             {1000, []int64{40, 40, 40, 0}, 0, "0 40 80 120", 160, "the last sample has no duration"},
		"the last two last 0":          {1000, []int64{40, 40, 40, 0, 0}, 0, "0 40 80 120 160", 200, note},
		"what they lasted went before": {1000, []int64{40, 40, 40, 120, 0, 0}, 0, "0 40 80 120 160 200", 240, note},
		"a signed difference":          {1000, []int64{40, 40, 1<<32 - 1, 40, 40}, 0, "0 40 80 120 160", 200, "1 sample has"},
		"all, by the media header":     {1000, []int64{0, 0, 0, 0}, 160, "0 40 80 120", 160, note},
		"a single sample":              {1000, []int64{0}, 40, "0", 40, "the last sample has no duration"},
	} {
		for _, track := range []*trackSpec{video(9), sound(9)} {
			t.Run(name+" "+track.handler, func(t *testing.T) {
				track = timed(track, c.timescale, c.durations...)
				track.patch = func(kind string, b []byte) []byte {
					if kind == "mdhd" {
						copy(b[24:], isobmff.Uint32(c.declared))
					}
					return b
				}
				a := mustOpen(t, &movieSpec{tracks: []*trackSpec{track}}).Asset
				got := a.Video
				if got == nil {
					got = a.Audio[0]
				}
				var dts []string
				for _, u := range got.Units {
					dts = append(dts, fmt.Sprint(u.DTS))
				}
				end := got.Units[len(got.Units)-1].DTS + got.LastDuration
				if s := strings.Join(dts, " "); s != c.dts || end != c.end || got.To != c.end {
					t.Errorf("decoded at %s until %d, presented until %d, want %s until %d", s, end, got.To, c.dts, c.end)
				}
				if notes := fmt.Sprint(a.Notes); (c.note != "") != (len(a.Notes) == 1) || !strings.Contains(notes, c.note) {
					t.Errorf("notes %s", notes)
				}
			})
		}
	}
}

// Times of a track with a finer timescale stay what they are, in the edit list too.
func TestFinerTimescale(t *testing.T) {
	v := timed(video(9), 25, 1, 1, 0, 1, 1)
	v.samples[0].cto = 2
	v.edits = []editSpec{{duration: 80, time: 1}}
	a := mustOpen(t, &movieSpec{tracks: []*trackSpec{v}}).Asset.Video
	if a.Timescale != 50 || a.Units[0].CTO != 4 || a.Units[3].DTS != 5 || a.From != 2 || a.To != 6 {
		t.Errorf("timescale %d, %+v, from %d to %d", a.Timescale, a.Units, a.From, a.To)
	}
}

func TestNoTimes(t *testing.T) {
	refused(t, (&movieSpec{tracks: []*trackSpec{timed(video(9), 25, 0)}}).build(), "a single sample, which lasts 0")
	refused(t, (&movieSpec{tracks: []*trackSpec{timed(video(9), 25, 0, 0)}}).build(), "track 1 has 2 samples of one decoding time, 0, and does not say how long they last")
}

// A writer that sends each picture as a fragment of its own, before it knows how long
// the one before it lasts, gives the second picture a wrong time: it is shown when no other is.
func TestPicturesOfOneTime(t *testing.T) {
	v := timed(video(9), 1000, 80, 0, 40, 40, 40, 40)
	for i, cto := range []int64{80, 40, 40, 40, 120, 40} { // The second one is to be shown at 200.
		v.samples[i].cto = cto
	}
	var shown []int64
	for _, u := range mustOpen(t, &movieSpec{tracks: []*trackSpec{v}}).Asset.Video.Units {
		shown = append(shown, u.PTS())
	}
	if want := []int64{80, 200, 120, 160, 280, 240}; !slices.Equal(shown, want) {
		t.Errorf("shown at %d, want %d", shown, want)
	}
}
