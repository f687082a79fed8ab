package monitor

import "github.com/lilo-live/lilo/internal/media"

// systemBuffers is the part of the T-STD for the PSI of the program: TBsys,
// which drains at 1 Mb/s, and Bsys of 1536 bytes (ISO/IEC 13818-1, 2.4.2.3).
type systemBuffers struct {
	errs    *errorCounts
	tb, b   leakyBucket
	started bool
}

// minSystemRate is the lowest rate at which Bsys drains, in bit/s.
const minSystemRate = 80_000

func newSystemBuffers(errs *errorCounts) systemBuffers {
	return systemBuffers{errs: errs, tb: newLeakyBucket(1_000_000, tbSize), b: newLeakyBucket(minSystemRate, 1536)}
}

// packet takes a packet with PSI.
func (s *systemBuffers) packet(p packet, n int64, in *pcrInterval) {
	if !s.started {
		s.started = true
		s.tb.restart(in.time(n * packetSize))
		s.b.restart(s.tb.at)
	}
	s.b.rate = max(minSystemRate, media.MulDiv(in.bytes*8, second, in.ticks)/500)
	end := packetSize
	for end > 4 && p[end-1] == 0xff { // Stuffing behind the sections does not enter Bsys.
		end--
	}
	overTB, overB := false, false
	for i := range packetSize {
		t := max(in.time(n*packetSize+int64(i)), s.tb.at)
		overTB = s.tb.put(t) || overTB
		if i >= p.payload() && i < end {
			overB = s.b.put(max(s.tb.leaves(), s.b.at)) || overB
		}
	}
	for _, e := range []struct {
		raised bool
		check  Check
		name   string
	}{{overTB, BufferOverflow, "TBsys"}, {overB, BufferOverflow, "Bsys"}, {s.tb.stuck(), NotEmptied, "TBsys"}} {
		if e.raised {
			s.errs.raise(e.check, n, p.pid(), func() string { return e.name })
		}
	}
}
