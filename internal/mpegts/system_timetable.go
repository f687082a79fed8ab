package mpegts

import "time"

// timetable assigns slots to PCRs and tables, the same ones in every lap. A lap
// is divided into intervals; interval i begins with a PCR at slot ⌊i·slots ÷
// intervals⌋, and tables may follow. Intervals form groups as long as a table's
// repetition allows: the first table follows the first PCR of a group, the
// second one the second, and so on, so that no run of system packets is long. A
// table that may come less often is left out of some groups. Where pictures would
// begin before the program is described, a lap begins with all PSI tables.
type timetable struct {
	slots     Slot
	intervals int64 // a multiple of group
	group     int64 // 1 to the number of tables
	tables    []repetition
}

// repetition is when a table is sent: after the PCR of one interval in every
// so many groups.
type repetition struct {
	packets  Slot
	interval int64 // of the group
	every    int64 // groups
	opens    bool  // it also follows the first PCR of a lap
}

// newTimetable makes the timetable of a lap. With described, all PSI tables follow
// its first PCR. ok is false where the rate is too low for the timetable.
func newTimetable(c clock, tables []table, pcrInterval time.Duration, described bool) (s timetable, ok bool) {
	shortest := tables[0].interval
	for _, t := range tables {
		shortest = min(shortest, t.interval)
	}
	// One table after each PCR, where that repeats them often enough.
	fitting := int64((2*shortest + pcrInterval) / (2 * pcrInterval))
	s = timetable{slots: c.slots, group: max(1, min(fitting, int64(len(tables))))}
	pcr, least := c.slotsIn(pcrInterval.Milliseconds(), 1000), c.slots
	limits := make([]Slot, len(tables)) // from one to the next
	for k, t := range tables {
		r := repetition{packets: t.size(), interval: min(int64(k), s.group-1)}
		r.opens = described && t.id < firstSI && r.interval > 0
		s.tables = append(s.tables, r)
		// It comes later where another table goes first.
		limits[k] = c.slotsIn(t.interval.Milliseconds(), 1000) - s.ahead(k)
		least = min(least, limits[k])
	}
	if pcr < 1 || least < 1 {
		return timetable{}, false
	}
	groups := max(int64(ceilDiv(c.slots, least)), ceilDiv(int64(ceilDiv(c.slots, pcr)), s.group))
	s.intervals = s.group * groups
	for k := range s.tables {
		s.tables[k].every = max(1, int64(limits[k]/(ceilDiv(c.slots, Slot(groups))+1)))
	}
	return s, s.spacing() > s.longest()
}

// ahead returns how many packets of other tables may go before a table in its interval.
func (s *timetable) ahead(table int) Slot {
	var n Slot
	for _, other := range s.tables[:table] {
		if other.interval == s.tables[table].interval {
			n += other.packets
		}
	}
	return n
}

// longest returns the most slots that the packets of an interval take.
func (s *timetable) longest() Slot {
	var most Slot
	for i := range s.group {
		most = max(most, s.length(i))
	}
	return most
}

func (s *timetable) start(i int64) Slot { return Slot(i * int64(s.slots) / s.intervals) }

// spacing returns the fewest slots from a PCR to the next.
func (s *timetable) spacing() Slot { return s.slots / Slot(s.intervals) }

// length returns how many slots the packets of interval i of a lap take.
func (s *timetable) length(i int64) Slot {
	n, group := Slot(1), i/s.group
	for k := range s.tables {
		if t := &s.tables[k]; t.within(i, group, s.group) {
			n += t.packets
		}
	}
	return n
}

// carries reports whether interval i of a lap has a table.
func (s *timetable) carries(table int, i int64) bool {
	return s.tables[table].within(i, i/s.group, s.group)
}

// within reports whether interval i of a lap, in a group of size intervals, has the table.
func (t *repetition) within(i, group, size int64) bool {
	return i == 0 && t.opens || i-group*size == t.interval && group%t.every == 0
}

// count returns how often a table is sent in the first n intervals of a lap.
func (s *timetable) count(table int, n int64) int64 {
	t := &s.tables[table]
	times := ceilDiv(ceilDiv(max(0, n-t.interval), s.group), t.every)
	if t.opens && n > 0 {
		times++
	}
	return times
}

// perLap returns how many system packets a lap has.
func (s *timetable) perLap() Slot {
	sum := Slot(s.intervals)
	for k, t := range s.tables {
		sum += t.packets * Slot(s.count(k, s.intervals))
	}
	return sum
}

// described returns the slot of a lap before which the first of each PSI table has
// been sent.
func (s *timetable) described(tables []table) (end Slot) {
	for k, t := range s.tables {
		if tables[k].id >= firstSI {
			continue
		}
		i := t.interval
		if t.opens {
			i = 0
		}
		end = max(end, s.start(i)+s.length(i))
	}
	return end
}

// nextGroup returns the first slot from n on that begins a group.
func (s *timetable) nextGroup(n Slot) Slot {
	lap := n / s.slots
	i := ceilDiv(int64(n-lap*s.slots)*s.intervals, int64(s.slots))
	return lap*s.slots + s.start(ceilDiv(i, s.group)*s.group)
}

// systemCounter counts system packets from the beginning of a lap on, over any
// number of laps. It is quick for slots near those it was asked for last.
type systemCounter struct {
	*timetable
	lap        Slot  // the first slot of the interval's lap
	interval   int64 // of that lap
	from, next Slot  // its first slot and that of the following one
	length     Slot  // of its packets
	passed     Slot  // packets of the intervals before it
}

func (s *timetable) counter() systemCounter {
	return systemCounter{timetable: s, next: s.start(1), length: s.length(0)}
}

// before returns how many system packets are before slot x.
func (c *systemCounter) before(x Slot) Slot {
	for x >= c.next {
		c.passed += c.length
		if c.interval++; c.interval == c.intervals {
			c.interval, c.lap = 0, c.lap+c.slots
		}
		c.from, c.next = c.next, c.lap+c.start(c.interval+1)
		c.length = c.timetable.length(c.interval)
	}
	for x < c.from {
		if c.interval--; c.interval < 0 {
			c.interval, c.lap = c.intervals-1, c.lap-c.slots
		}
		c.from, c.next = c.lap+c.start(c.interval), c.from
		c.length = c.timetable.length(c.interval)
		c.passed -= c.length
	}
	return c.passed + min(x-c.from, c.length)
}

// references returns how many PCRs are before slot x.
func (c *systemCounter) references(x Slot) Slot {
	c.before(x)
	return c.lap/c.slots*Slot(c.intervals) + Slot(c.interval) + min(x-c.from, 1)
}
