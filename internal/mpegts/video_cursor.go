package mpegts

import "github.com/lilo-live/lilo/internal/loop"

// videoCursor goes through the video packets of an entry. Slots of units before
// the entry's first one hold null packets.
type videoCursor struct {
	*videoPlan
	pesCursor
	unit  loop.UnitNumber
	left  Slot        // packets of the unit still to be sent
	count packetCount // packets sent since the entry began
	until packetCount // the count at which the block's packets are sent

	first   loop.UnitNumber // the first unit in the decoder's buffer
	held    Slot            // packets in the buffer
	removed Slot            // the slot at which the first unit has left
	ready   Slot            // the slot from which the next packet may be sent
	tb, mb  bucketLevel
}

func newVideoCursor(e *Entry, samples bool) *videoCursor {
	v := e.plan.loop.Video
	return &videoCursor{
		videoPlan: e.plan.video,
		pesCursor: newPESCursor(e, e.plan.config.VideoPID, e.video, v.Track, v.Stored(), samples),
	}
}

func (c *videoCursor) seek(lap loop.LapNumber, block int64) {
	m := c.checkpoints[block].shifted(c.videoPlan, lap)
	c.unit, c.left, c.count = m.unit, m.left, packetCount(m.sent)
	c.loaded = false
	c.ready = c.release(c.unit)
	c.first, c.held = c.buffered(c.blockStart(lap, block), c.unit, c.left)
	c.removed = c.removal(c.first)
	c.enter(lap, block)
}

// enter begins a block, which sends the same number of packets in every lap. The
// buffers before EB are assumed to be full, as in the schedulability test.
func (c *videoCursor) enter(lap loop.LapNumber, block int64) {
	c.until = packetCount(c.checkpoints[block+1].shifted(c.videoPlan, lap).sent)
	start := c.blockStart(lap, block)
	c.tb, c.mb = c.videoPlan.tb.full(start), c.videoPlan.mb.full(start)
}

func (c *videoCursor) blockStart(lap loop.LapNumber, block int64) Slot {
	return Slot(lap)*c.clock.slots + Slot(block)*c.clock.slots/Slot(len(c.checkpoints)-1)
}

// never is a time or slot that does not come.
const never = 1 << 62

// next returns the first slot from n on in which the next packet may be sent, never
// when the block has none left. The next PCR is in slot pcr.
func (c *videoCursor) next(n, pcr Slot) Slot {
	if c.count == c.until {
		return never
	}
	n = max(n, c.ready)
	for c.first < c.unit && (c.removed <= n || c.held >= c.room) {
		// Without room before that slot, there is none until then.
		n = max(n, c.removed)
		c.ready = n
		c.held -= c.size(c.first)
		c.first++
		c.removed = c.removal(c.first)
	}
	if c.carriesPCR {
		return c.mb.ready(c.tb.readyBefore(n, pcr))
	}
	return c.mb.ready(c.tb.ready(n))
}

// passPCR counts a PCR in slot n, which goes no further than the transport buffer.
func (c *videoCursor) passPCR(n Slot) {
	if c.carriesPCR {
		c.tb.add(n)
	}
}

// write writes the next packet in slot n, or passes over it where dst is nil.
func (c *videoCursor) write(dst []byte, n Slot) error {
	if dst != nil {
		if err := c.writePacket(dst); err != nil {
			return err
		}
	}
	c.tb.add(n)
	c.mb.add(n)
	c.count++
	c.held++
	if c.left--; c.left == 0 {
		c.mb.withdraw(c.stuffing(c.unit))
		c.unit++
		c.left = c.size(c.unit)
		c.ready = c.release(c.unit)
		c.loaded = false
	} else if dst == nil && c.loaded {
		c.pes.skip()
	}
	return nil
}

func (c *videoCursor) writePacket(dst []byte) error {
	if c.unit < 0 || c.replaced(c.count) {
		putNull(dst)
		return nil
	}
	if !c.loaded {
		packets := c.size(c.unit)
		if err := c.load(packets, packets-c.left, c.random(c.unit), func(b []byte) ([]byte, error) {
			return c.appendPES(b, c.reader, c.unit, c.start)
		}); err != nil {
			return err
		}
	}
	c.pes.write(dst, c.count)
	return nil
}

// sent returns how many packets with payload were sent since the entry began.
func (c *videoCursor) sent() packetCount {
	if c.unit < 0 {
		return 0
	}
	return c.cutoff.of(c.count)
}
