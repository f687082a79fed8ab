package mpegts

import "github.com/lilo-live/lilo/internal/loop"

// systemCursor goes through the PCRs and table packets of an entry, slot by slot.
type systemCursor struct {
	*timetable
	lap      loop.LapNumber
	interval int64 // of the lap
	at       Slot  // the packet of the interval, 0 is the PCR
	slot     Slot  // of the entry
}

// seek goes to the first system packet in slot n or after it.
func (c *systemCursor) seek(n Slot) {
	c.lap = loop.LapNumber(n / c.slots)
	n -= Slot(c.lap) * c.slots
	c.interval = int64(n) * c.intervals / int64(c.slots)
	if c.interval+1 < c.intervals && c.start(c.interval+1) <= n {
		c.interval++
	}
	c.at = max(0, n-c.start(c.interval))
	c.settle()
}

func (c *systemCursor) next() {
	c.at++
	c.settle()
}

// settle moves on to the next interval where the packets of this one are over.
func (c *systemCursor) settle() {
	if c.at >= c.length(c.interval) {
		c.at = 0
		if c.interval++; c.interval == c.intervals {
			c.interval, c.lap = 0, c.lap+1
		}
	}
	c.slot = Slot(c.lap)*c.slots + c.start(c.interval) + c.at
}

// writeTable writes the current packet, which is one of a table. Continuity
// counters follow from how many packets of each table a lap has.
func (c *systemCursor) writeTable(dst []byte, e *Entry) {
	i := c.at - 1
	for k := range e.tables {
		if !c.carries(k, c.interval) {
			continue
		}
		t := &e.tables[k]
		if i < t.size() {
			t.write(dst, i, byte(c.sent(k)+i)+e.origin.counters[t.pid])
			return
		}
		i -= t.size()
	}
}

// sent returns how many packets of a table were sent before the interval, since the entry began.
func (c *systemCursor) sent(table int) Slot {
	return Slot(int64(c.lap)*c.count(table, c.intervals)+c.count(table, c.interval)) * c.tables[table].packets
}
