package encode

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

// lapOf returns the wave of a lap of a tone that closes after the lap.
func lapOf(t *testing.T, length, hz float64, rate int, l lapUnits) (*wave, func(at float64) float64) {
	t.Helper()
	tone := func(at float64) float64 {
		return 0.5 * math.Sin(2*math.Pi*math.Round(hz*length/float64(rate))*at/length)
	}
	w := &wave{channels: 2, length: length}
	w.head = make([]float32, 0, (l.head+l.around+l.tail)*l.step*2)
	k := newKeeper(w, (l.tail+l.around+2)*l.step+2*sincTaps)
	var raw []byte
	for i := range w.whole() {
		for _, v := range []float64{tone(float64(i)), -tone(float64(i))} {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(v)))
		}
	}
	for len(raw) > 0 { // In pieces that cut through samples.
		n := min(len(raw), 1001)
		if _, err := k.Write(raw[:n]); err != nil {
			t.Fatal(err)
		}
		raw = raw[n:]
	}
	return w, tone
}

// A lap's end leads to its beginning, in laps of either number of units.
func TestSeamGoesOn(t *testing.T) {
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
		l := newLapUnits(c.codec, c.length, c.rate)
		w, tone := lapOf(t, c.length, 440, c.rate, l)
		for long := range 2 {
			if l.exact && long == 1 {
				continue
			}
			s := seam{wave: w, step: l.step, units: l.floor + long, tail: l.tail + long, guard: l.guard}
			from := s.units - s.tail - l.around
			pcm := s.render(from, s.units+l.head+l.around)
			for i := 0; i < len(pcm); i += 2 {
				u := from*l.step + i/2
				want := tone(s.position(u))
				if u < 0 {
					want = tone(float64(u))
				}
				if u >= s.units*l.step {
					want = tone(float64(u - s.units*l.step))
				}
				if got := float64(pcm[i]); math.Abs(got-want) > 2e-4 || pcm[i+1] != -pcm[i] {
					t.Fatalf("%s %v, lap of %d units: sample %d is %.5f, want %.5f", c.codec, c.length, s.units, u, got, want)
				}
			}
		}
	}
}
