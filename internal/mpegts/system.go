package mpegts

import "github.com/lilo-live/lilo/internal/media"

// The longest intervals of the system packets, in milliseconds: a PCR every 35
// (ISO/IEC 13818-1 2.7.2 allows 100, ETSI TR 101 290 5.2.2 40), PAT and PMT
// every 100, SDT every 2000 (ETSI TR 101 211, 4.4).
const (
	pcrInterval = 35
	psiInterval = 100
	sdtInterval = 2000
)

// system is the timetable of the PCR and the tables. A lap has ticks ticks,
// evenly spread, tick i at slot ⌊i·slots ÷ ticks⌋. Each begins with a PCR. Ticks
// come in groups of up to three: the PAT follows the first, the PMT the second,
// and now and then the SDT the third, so that no tick is long. A lap's timetable
// is every lap's.
type system struct {
	slots int64
	ticks int64 // a multiple of group
	group int64 // 1 to 3
	// tables are PAT, PMT and SDT, in this order.
	tables [3]timetable
}

// timetable is when a table is sent: behind the PCR of one tick in every so many groups.
type timetable struct {
	packets int64
	at      int64 // the tick of the group
	every   int64 // groups
}

// newSystem makes the timetable of a lap; ok is false where the rate is too
// low for it.
func newSystem(c clock, s *sections, i intervals) (sys system, ok bool) {
	often := min(i.pat, i.pmt, i.sdt)
	// One table a tick, where that brings them often enough.
	sys = system{slots: c.slots, group: max(1, min((2*often+i.pcr)/(2*i.pcr), 3))}
	pcr, least := c.slotsIn(i.pcr, 1000), c.slots
	var limits [3]int64 // slots from one to the next
	for k, t := range s.tables() {
		sys.tables[k] = timetable{packets: int64(len(t)), at: min(int64(k), sys.group-1)}
		// Behind another table of the same tick it comes later than in a tick without.
		limits[k] = c.slotsIn([]int64{i.pat, i.pmt, i.sdt}[k], 1000) - sys.behind(k)
		least = min(least, limits[k])
	}
	if pcr < 1 || least < 1 {
		return system{}, false
	}
	groups := max(ceilDiv(c.slots, least), ceilDiv(ceilDiv(c.slots, pcr), sys.group))
	sys.ticks = sys.group * groups
	for k := range sys.tables {
		sys.tables[k].every = max(1, limits[k]/(ceilDiv(c.slots, groups)+1))
	}
	return sys, sys.slots/sys.ticks > sys.longest()
}

// behind returns how many packets of other tables may go before a table in its tick.
func (s *system) behind(table int) int64 {
	var n int64
	for k := range table {
		if s.tables[k].at == s.tables[table].at {
			n += s.tables[k].packets
		}
	}
	return n
}

// longest is the most slots that a tick takes.
func (s *system) longest() int64 {
	var most int64
	for at := range s.group {
		most = max(most, s.length(at))
	}
	return most
}

// start returns the slot of tick i.
func (s *system) start(i int64) int64 { return i * s.slots / s.ticks }

// length returns how many slots tick i of a lap takes.
func (s *system) length(i int64) int64 {
	n := int64(1)
	for k := range s.tables {
		if s.carries(k, i) {
			n += s.tables[k].packets
		}
	}
	return n
}

// carries reports whether tick i of a lap has that table.
func (s *system) carries(table int, i int64) bool {
	t := &s.tables[table]
	group := i / s.group
	return i-group*s.group == t.at && group%t.every == 0
}

// count returns how often that table is sent in the first ticks of a lap.
func (s *system) count(table int, ticks int64) int64 {
	t := &s.tables[table]
	return ceilDiv(ceilDiv(max(0, ticks-t.at), s.group), t.every)
}

// before returns how many system packets lie in the first x slots of a lap, 0 ≤ x ≤ slots.
func (s *system) before(x int64) int64 {
	n := ceilDiv(x*s.ticks, s.slots) // ticks that begin before slot x
	if n == 0 {
		return 0
	}
	sum := n
	for k := range s.tables {
		sum += s.tables[k].packets * s.count(k, n)
	}
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
	length      int64 // slots it takes
	passed      int64 // packets of the ticks before it
}

func (s *system) tally() tally { return tally{system: s, until: s.start(1), length: s.length(0)} }

// at returns the first slot of a tick of any lap.
func (t *tally) at(tick int64) int64 {
	lap := media.FloorDiv(tick, t.ticks)
	return lap*t.slots + t.start(tick-lap*t.ticks)
}

// enter stands at another tick.
func (t *tally) enter(tick int64) {
	t.tick = tick
	t.length = t.system.length(tick - media.FloorDiv(tick, t.ticks)*t.ticks)
}

// since returns how many system packets lie before slot x.
func (t *tally) since(x int64) int64 {
	for x >= t.until {
		t.passed += t.length
		t.enter(t.tick + 1)
		t.from, t.until = t.until, t.at(t.tick+1)
	}
	for x < t.from {
		t.enter(t.tick - 1)
		t.from, t.until = t.at(t.tick), t.from
		t.passed -= t.length
	}
	return t.passed + min(x-t.from, t.length)
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }
