package mpegts

import "github.com/lilo-live/lilo/internal/media"

// videoCursor goes through the video packets. Units and slots count from the
// part's beginning: unit u of lap n is n·len + u. Units before it are not sent;
// their slots hold null packets.
type videoCursor struct {
	plan   *videoPlan
	origin int64 // of the part, in ticks of 27 MHz
	marks  []mark
	unit   int64
	left   int64  // packets of the unit still to be sent
	count  uint64 // packets sent since the part's beginning, modulo 2⁶⁴
	stop   stop
	until  uint64 // the count at which the block's pictures are sent

	gone    int64 // the first unit the decoder has not yet taken out of its buffer
	held    int64 // packets in the buffer
	out     int64 // the slot in which unit gone has left
	release int64 // the slot from which the next packet may be sent
	tb, mb  level
	pes     pes
	loaded  bool // pes holds the unit
	reader  *media.Reader
}

func newVideoCursor(p *Entry, samples bool) *videoCursor {
	c := &videoCursor{plan: p.plan.video, origin: p.origin.Ticks, marks: p.plan.video.marks, stop: p.video}
	c.pes = pes{pid: p.plan.config.VideoPID, counter: p.origin.Counters[p.plan.config.VideoPID]}
	if samples {
		v := p.plan.loop.Video
		c.reader = media.NewReader(p.plan.loop.Asset, v.Track, v.Stored())
	}
	return c
}

// seek goes to the beginning of a block.
func (c *videoCursor) seek(lap, block int64) {
	m, v := c.marks[block], c.plan
	c.unit, c.left = lap*v.len+m.unit, m.left
	c.count = uint64(lap*v.packets + m.sent)
	c.loaded = false
	c.release = v.release(c.unit)
	start := lap*v.clock.slots + block*v.clock.slots/int64(len(c.marks)-1)
	c.gone, c.held = c.unit, v.size(c.unit)-c.left
	for v.leaves(c.gone-1) > start {
		c.gone--
		c.held += v.size(c.gone)
	}
	c.out = v.leaves(c.gone)
	c.enter(lap, block)
}

// enter takes up a block: how many packets it sends is the same in every lap.
// The buffers on the way are taken to be full, as the proof does.
func (c *videoCursor) enter(lap, block int64) {
	c.until = uint64(lap*c.plan.packets + c.marks[block+1].sent)
	start := lap*c.plan.clock.slots + block*c.plan.clock.slots/int64(len(c.marks)-1)
	c.tb, c.mb = c.plan.tb.full(start), c.plan.mb.full(start)
}

// never is a slot that does not come.
const never = int64(1) << 62

// ready returns the first slot from n on in which the next packet may be sent,
// never when there is none left in the block.
func (c *videoCursor) ready(n int64) int64 {
	if c.count == c.until {
		return never
	}
	n = max(n, c.release)
	for c.gone < c.unit && (c.out <= n || c.held >= c.plan.room) {
		// Where there is no room before that slot, it stays so until then.
		n = max(n, c.out)
		c.release = n
		c.held -= c.plan.size(c.gone)
		c.gone++
		c.out = c.plan.leaves(c.gone)
	}
	return c.mb.ready(c.tb.ready(n))
}

// write writes the next packet in slot n, or passes over it where dst is nil.
func (c *videoCursor) write(dst []byte, n int64) error {
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
		c.unit++
		c.left = c.plan.size(c.unit)
		c.release = c.plan.release(c.unit)
		c.loaded = false
	} else if dst == nil && c.loaded {
		c.pes.skip()
	}
	return nil
}

func (c *videoCursor) writePacket(dst []byte) error {
	if c.reader == nil || c.unit < 0 || c.stop.passed(c.count) {
		null(dst)
		return nil
	}
	if !c.loaded {
		if err := c.load(); err != nil {
			return err
		}
	}
	c.pes.write(dst, byte(c.count))
	return nil
}

// sent is how many packets with payload were sent since the part's beginning.
func (c *videoCursor) sent() uint64 {
	if c.unit < 0 {
		return 0
	}
	return c.stop.of(c.count)
}

// load makes the PES packet of the unit, up to the packet it is the turn of.
func (c *videoCursor) load() error {
	v := c.plan
	packets := v.size(c.unit)
	c.pes.begin(int(packets), v.random(c.unit))
	var err error
	if c.pes.buf, err = v.appendPES(c.pes.buf, c.reader, c.unit, c.origin); err != nil {
		return err
	}
	for range packets - c.left {
		c.pes.skip()
	}
	c.loaded = true
	return nil
}
