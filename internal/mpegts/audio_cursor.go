package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// audioCursor goes through the packets of an audio track. Slots count from the
// part's beginning.
type audioCursor struct {
	plan   *Plan
	audio  *audioPlan
	origin int64 // of the part, in ticks of 27 MHz
	stop   stop
	number int64 // the lap in which the PES packet begins
	lap    loop.Lap
	first  int64 // the lap's unit that the PES packet begins with
	// packets is how many the PES packet takes, at the one it is the turn of.
	packets, at int64
	count       uint64 // packets sent since the part's beginning, modulo 2⁶⁴
	slot        int64  // where the next packet is planned
	pes         pes
	loaded      bool
	reader      *media.Reader
}

func newAudioCursor(p *Entry, i int, samples bool) *audioCursor {
	c := &audioCursor{plan: p.plan, audio: p.plan.audio[i], origin: p.origin.Ticks, stop: p.audio[i]}
	pid := p.plan.config.audioPID(i)
	c.pes = pes{pid: pid, counter: p.origin.Counters[pid]}
	if samples {
		t := c.audio.lap.Track
		c.reader = media.NewReader(p.plan.loop.Asset, t, t.Units)
	}
	return c
}

// seek goes to the first packet that is planned for slot n or behind it, where
// n begins a block.
func (c *audioCursor) seek(n int64) {
	a := c.audio
	// What is played before slot n has left before it. Time is counted in
	// samples here: ticks of the grid may be too fine for all of it.
	coding := a.lap.Track.Audio()
	rate := int64(coding.SampleRate())
	t, _ := c.plan.clock.at(n, 0, rate)
	t -= media.MulDivCeil(a.delay, rate, media.TicksPerSecond)
	unit := max(0, media.FloorDiv(t, int64(coding.FrameSamples())))
	c.enter(a.lap.LapOf(unit))
	for c.lap.First+c.first+a.frames <= unit {
		c.count += uint64(a.packets(c.first, int64(c.lap.Len)))
		c.first += a.frames
		c.settle()
	}
	c.begin()
	for c.slot < n {
		c.next()
	}
}

// enter goes to the first PES packet that begins in a lap.
func (c *audioCursor) enter(lap int64) {
	c.number, c.lap = lap, c.audio.lap.Lap(lap)
	c.first = c.audio.first(c.lap.First)
	c.count = c.audio.before(lap)
	c.settle()
}

// settle moves on to the lap that the PES packet begins in.
func (c *audioCursor) settle() {
	for c.first >= int64(c.lap.Len) {
		c.first -= int64(c.lap.Len)
		c.number++
		c.lap = c.audio.lap.Lap(c.number)
	}
}

// begin takes up a PES packet.
func (c *audioCursor) begin() {
	c.at, c.loaded = 0, false
	c.packets = c.audio.packets(c.first, int64(c.lap.Len))
	c.place()
}

// next goes to the next packet.
func (c *audioCursor) next() {
	c.count++
	if c.at++; c.at < c.packets {
		c.place()
		return
	}
	c.first += c.audio.frames
	c.settle()
	c.begin()
}

// place finds the slot of the packet. What is planned for the last slots of a
// block begins the next one, so that no block leaves anything over.
func (c *audioCursor) place() {
	p := c.plan
	in := c.audio.slot(c.lap, c.first, c.at, c.packets)
	lap := media.FloorDiv(in, p.clock.slots)
	in -= lap * p.clock.slots
	if end := p.block(p.blockOf(in) + 1); in >= end-p.guard {
		in = end
	}
	c.slot = (c.number+lap)*p.clock.slots + in
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
	if c.reader == nil || c.stop.passed(c.count) {
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

// load makes the PES packet, up to the packet it is the turn of.
func (c *audioCursor) load() error {
	a := c.audio
	c.pes.begin(int(c.packets), false)
	var err error
	if c.pes.buf, err = a.appendPES(c.pes.buf, c.reader, c.lap, c.first, a.delay, c.origin); err != nil {
		return err
	}
	for range c.at {
		c.pes.skip()
	}
	c.loaded = true
	return nil
}
