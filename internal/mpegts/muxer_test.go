package mpegts

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

var films = map[string]film{
	"25 fps with sound":             {timescale: 12800, step: 512, pictures: 250, bitRate: 4_000_000, gop: 50, peak: 6, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 128_000},
	"29.97 fps, two tracks":         {timescale: 30000, step: 1001, pictures: 301, bitRate: 8_000_000, gop: 60, peak: 10, audio: []audioCoding{{rate: 48000, frame: 1024}, {rate: 44100, frame: 1024}}, audioLen: 1.1, audioRate: 192_000},
	"179/6 fps, short sound":        {timescale: 179000, step: 6000, pictures: 179, bitRate: 2_000_000, gop: 30, peak: 4, audio: []audioCoding{{rate: 44100, frame: 1152}}, audioLen: 0.7, audioRate: 96_000},
	"irregular durations":           {timescale: 90000, step: 3000, pictures: 200, bitRate: 3_000_000, gop: 25, peak: 5, jitter: true, audio: []audioCoding{{rate: 48000, frame: 1536}}, audioLen: 1, audioRate: 192_000},
	"ticks of 100 ns":               {timescale: 10_000_000, step: 417_083, pictures: 241, bitRate: 3_000_000, gop: 48, peak: 5, audio: []audioCoding{{rate: 44100, frame: 1024}}, audioLen: 1, audioRate: 128_000},
	"a prime timescale":             {timescale: 4_294_967_291, step: 171_798_692, pictures: 99, bitRate: 3_000_000, gop: 25, peak: 5, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 128_000},
	"video only":                    {timescale: 60000, step: 1001, pictures: 600, bitRate: 6_000_000, gop: 60, peak: 8},
	"one picture":                   {timescale: 25, step: 1, pictures: 1, bitRate: 1_000_000, gop: 2, peak: 1, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 64_000},
	"12.5 fps, a fifth of a second": {timescale: 25, step: 2, pictures: 3, bitRate: 1_000_000, gop: 3, peak: 2, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 64_000},
	"sound only":                    {audio: []audioCoding{{rate: 48000, frame: 1024}, {rate: 44100, frame: 1024}}, audioRate: 128_000},
	"a small buffer":                {timescale: 25, step: 1, pictures: 250, bitRate: 5_000_000, gop: 12, peak: 5, audio: []audioCoding{{rate: 48000, frame: 1152}}, audioLen: 1, audioRate: 256_000, level: media.Buffer{Leak: 18_000_000, Size: 229_376, Drain: 15_000_000, Mux: 10_000}},
	"level 1.2, HRD of 300 kb/s":    {timescale: 25, step: 1, pictures: 55, bitRate: 270_000, gop: 50, peak: 3, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 64_000, level: media.Buffer{Leak: 360_000, Size: 37_500, Drain: 460_800, Mux: 113_833}},
	"the same with three tracks":    {timescale: 25, step: 1, pictures: 55, bitRate: 270_000, gop: 50, peak: 3, audio: []audioCoding{{rate: 48000, frame: 1024}, {rate: 44100, frame: 1024}, {rate: 48000, frame: 1152}}, audioLen: 1, audioRate: 64_000, level: media.Buffer{Leak: 360_000, Size: 37_500, Drain: 460_800, Mux: 113_833}},
	"level 1.2, high rate":          {timescale: 25, step: 1, pictures: 250, bitRate: 250_000, gop: 25, peak: 6, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 64_000, level: media.Buffer{Leak: 552_960, Size: 150_000, Drain: 460_800, Mux: 1333}},
}

func planOf(t testing.TB, f film, rate media.BitRate) *Plan {
	t.Helper()
	key := fmt.Sprintf("%+v at %d", f, rate)
	if p, ok := plans.Load(key); ok {
		return p.(*Plan) //nolint:forcetypeassert // Nothing else is stored.
	}
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(t.Context(), l, Config{MuxRate: rate, ServiceName: "test"})
	if err != nil {
		t.Fatal(err)
	}
	plans.Store(key, p)
	return p
}

// plans holds what planOf has planned: it takes most of the time of the tests. A plan does
// not change.
var plans sync.Map

// The plan from the epoch on.
func (p *Plan) entry() *Entry { return p.NewEntry(Origin{}, false) }

func (p *Plan) NewMuxer() *Muxer            { return p.entry().NewMuxer() }
func (p *Plan) Before(d time.Duration) Slot { return p.entry().Before(d) }
func (p *Plan) Due(n Slot) time.Duration    { return p.entry().Due(n) }

func packets(t testing.TB, s *Muxer, n, count Slot) []byte {
	t.Helper()
	b := make([]byte, count*packet.Size)
	if err := s.Fill(b, n); err != nil {
		t.Fatal(err)
	}
	return b
}

// I1: packet n is the same whoever asks for it, and from wherever.
func TestMuxerSeeks(t *testing.T) {
	for name, f := range films {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, f, 0)
			for _, lap := range []Slot{0, 1, 7, 123_457} {
				from := lap * p.Slots()
				whole := packets(t, p.NewMuxer(), from, 2*p.Slots()+100)
				for i := range Slot(40) {
					at := i * 2 * p.Slots() / 40
					got := packets(t, p.NewMuxer(), from+at, 50)
					if want := whole[at*packet.Size : (at+50)*packet.Size]; !bytes.Equal(got, want) {
						t.Fatalf("lap %d, packet %d: %s", lap, at, difference(got, want))
					}
				}
			}
		})
	}
}

// The same in laps of so many units of sound that they are counted in steps.
func TestMuxerSeeksInLongLaps(t *testing.T) {
	f := film{timescale: 1000, step: 1001, pictures: 130, bitRate: 30_000, gop: 10, peak: 3, audio: []audioCoding{{rate: 44100, frame: 1024}}, audioLen: 1, audioRate: 32_000}
	l, err := loop.New(f.asset())
	if err != nil {
		t.Fatal(err)
	}
	if units := l.Audio[0].Floor; units < 5*countStep {
		t.Fatalf("a lap of %d units", units)
	}
	for _, frames := range []int{1, 2, 5} {
		p, err := New(t.Context(), l, Config{Layout: m2ts.Layout{AudioFramesPerPES: frames}})
		if err != nil {
			t.Fatal(err)
		}
		for _, lap := range []Slot{0, 3, 123_457} {
			from := lap * p.Slots()
			whole := packets(t, p.NewMuxer(), from, 2*p.Slots())
			for at := Slot(0); at < 2*p.Slots()-50; at += 997 {
				got := packets(t, p.NewMuxer(), from+at, 50)
				if want := whole[at*packet.Size : (at+50)*packet.Size]; !bytes.Equal(got, want) {
					t.Fatalf("%d units in a PES packet, lap %d, packet %d: %s", frames, lap, at, difference(got, want))
				}
			}
		}
	}
}

func difference(a, b []byte) string {
	for i := 0; i < len(a); i += packet.Size {
		if !bytes.Equal(a[i:i+packet.Size], b[i:i+packet.Size]) {
			return fmt.Sprintf("packet +%d: %x… instead of %x…", i/packet.Size, a[i:i+24], b[i:i+24])
		}
	}
	return "none"
}

func TestPlans(t *testing.T) {
	for name, f := range films {
		p := planOf(t, f, 0)
		t.Logf("%-32s %8d b/s, %d packets a lap, %d blocks, exceeds its level %v", name, p.BitRate(), p.Slots(), p.blocks, p.ExceedsLevel)
	}
}
