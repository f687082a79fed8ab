package mpegts

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Plan is the multiplex of a loop at a constant rate. It is immutable, and all
// channels that play the same loop at the same rate share it.
type Plan struct {
	loop     *loop.Loop
	config   Config
	pcrPID   PID
	clock    clock
	system   system
	sections sections
	blocks   int64
	guard    int64
	video    *videoPlan
	audio    []*audioPlan
	// Strained says that the pictures of the file do not keep to the buffer
	// that their level gives a decoder. They are all in time nevertheless.
	Strained bool
}

// New plans the multiplex of a loop. A fault of kind Rate names the smallest
// rate there is when c.MuxRate is below it.
func New(l *loop.Loop, c Config) (*Plan, error) {
	c = c.withDefaults()
	if err := c.validate(l); err != nil {
		return nil, err
	}
	s := newShape(l, &c)
	if c.MuxRate == 0 {
		return s.smallest()
	}
	return s.at(c.MuxRate)
}

// With returns the plan with other names and PIDs, which shares all that was
// planned; nil where c asks for anything else that differs.
func (p *Plan) With(c Config) (*Plan, error) {
	c = c.withDefaults()
	if c.MuxRate != p.config.MuxRate || c.FramesPerPES != p.config.FramesPerPES || c.intervals() != p.config.intervals() {
		return nil, nil
	}
	if err := c.validate(p.loop); err != nil {
		return nil, err
	}
	other := *p
	other.config, other.pcrPID = c, c.pcrPID(p.loop)
	other.sections = newSections(&c, p.loop, versions{})
	for k, t := range other.sections.tables() {
		if int64(len(t)) != p.system.tables[k].packets {
			return nil, nil
		}
	}
	return &other, nil
}

// at plans the multiplex at a given rate.
func (s *shape) at(rate media.BitRate) (*Plan, error) {
	length := s.loop.Length
	// The nearest whole number of packets a lap, or one of the next: what holds
	// at a rate may miss by a slot at one a hair higher, for all that is rounded.
	slots := (media.MulDiv(2*int64(rate), length.Num, packet.Bits*length.Den) + 1) / 2
	for more := range int64(4) {
		if d := s.proven(slots+more, false); d != nil {
			return d.plan(), nil
		}
	}
	least, err := s.smallest()
	if err != nil {
		return nil, err
	}
	if least.Strained && least.clock.slots <= slots {
		if d := s.proven(slots, true); d != nil {
			return d.plan(), nil
		}
	}
	return nil, fault.New(fault.Rate, "a mux rate of %v is too low for this file: give at least --muxrate %d, or auto", rate, least.BitRate()+1)
}

// BitRate returns the rate in bit/s, rounded.
func (p *Plan) BitRate() int64 { return p.clock.bitRate() }

// Slots returns the number of packets in a lap.
func (p *Plan) Slots() int64 { return p.clock.slots }

// Lap returns the lap in which packet n leaves, from 0.
func (p *Plan) Lap(n int64) int64 { return n / p.clock.slots }

// Due returns when packet n leaves, in nanoseconds after the epoch, rounded up.
func (p *Plan) Due(n int64) int64 { return p.clock.due(n) }

// Before returns how many packets are due before ns nanoseconds after the epoch.
func (p *Plan) Before(ns int64) int64 { return p.clock.before(ns) }

// RTPTime returns the RTP timestamp of packet n: the PCR's clock in ticks of
// 90 kHz, modulo 2³² (RFC 2250, 2).
func (p *Plan) RTPTime(n int64) uint32 {
	t, _ := p.clock.at(n, 0, media.TicksPerSecond)
	return uint32(t)
}

// PIDs returns the PID of the video (0 when there is none) and of each audio track.
func (p *Plan) PIDs() (video PID, audio []PID) {
	if p.video != nil {
		video = p.config.VideoPID
	}
	for i := range p.audio {
		audio = append(audio, p.config.audioPID(i))
	}
	return video, audio
}

// block returns the first slot of block c of a lap, 0 ≤ c ≤ blocks.
func (p *Plan) block(c int64) int64 { return c * p.clock.slots / p.blocks }

// blockOf returns the block of a lap that holds a slot of it.
func (p *Plan) blockOf(slot int64) int64 {
	c := slot * p.blocks / p.clock.slots
	for c+1 < p.blocks && p.block(c+1) <= slot {
		c++
	}
	for p.block(c) > slot {
		c--
	}
	return c
}
