package nal

import (
	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/media"
)

// Timing is how video usability information counts time: Scale ticks a second, of
// which Units are the shortest step. The zero value says nothing.
type Timing struct{ Units, Scale uint32 }

// Clock makes the clock timestamps of a stream run on from the epoch.
type Clock struct {
	Timing
	counter timecode.Counter // of the first frame
	first   int64            // its number
	set     bool
}

// ClockTimestamp is a time code in the picture timing of H.264 and HEVC (ISO/IEC
// 14496-10, D.1.3; 23008-2, D.2.27), with the places of its fields in a payload. A
// field that is missing is at −1.
type ClockTimestamp struct {
	fieldBased bool // nuit_field_based_flag, units_field_based_flag
	dropFrame  bool // counting_type
	code       timecode.TimeCode
	dropped    int // cnt_dropped_flag
	frameBits  uint
	// Where n_frames, seconds_value, minutes_value and hours_value are.
	frames, seconds, minutes, hours int
}

// ReadClockTimestamp reads a timestamp from nuit_field_based_flag, in HEVC
// units_field_based_flag, to hours_value. n_frames has that many bits.
func ReadClockTimestamp(b *BitReader, frameBits uint) ClockTimestamp {
	const dropFrame = 4 // counting_type: 0 and 1 are dropped (table D-3; 23008-2, table D.8)
	t := ClockTimestamp{frameBits: frameBits, seconds: -1, minutes: -1, hours: -1}
	t.fieldBased = b.Flag()
	t.dropFrame = b.Read(5) == dropFrame
	full := b.Flag()
	b.Flag() // discontinuity_flag
	t.dropped = b.Position()
	b.Flag()
	t.frames, t.code.Frames = b.Position(), int(b.Read(frameBits))
	if !full && !b.Flag() {
		return t
	}
	t.seconds, t.code.Seconds = b.Position(), int(b.Read(6))
	if !full && !b.Flag() {
		return t
	}
	t.minutes, t.code.Minutes = b.Position(), int(b.Read(6))
	if !full && !b.Flag() {
		return t
	}
	t.hours, t.code.Hours = b.Position(), int(b.Read(5))
	return t
}

func (t *ClockTimestamp) counter(timing Timing) timecode.Counter {
	c := timecode.Counter{Rate: media.Rational{Num: int64(timing.Scale), Den: int64(timing.Units)}, DropFrame: t.dropFrame}
	if t.fieldBased {
		c.Rate.Den *= 2
	}
	return c
}

// Begin takes the first timestamp of the first picture.
func (c *Clock) Begin(t ClockTimestamp) {
	if counter := t.counter(c.Timing); !c.set && counter.Valid() {
		c.counter, c.first, c.set = counter, counter.Number(t.code), true
	}
}

// FirstTimeCode returns how the first picture counts frames, and its number; zero values
// for a nil clock.
func (c *Clock) FirstTimeCode() (timecode.Counter, int64) {
	if c == nil {
		return timecode.Counter{}, 0
	}
	return c.counter, c.first
}

// Runs reports whether the first picture has a timestamp.
func (c *Clock) Runs() bool { return c.set }

// ClockReserve is the most emulation prevention bytes that the three timestamps of a
// message can need, 26 bits each.
const ClockReserve = 8

// Run writes a timestamp for its place into the payload that it was read from.
func (c *Clock) Run(payload []byte, t ClockTimestamp, at media.Place) {
	counter := t.counter(c.Timing)
	if !c.set || !counter.Valid() || at.Timescale == 0 {
		return
	}
	code := counter.TimeCode(counter.Follow(counter.Number(t.code), c.first, at))
	putBits(payload, t.frames, t.frameBits, code.Frames)
	putBits(payload, t.seconds, 6, code.Seconds)
	putBits(payload, t.minutes, 6, code.Minutes)
	putBits(payload, t.hours, 5, code.Hours)
	if t.dropFrame {
		dropped := 0
		if code.Frames == 2 && code.Seconds == 0 && code.Minutes%10 != 0 {
			dropped = 1
		}
		putBits(payload, t.dropped, 1, dropped)
	}
}

// putBits writes n bits at a bit of b, unless that is −1.
func putBits(b []byte, at int, n uint, v int) {
	if at < 0 {
		return
	}
	for i := range int(n) {
		bit := at + i
		mask := byte(0x80) >> (bit % 8)
		if v>>(int(n)-1-i)&1 == 1 {
			b[bit/8] |= mask
		} else {
			b[bit/8] &^= mask
		}
	}
}
