package mpegts

import "github.com/lilo-live/lilo/internal/media"

// Intervals that the system packets keep, in milliseconds: a PCR every 35
// (ISO/IEC 13818-1 2.7.2 allows 100, ETSI TR 101 290 5.2.2 40), PAT and PMT
// every 100, SDT every 2000 (ETSI TR 101 211, 4.4).
const (
	pcrInterval = 35
	psiInterval = 100
	sdtInterval = 2000
)

// system is the timetable of the PCR and the tables. A lap has ticks ticks,
// evenly spread, tick i at slot ⌊i·slots ÷ ticks⌋. Each begins with a PCR; the
// PAT follows the first of every three, the PMT the second, and now and then
// the SDT the third, so that no tick is long. A lap's timetable is every lap's.
type system struct {
	slots    int64
	ticks    int64 // a multiple of 3
	pmt, sdt int64 // packets of the table
	sdtEvery int64 // an SDT in every so many third ticks
}

// newSystem makes the timetable of a lap; ok is false where the rate is too
// low for it.
func newSystem(c clock, s *sections) (sys system, ok bool) {
	pcr, psi := c.slotsIn(pcrInterval, 1000), c.slotsIn(psiInterval, 1000)
	if pcr < 1 {
		return system{}, false
	}
	threes := max(ceilDiv(c.slots, psi), ceilDiv(ceilDiv(c.slots, pcr), 3))
	sys = system{slots: c.slots, ticks: 3 * threes, pmt: int64(len(s.pmt)), sdt: int64(len(s.sdt)), sdtEvery: 1}
	sys.sdtEvery = max(1, c.slotsIn(sdtInterval, 1000)/(ceilDiv(c.slots, threes)+1))
	return sys, sys.slots/sys.ticks > sys.longest()
}

// longest is the most slots that a tick takes.
func (s *system) longest() int64 { return 1 + max(1, s.pmt, s.sdt) }

// start returns the slot of tick i.
func (s *system) start(i int64) int64 { return i * s.slots / s.ticks }

// length returns how many slots tick i of a lap takes.
func (s *system) length(i int64) int64 {
	switch i % 3 {
	case 0:
		return 2
	case 1:
		return 1 + s.pmt
	}
	if i/3%s.sdtEvery == 0 {
		return 1 + s.sdt
	}
	return 1
}

// before returns how many system packets lie in the first x slots of a lap, 0 ≤ x ≤ slots.
func (s *system) before(x int64) int64 {
	n := ceilDiv(x*s.ticks, s.slots) // ticks that begin before slot x
	if n == 0 {
		return 0
	}
	sum := n + ceilDiv(n, 3) + s.pmt*((n+1)/3) + s.sdt*ceilDiv(n/3, s.sdtEvery)
	if over := s.start(n-1) + s.length(n-1) - x; over > 0 {
		sum -= over
	}
	return sum
}

// tally counts system packets from the beginning of a lap on, over any number
// of laps. It stands at a tick, and is quick where it is asked for slots nearby.
type tally struct {
	*system
	tick        int64
	from, until int64 // the slots of the tick, up to the next one
	passed      int64 // packets of the ticks before it
}

func (s *system) tally() tally { return tally{system: s, until: s.start(1)} }

// at returns the first slot of a tick of any lap.
func (t *tally) at(tick int64) int64 {
	lap := media.FloorDiv(tick, t.ticks)
	return lap*t.slots + t.start(tick-lap*t.ticks)
}

// since returns how many system packets lie before slot x.
func (t *tally) since(x int64) int64 {
	for x >= t.until {
		t.passed += t.length(t.tick - media.FloorDiv(t.tick, t.ticks)*t.ticks)
		t.tick++
		t.from, t.until = t.until, t.at(t.tick+1)
	}
	for x < t.from {
		t.tick--
		t.from, t.until = t.at(t.tick), t.from
		t.passed -= t.length(t.tick - media.FloorDiv(t.tick, t.ticks)*t.ticks)
	}
	return t.passed + min(x-t.from, t.length(t.tick-media.FloorDiv(t.tick, t.ticks)*t.ticks))
}

// sdts is the number of SDTs in a lap.
func (s *system) sdts() int64 { return ceilDiv(s.ticks/3, s.sdtEvery) }

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
