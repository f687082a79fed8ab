package mp4

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// timecodes is a timecode track of one sample, at 29.97 frames a second in drop-frame counting.
func timecodes() *trackSpec {
	entry := isobmff.Box("tmcd", zeros(6), isobmff.Uint16(1), zeros(4), isobmff.Uint32(1, 30_000, 1001), []byte{30, 0})
	return &trackSpec{handler: "tmcd", entry: entry, timescale: 30_000, language: "und", samples: []sampleSpec{{size: 4, duration: 300_300}}}
}

func TestTimecodes(t *testing.T) {
	refers := func(t *trackSpec) { t.boxes = isobmff.Box("tref", isobmff.Box("tmcd", isobmff.Uint32(3))) }
	broken := func(t *trackSpec) { t.entry = isobmff.Box("tmcd", zeros(20)) }
	for name, c := range map[string]struct {
		tracks []*trackSpec
		of     int // the track that counts, −1 for none
		start  time.Duration
	}{
		"none":             {[]*trackSpec{video(5)}, -1, 0},
		"first":            {[]*trackSpec{video(5), timecodes(), timecodes()}, 1, 0},
		"the one named":    {[]*trackSpec{with(video(5), refers), timecodes(), timecodes()}, 2, 0},
		"64-bit offsets":   {[]*trackSpec{video(5), with(timecodes(), func(t *trackSpec) { t.wide = true })}, 1, 0},
		"no rate":          {[]*trackSpec{video(5), with(timecodes(), broken)}, -1, 0},
		"no sample":        {[]*trackSpec{video(5), with(timecodes(), func(t *trackSpec) { t.samples = nil })}, -1, 0},
		"another file":     {[]*trackSpec{video(5), with(timecodes(), func(t *trackSpec) { t.external = true })}, -1, 0},
		"later":            {[]*trackSpec{video(5), with(timecodes(), func(t *trackSpec) { t.edits = []editSpec{{2000, -1, 0}, {10, 0, 0}} })}, 1, 2 * time.Second},
		"cut at its start": {[]*trackSpec{video(5), with(timecodes(), func(t *trackSpec) { t.edits = []editSpec{{10, 45_000, 0}} })}, 1, -1500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustOpen(t, &movieSpec{timescale: 1000, tracks: c.tracks}).Asset.Timecodes
			if c.of < 0 || got == nil {
				if c.of >= 0 || got != nil {
					t.Errorf("timecodes %+v", got)
				}
				return
			}
			want := media.Timecodes{Offset: c.tracks[c.of].samples[0].offset, Rate: media.Rational{Num: 30_000, Den: 1001}, DropFrame: true, Start: c.start}
			if *got != want {
				t.Errorf("timecodes %+v, want %+v", *got, want)
			}
		})
	}
}

// In a fragmented file the first fragment has the sample.
func TestTimecodesOfFragments(t *testing.T) {
	for _, base := range []string{"moof", "offset"} {
		spec := &movieSpec{tracks: []*trackSpec{video(9), timecodes()}, fragmented: true, perMoof: 4, fragment: fragmentSpec{base: base}}
		spec.tracks[1].samples = append(spec.tracks[1].samples, make([]sampleSpec, 8)...)
		c := mustOpen(t, spec).Asset.Timecodes
		if want := spec.tracks[1].samples[0].offset; c == nil || c.Offset != want {
			t.Errorf("%q: timecodes %+v, want them at byte %d", base, c, want)
		}
	}
}
