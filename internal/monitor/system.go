package monitor

import "github.com/lilo-live/lilo/internal/media"

// system is the T-STD of the PSI of the program: TBsys, which leaks at 1 Mb/s,
// and Bsys, of 1536 bytes (ISO/IEC 13818-1, 2.4.2.3).
type system struct {
	to   *tally
	tb   leaky
	main leaky
	on   bool
}

func newSystem(to *tally) system {
	return system{to: to, tb: newLeaky(1_000_000, tbSize), main: newLeaky(80_000, 1536)}
}

// packet feeds a packet with PSI.
func (s *system) packet(p packet, n int64, r *ramp) {
	start := r.time(n * packetSize)
	if !s.on {
		s.on = true
		s.tb.restart(start)
		s.main.restart(start)
	}
	s.main.rate = max(80_000, media.MulDiv(r.bytes*8, second, r.ticks)/500)
	end := content(p)
	overTB, overMain := false, false
	for i := range packetSize {
		t := max(r.time(n*packetSize+int64(i)), s.tb.at)
		overTB = s.tb.put(t) || overTB
		if i >= p.body() && i < end {
			overMain = s.main.put(max(s.tb.leaves(), s.main.at)) || overMain
		}
	}
	s.raise(n, p.pid(), overTB, overMain)
}

// content is where the stuffing of a packet with sections begins.
func content(p packet) int {
	end := packetSize
	for end > 4 && p[end-1] == 0xff {
		end--
	}
	return end
}

func (s *system) raise(n int64, pid PID, tb, main bool) {
	if tb {
		s.to.raise(BufferOverflow, n, pid, func() string { return "TBsys" })
	}
	if main {
		s.to.raise(BufferOverflow, n, pid, func() string { return "Bsys" })
	}
	if s.tb.at-s.tb.emptied > second {
		s.tb.emptied = s.tb.at
		s.to.raise(NotEmptied, n, pid, func() string { return "TBsys" })
	}
}
