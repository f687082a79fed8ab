package mpegts

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// I2 to I7: what a receiver finds, over many laps, across the wraps and after ten years.
func TestLaps(t *testing.T) {
	for name, f := range films {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, f, 0)
			starts := map[string]time.Duration{
				"epoch": 0, "PCR wrap": (1<<33)*time.Second/90000 - 3*time.Second,
				"RTP wrap": (1<<32)*time.Second/90000 - 3*time.Second, "ten years": 10 * 365 * 24 * time.Hour, "since 1970": 57 * 365 * 24 * time.Hour,
			}
			for place, at := range starts {
				s, from := p.NewMuxer(), p.Before(at)
				l := listen(t, p, from)
				count := max(4*p.Slots(), p.Before(6*time.Second))
				for n := from; n < from+count; n += 1000 {
					b := packets(t, s, n, 1000)
					for i := range 1000 {
						l.packet(b[i*packet.Size:][:packet.Size])
					}
				}
				if p.video != nil && l.pictures == 0 || len(p.audio) > 0 && l.audioUnits == 0 {
					t.Fatalf("%s: %d pictures and %d audio units in %d packets", place, l.pictures, l.audioUnits, count)
				}
			}
		})
	}
}

// Plans are schedulable: in every block of every lap all that belongs to it is sent.
func TestBlocksEndClean(t *testing.T) {
	for name, f := range films {
		t.Run(name, func(t *testing.T) {
			p := planOf(t, f, 0)
			s := p.NewMuxer()
			for _, lap := range []Slot{0, 1_000_003} {
				if err := s.Fill(nil, lap*p.Slots()); err != nil {
					t.Fatal(err)
				}
				for range 300 * p.blocks {
					if err := s.write(nil, s.blockEnd); err != nil {
						t.Fatal(err)
					}
					if s.video != nil && s.video.count != s.video.until {
						t.Fatalf("slot %d: %d pictures' packets left over", s.n, s.video.until-s.video.count)
					}
					if s.nextAudio != nil && s.nextAudio.slot < s.n {
						t.Fatalf("slot %d: audio of slot %d left over", s.n, s.nextAudio.slot)
					}
				}
			}
		})
	}
}
