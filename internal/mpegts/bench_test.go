package mpegts

import (
	"testing"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/packet"
)

// BenchmarkFill is the cost of a packet, of a channel that reads from memory.
func BenchmarkFill(b *testing.B) {
	p := planOf(b, films["25 fps with sound"], 0)
	s := p.NewMuxer()
	buf := make([]byte, 700*packet.Size)
	b.SetBytes(packet.Size)
	b.ReportAllocs()
	for n := Slot(0); b.Loop(); n++ {
		if n%700 == 0 {
			if err := s.Fill(buf, n); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkPlan is planning two hours at the smallest rate.
func BenchmarkPlan(b *testing.B) {
	f := film{timescale: 12800, step: 512, pictures: 180_000, bitRate: 100_000, gop: 50, peak: 6, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 32_000}
	l, err := loop.New(f.asset())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := New(b.Context(), l, Config{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSeek is going to any packet of two hours.
func BenchmarkSeek(b *testing.B) {
	f := film{timescale: 12800, step: 512, pictures: 180_000, bitRate: 100_000, gop: 50, peak: 6, audio: []audioCoding{{rate: 48000, frame: 1024}}, audioLen: 1, audioRate: 32_000}
	p := planOf(b, f, 0)
	s := p.NewMuxer()
	var pkt [packet.Size]byte
	for n := Slot(1); b.Loop(); n += 7919 * 3571 {
		if err := s.Fill(pkt[:], n); err != nil {
			b.Fatal(err)
		}
	}
}
