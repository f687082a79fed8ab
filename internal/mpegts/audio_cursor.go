package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// audioCursor goes through the packets of an audio track of an entry.
type audioCursor struct {
	pesPosition
	pesCursor
	plan  *Plan
	track *audioPlan
	total Slot // packets of the PES packet
	at    Slot // its current packet
	slot  Slot // for which the current packet is planned
}

func newAudioCursor(e *Entry, i int, samples bool) *audioCursor {
	c := &audioCursor{plan: e.plan, track: e.plan.audio[i]}
	c.audioDemand = c.track.audioDemand
	t := c.audio.Track
	c.pesCursor = newPESCursor(e, e.plan.config.audioPID(i), e.audio[i], t, t.Units, samples)
	return c
}

// seek goes to the first packet that is planned for slot n or after it. n begins a block.
func (c *audioCursor) seek(n Slot) {
	// What is presented before slot n was sent before it. Time is counted in
	// samples here, since ticks of the grid may be too fine for a long time.
	coding := c.audio.Track.Audio()
	rate := int64(coding.SampleRate())
	t, _ := c.plan.clock.at(n, 0, rate)
	t -= media.MulDivCeil(int64(c.track.delay), rate, media.TicksPerSecond)
	unit := loop.UnitNumber(max(0, media.FloorDiv(t, int64(coding.FrameSamples()))))
	c.enter(c.audio.LapOf(unit))
	c.count = c.before(c.number)
	c.settle()
	c.skip(unit)
	for c.gridUnit()+loop.UnitNumber(c.frames) <= unit {
		c.count += packetCount(c.size())
		c.advance()
	}
	c.begin()
	for c.slot < n {
		c.next()
	}
}

func (c *audioCursor) begin() {
	c.at, c.loaded = 0, false
	c.total = c.size()
	c.place()
}

func (c *audioCursor) next() {
	c.count++
	if c.at++; c.at < c.total {
		c.place()
		return
	}
	c.advance()
	c.begin()
}

// place finds the slot of the packet. What is planned for the last slots of a
// block begins the next one, so that no block leaves audio over.
func (c *audioCursor) place() {
	p := c.plan
	in := c.track.slot(c.lap, c.unit, c.at, c.total)
	lap := Slot(media.FloorDiv(int64(in), int64(p.clock.slots)))
	in -= lap * p.clock.slots
	if end := p.blockStart(p.blockOf(in) + 1); in >= end-p.guard {
		in = end
	}
	c.slot = (Slot(c.number)+lap)*p.clock.slots + in
}

// firstSlot returns the earliest slot for which a packet of the PES packet is planned.
func (c *audioCursor) firstSlot() Slot {
	return Slot(c.number)*c.plan.clock.slots + c.track.slot(c.lap, c.unit, 0, c.total)
}

// write writes the next packet, or passes over it where dst is nil.
func (c *audioCursor) write(dst []byte) error {
	if dst != nil {
		if err := c.writePacket(dst); err != nil {
			return err
		}
	} else if c.loaded {
		c.pes.skip()
	}
	c.next()
	return nil
}

func (c *audioCursor) writePacket(dst []byte) error {
	if c.replaced(c.count) {
		putNull(dst)
		return nil
	}
	if !c.loaded {
		if err := c.load(c.total, c.at, false, func(b []byte) ([]byte, error) {
			return c.appendPES(b, c.reader, c.track.delay, c.start)
		}); err != nil {
			return err
		}
	}
	c.pes.write(dst, c.count)
	return nil
}
