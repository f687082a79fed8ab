package player

import (
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
)

func TestPeakBitRateIsThatOfTheBusiestSecond(t *testing.T) {
	track := func(duration int64, sizes ...int) *media.Track {
		t := &media.Track{Timescale: 100, LastDuration: duration}
		for i, n := range sizes {
			t.Units = append(t.Units, media.NewAccessUnit(0, int64(i)*duration, 0, n, false))
		}
		return t
	}
	for name, c := range map[string]struct {
		track *media.Track
		want  int64 // bytes
	}{
		"constant":              {track(50, 10, 10, 10, 10), 20},
		"a burst":               {track(50, 10, 10, 30, 20, 10), 50},
		"the last second":       {track(50, 10, 10, 10, 30), 40},
		"shorter than a second": {track(50, 10), 10},
		"slower than a second":  {track(300, 10, 40, 10), 40},
		"nothing":               {track(50), 0},
	} {
		if got := peakBitRate(c.track); got != c.want*8 {
			t.Errorf("%s: %d bit/s, want %d", name, got, c.want*8)
		}
	}
}

func TestProbeTellsWhatADeploymentNeeds(t *testing.T) {
	r, err := Probe(t.Context(), channel.Default(), LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	v := r.Tracks[0]
	if v.Width != 1280 || v.Height != 720 || v.StreamType != 0x1b || v.PeakBitRate <= v.BitRate || v.PeakBitRate > 4*v.BitRate {
		t.Errorf("%+v", v)
	}
}
