package mpegts

import (
	"testing"

	"github.com/lilo-live/lilo/internal/loop"
)

// A long lap whose beginning says little about the rest gets the rate that it would get
// if every rate were tested over the whole lap.
func TestNarrowFindsTheSameRate(t *testing.T) {
	for name, f := range map[string]film{
		"the same all along":       {timescale: 2, step: 1, pictures: 8400, bitRate: 60_000, gop: 10, peak: 6},
		"the hardest at the start": {timescale: 2, step: 1, pictures: 8400, bitRate: 60_000, gop: 4200, peak: 30},
		"another with sound":       {timescale: 2, step: 1, pictures: 8400, bitRate: 30_000, gop: 20, peak: 9, seed: 5, audio: []audioCoding{{rate: 8000, frame: 1024}}, audioLen: 1, audioRate: 8000},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := loop.New(f.asset())
			if err != nil {
				t.Fatal(err)
			}
			c := Config{}.withDefaults()
			d := newDemand(l, &c)
			d.interrupted = func() bool { return false }
			low, high := d.climb(noLimits)
			if high == nil || high.blocks < longLap {
				t.Fatalf("%+v", high)
			}
			least, found := d.narrow(low, high, noLimits)
			for high.clock.slots-low > 1+high.clock.slots>>precision {
				middle := low + (high.clock.slots-low)/2
				if p := d.schedulable(middle, noLimits); p != nil {
					high = p
				} else {
					low = middle
				}
			}
			if least > high.clock.slots || found.clock.slots < low {
				t.Errorf("between %d and %d, want between %d and %d", least, found.clock.slots, low, high.clock.slots)
			}
		})
	}
}
