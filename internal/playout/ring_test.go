package playout

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/packet"
)

// No datagram of any size crosses the end of a ring.
func TestRingKeepsDatagramsWhole(t *testing.T) {
	r := newRing(1000)
	for packets := packet.Number(1); packets <= channel.MaxPackets; packets++ {
		for first := packet.Number(0); first < 3*r.size; first += packets {
			if got := len(r.span(first, first+packets)); got != int(packets)*packet.Size {
				t.Fatalf("datagram of %d packets at %d: %d contiguous bytes", packets, first, got)
			}
		}
	}
}

// rising is a fake that is thirty times as fast from packet at on.
type rising struct {
	fake
	at packet.Number
}

func (f rising) Due(n packet.Number) time.Duration {
	if n <= f.at {
		return f.fake.Due(n)
	}
	return f.fake.Due(f.at) + (f.fake.Due(n-f.at)+29)/30
}

func (f rising) Before(d time.Duration) packet.Number {
	if d <= f.fake.Due(f.at) {
		return f.fake.Before(d)
	}
	n := f.at + f.fake.Before(30*(d-f.fake.Due(f.at)))
	for f.Due(n) >= d {
		n--
	}
	return n + 1
}

// A stream that goes on at a higher rate finds a ring that is wide enough, and
// no packet is lost on the way.
func TestRingWidens(t *testing.T) {
	r := newHarness(t)
	p, recs := r.add(Config{Pacing: 8 * ms, Stream: rising{at: 2 * perSecond}}, 7, 3)
	before := p.ring.hold
	r.run(4 * time.Second)
	for _, rec := range recs {
		check(t, p, rec, 0, 8*ms)
	}
	s := p.Snapshot()
	if s.Starved > 0 || s.Outputs[0].Skipped > 0 {
		t.Errorf("%d packets starved, %d datagrams skipped", s.Starved, s.Outputs[0].Skipped)
	}
	if p.ring.hold < 20*before {
		t.Errorf("a ring of %d packets, before of %d", p.ring.hold, before)
	}
}
