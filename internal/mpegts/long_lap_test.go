package mpegts

import (
	"testing"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// A long lap gets the rate that it would get if every rate were tested over the whole lap,
// and few are.
func TestSmallestOfLongLap(t *testing.T) {
	low := media.Buffer{Leak: 552_960, Size: 150_000, Drain: 460_800, Mux: 1333}
	for name, tt := range map[string]struct {
		passes int64 // through the lap, at most
		film
	}{
		"the same all along":       {4, film{timescale: 2, step: 1, pictures: 8400, bitRate: 60_000, gop: 10, peak: 6}},
		"the hardest at the start": {3, film{timescale: 2, step: 1, pictures: 8400, bitRate: 60_000, gop: 4200, peak: 30}},
		"another with sound":       {4, film{timescale: 2, step: 1, pictures: 8400, bitRate: 30_000, gop: 20, peak: 9, seed: 5, audio: []audioCoding{{rate: 8000, frame: 1024}}, audioLen: 1, audioRate: 8000}},
		"always a queue":           {12, film{timescale: 25, step: 1, pictures: 30_000, bitRate: 250_000, gop: 25, peak: 6, seed: 7, level: low}},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := loop.New(tt.asset())
			if err != nil {
				t.Fatal(err)
			}
			c := Config{}.withDefaults()
			d := newDemand(l, &c)
			d.described = true
			blocks := int64(0)
			d.interrupted = func() bool { blocks++; return false }
			got := d.smallestOfLongLap(declaredLimits)
			if got == nil {
				t.Fatal("no rate")
			}
			if most := tt.passes * got.blocks; blocks > most {
				t.Errorf("went through %d blocks of a lap of %d", blocks, got.blocks)
			}
			d.interrupted = func() bool { return false }
			low, want := d.climb(d.start(), declaredLimits, (*candidate).test)
			low, want = d.halve(low, want, declaredLimits, (*candidate).test)
			if got.clock.slots <= low || got.clock.slots > want.clock.slots+want.clock.slots/128 {
				t.Errorf("%d packets a lap, want more than %d and about %d", got.clock.slots, low, want.clock.slots)
			}
			if m := got.test(); m != nil {
				t.Errorf("it is not schedulable: %+v", m)
			}
		})
	}
}

// A short lap is gone through at many rates, but at none of them many times: where it
// leaves over more and more, that shows at once.
func TestSmallestOfShortLap(t *testing.T) {
	f := film{timescale: 25, step: 1, pictures: 250, bitRate: 6_000_000, gop: 50, peak: 5, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 128_000}
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	c := Config{}.withDefaults()
	d := newDemand(l, &c)
	blocks := 0
	d.interrupted = func() bool { blocks++; return false }
	p, err := d.plan()
	if err != nil {
		t.Fatal(err)
	}
	if most := 300 * int(p.blocks); blocks > most {
		t.Errorf("went through %d blocks of a lap of %d", blocks, p.blocks)
	}
}

// The search of a long lap finds a rate for any lap, if there is one, near the smallest.
func TestSearchOfLongLapInShortOnes(t *testing.T) {
	for name, f := range films {
		l, err := loop.New(f.asset())
		if err != nil {
			t.Fatal(err)
		}
		if l.Video == nil {
			continue
		}
		c := Config{}.withDefaults()
		d := newDemand(l, &c)
		d.described, d.interrupted = true, func() bool { return false }
		for _, keep := range []limits{declaredLimits, noLimits} {
			got, want := d.smallestOfLongLap(keep), d.smallestWithin(keep)
			switch {
			case got == nil || want == nil:
				if (got == nil) != (want == nil) {
					t.Errorf("%s, limits %d: a rate %v, want %v", name, keep, got != nil, want != nil)
				}
			case got.test() != nil:
				t.Errorf("%s, limits %d: %d packets are not schedulable", name, keep, got.clock.slots)
			case got.clock.slots > want.clock.slots+max(8, want.clock.slots/64):
				t.Errorf("%s, limits %d: %d packets, want about %d", name, keep, got.clock.slots, want.clock.slots)
			}
		}
	}
}

// A long lap of equal parts needs no higher rate than one of them, also where its large
// pictures need time. It plays where it breaks its level besides.
func TestLongLapOfLargePictures(t *testing.T) {
	low := media.Buffer{Leak: 276_480, Size: 75_000, Drain: 230_400, Mux: 1333}
	part := film{timescale: 10, step: 1, pictures: 100, bitRate: 30_000, gop: 100, peak: 1, level: low}
	plan := func(parts, hard int) *Plan {
		f := part
		f.pictures *= parts
		a := f.asset()
		units := a.Video.Units
		for i, u := range units {
			size := 555
			switch {
			case u.RandomAccess():
				size = 20_600 // It takes 0.7 s at the level's rate.
			case i >= len(units)/2 && i < len(units)/2+hard:
				size = 2700
			}
			units[i] = media.NewAccessUnit(u.Offset, u.DTS, u.CTO, size, u.RandomAccess())
		}
		l, err := loop.New(a)
		if err != nil {
			t.Fatal(err)
		}
		p, err := New(t.Context(), l, Config{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	once, often := plan(1, 0), plan(220, 0)
	if most := 220 * once.clock.slots; often.clock.slots > most+most/100 {
		t.Errorf("%d packets a lap, where the parts alone have %d", often.clock.slots, most)
	}
	if !plan(220, 600).ExceedsLevel {
		t.Error("a minute of pictures that the buffer cannot hold keeps to the level")
	}
}
