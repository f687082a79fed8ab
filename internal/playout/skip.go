package playout

import (
	"github.com/lilo-live/lilo/internal/packet"
)

// start sets the end, and skips packets if too much time has passed since readFirst.
func (c *Channel) start(now Instant) {
	from := max(0, now.Sub(c.epoch))
	c.settled = c.ring.tail.load()
	if from-c.stream.Due(c.settled) > c.tolerance {
		c.skip(c.stream.Before(from))
	}
	if c.duration > 0 {
		c.end = from + c.duration
	}
}

// skip skips the packets before n.
func (c *Channel) skip(n packet.Number) {
	if c.started {
		for _, d := range c.destinations {
			d.skip(n)
		}
	}
	c.settled = max(c.settled, n)
	c.ring.raiseTail(n)
}

// ready reports whether the channel may send. It waits until its packets have been
// read, and meanwhile skips what is later than the tolerance. After a stall it waits
// only as long as a ring lasts: making null packets for all channels at once would
// stall the scheduler again.
func (c *Channel) ready(upto packet.Number, t Instant) bool {
	if c.started {
		return true
	}
	tail := c.ring.tail.load()
	c.started = c.ring.head.load() >= c.endOfDatagrams(upto) || c.sent && t.Sub(c.stalled) >= ahead
	if !c.started {
		if c.stream.Due(upto)-c.stream.Due(tail) > c.tolerance {
			c.skip(upto)
		}
		return false
	}
	for _, d := range c.destinations {
		if c.sent {
			d.skip(tail)
		} else {
			d.next = d.datagramAt(tail)
		}
	}
	c.sent = true
	return true
}
