package mpegts

// systemCursor goes through the system packets, slot by slot.
type systemCursor struct {
	system *system
	lap    int64
	tick   int64 // of the lap
	at     int64 // which packet of the tick
	slot   int64 // its slot, counted from the epoch
}

// seek goes to the first system packet in slot n or behind it.
func (c *systemCursor) seek(p *Plan, n int64) {
	c.system = &p.system
	c.lap = n / c.system.slots
	n -= c.lap * c.system.slots
	c.tick = n * c.system.ticks / c.system.slots
	if c.tick+1 < c.system.ticks && c.system.start(c.tick+1) <= n {
		c.tick++
	}
	c.at = max(0, n-c.system.start(c.tick))
	c.settle()
}

// next goes to the next system packet.
func (c *systemCursor) next() {
	c.at++
	c.settle()
}

// settle moves on to the next tick where this one is over.
func (c *systemCursor) settle() {
	if c.at >= c.system.length(c.tick) {
		c.at = 0
		if c.tick++; c.tick == c.system.ticks {
			c.tick, c.lap = 0, c.lap+1
		}
	}
	c.slot = c.lap*c.system.slots + c.system.start(c.tick) + c.at
}

// writeTable writes the packet of the PAT, PMT or SDT that it is the turn of.
// Their continuity counters follow from how many there are in a lap.
func (c *systemCursor) writeTable(dst []byte, p *Entry) {
	part := c.at - 1
	for k, table := range p.sections.tables() {
		if !c.system.carries(k, c.tick) {
			continue
		}
		if n := int64(len(table)); part >= n {
			part -= n
			continue
		}
		copy(dst, table[part][:])
		dst[3] |= byte(c.sent(k)+part+int64(p.tables[k])) & 0x0f
		return
	}
}

// sent returns how many packets of that table were sent before the tick, since the part began.
func (c *systemCursor) sent(table int) int64 {
	s := c.system
	return (c.lap*s.count(table, s.ticks) + s.count(table, c.tick)) * s.tables[table].packets
}
