package mpegts

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// spacingFilms have pictures that take long at the rate that the others need.
var spacingFilms = map[string]film{
	"a still picture":               {timescale: 25, step: 1, pictures: 125, bitRate: 60_000, gop: 125, peak: 60, audio: audioOf(1), audioLen: 1, audioRate: 64_000},
	"10 fps, no sound":              {timescale: 10, step: 1, pictures: 60, bitRate: 50_000, gop: 60, peak: 50},
	"2 fps":                         {timescale: 2, step: 1, pictures: 12, bitRate: 60_000, gop: 12, peak: 11, audio: audioOf(3), audioLen: 1, audioRate: 64_000},
	"the decoder's buffer is small": {timescale: 25, step: 1, pictures: 125, bitRate: 60_000, gop: 125, peak: 20, level: media.Buffer{Leak: 24_000_000, Size: 6881, Drain: 20_000_000, Mux: 13_333}},
}

// TR 101 290, 2.5: at the smallest rate no PTS of a picture comes more than 700 ms
// after the one before, and at a rate below that is asked for the film still plays.
func TestPTSSpacing(t *testing.T) {
	for name, f := range spacingFilms {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, f, 0)
			if p.ExceedsLevel {
				t.Error("it breaks its level")
			}
			if widest := widestPTS(t, p); widest > 700*time.Millisecond {
				t.Errorf("PTS are %v apart", widest)
			}
			if later := p.video.released > 0; later != (name == "the decoder's buffer is small") {
				t.Errorf("pictures are sent later: %v", later)
			}
			checkDescribed(t, name, p)
			planned(t, f, 0)
		})
	}
	f := spacingFilms["a still picture"]
	least := planOf(t, f, 0).BitRate()
	if p := planOf(t, f, least*95/100); widestPTS(t, p) <= 700*time.Millisecond {
		t.Error("a lower rate is enough")
	}
}

// widestPTS returns the longest time between the first bytes of PES packets of the video in some laps.
func widestPTS(t *testing.T, p *Plan) (widest time.Duration) {
	t.Helper()
	m := p.NewMuxer()
	for _, lap := range []Slot{0, 9, 40_001} {
		last := time.Duration(-1)
		b := packets(t, m, lap*p.Slots(), 6*p.Slots())
		for n := Slot(0); n < 6*p.Slots(); n++ {
			x := b[n*packet.Size:][:packet.Size]
			if pidOf(x) != p.config.VideoPID || x[1]&0x40 == 0 {
				continue
			}
			due := p.Due(lap*p.Slots() + n)
			if last >= 0 {
				widest = max(widest, due-last)
			}
			last = due
		}
	}
	return widest
}
