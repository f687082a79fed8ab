package encode

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

// toneLap returns a lap of a tone that has a whole number of periods in it.
func toneLap(t *testing.T, length, hz float64, rate int, l audioLayout) (*lapPCM, func(at float64) float64) {
	t.Helper()
	tone := func(at float64) float64 {
		return 0.5 * math.Sin(2*math.Pi*math.Round(hz*length/float64(rate))*at/length)
	}
	p := &lapPCM{channels: 2, length: length}
	p.head = make([]float32, 0, (l.head+l.margin+l.tail)*l.unitSamples*2)
	r := &pcmRecorder{pcm: p, endFrames: (l.tail+l.margin+2)*l.unitSamples + 2*sincTaps}
	var raw []byte
	for i := range p.wholeLength() {
		for _, v := range []float64{tone(float64(i)), -tone(float64(i))} {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
		}
	}
	for len(raw) > 0 { // In writes that cut through samples.
		n := min(len(raw), 1001)
		if _, err := r.Write(raw[:n]); err != nil {
			t.Fatal(err)
		}
		raw = raw[n:]
	}
	return p, tone
}

// TestTransition checks that the end of a lap leads to its beginning, in laps of
// either number of access units.
func TestTransition(t *testing.T) {
	for _, c := range []struct {
		codec  string
		length float64
		rate   int
	}{
		{channel.CodecAAC, 195_840, 48_000},
		{channel.CodecAAC, 199_680, 48_000},
		{channel.CodecAAC, 161_761.6, 48_000},
		{channel.CodecAAC, 178_237.5, 44_100},
		{channel.CodecMP2, 193_920, 48_000},
		{channel.CodecAC3, 195_840, 48_000},
		{channel.CodecAAC, 5_000_000.25, 48_000},
		{channel.CodecAAC, 20_000, 48_000},
	} {
		l := newAudioLayout(c.codec, c.length, c.rate, false)
		p, tone := toneLap(t, c.length, 440, c.rate, l)
		for long := range 2 {
			if l.exact && long == 1 {
				continue
			}
			s := transition{pcm: p, unitSamples: l.unitSamples, units: l.units + long, tail: l.tail + long, guard: l.guard}
			from := s.units - s.tail - l.margin
			pcm := s.render(from, s.units+l.head+l.margin)
			for i := 0; i < len(pcm); i += 2 {
				u := from*l.unitSamples + i/2
				want := tone(s.position(u))
				if u < 0 {
					want = tone(float64(u))
				}
				if u >= s.units*l.unitSamples {
					want = tone(float64(u - s.units*l.unitSamples))
				}
				if got := float64(pcm[i]); math.Abs(got-want) > 2e-4 || pcm[i+1] != -pcm[i] {
					t.Fatalf("%s %v, lap of %d units: sample %d is %.5f, want %.5f", c.codec, c.length, s.units, u, got, want)
				}
			}
		}
	}
}
