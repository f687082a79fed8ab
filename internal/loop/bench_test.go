package loop

import (
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// BenchmarkLap finds a lap of audio, and the lap of one of its units, after ten years.
func BenchmarkLap(b *testing.B) {
	a := seconds(251)
	a.Audio = []*media.Track{track(900, 0, tones{rate: 44100, frame: 1024})}
	l, err := New(a)
	if err != nil {
		b.Fatal(err)
	}
	s := l.Audio[0]
	for b.Loop() {
		if lap := s.Lap(31_000_000); s.LapOf(lap.First) != 31_000_000 {
			b.Fatal(lap)
		}
	}
}

// BenchmarkLaps counts the laps of one kind in ten years.
func BenchmarkLaps(b *testing.B) {
	a := seconds(251)
	a.Audio = []*media.Track{track(900, 0, tones{rate: 44100, frame: 1024})}
	l, err := New(a)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l.Audio[0].Laps(31_000_000, 1, 2, true)
	}
}
