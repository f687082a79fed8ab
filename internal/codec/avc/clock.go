package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// clock reads and writes the clock timestamps of picture timing messages.
type clock struct {
	nal.Clock
	timing timing
}

// newClock returns the clock of a stream, nil if its first sample has no timestamp.
func newClock(stream *nal.ByteStream, t timing, sample []byte) *clock {
	c := &clock{Clock: nal.Clock{Timing: t.Timing}, timing: t}
	for u := stream.Units(sample); u.Next(); {
		if unitType(u.Unit()) != typeSEI {
			continue
		}
		payload := nal.AppendPayload(nil, u.Unit()[1:])
		for m, ok := nal.NextMessage(payload, 0); ok; m, ok = nal.NextMessage(payload, m.End) {
			c.each(m, func(t nal.ClockTimestamp) { c.Begin(t) })
		}
	}
	if !c.Runs() {
		return nil
	}
	return c
}

// with returns the clock for pictures with another timing.
func (c *clock) with(t timing) *clock {
	next := &clock{Clock: c.Clock, timing: t}
	next.Timing = t.Timing
	return next
}

// run makes the timestamps of a picture timing message run on from the epoch.
func (c *clock) run(m nal.SEIMessage, at media.Place) {
	if c != nil {
		c.each(m, func(t nal.ClockTimestamp) { c.Run(m.Data, t, at) })
	}
}

// each calls do for each timestamp of a picture timing message (D.1.3).
func (c *clock) each(m nal.SEIMessage, do func(nal.ClockTimestamp)) {
	const pictureTiming = 1
	if m.Kind != pictureTiming || !c.timing.picStruct {
		return
	}
	b := nal.NewPlainBitReader(m.Data)
	if c.timing.delays {
		b.Skip(c.timing.removalBits + c.timing.outputBits)
	}
	timestamps := [16]int{1, 1, 1, 2, 2, 3, 3, 2, 3}[b.Read(4)] // NumClockTS of pic_struct (table D-1)
	for range timestamps {
		if !b.Flag() { // clock_timestamp_flag
			continue
		}
		b.Skip(2) // ct_type
		t := nal.ReadClockTimestamp(&b, 8)
		b.Skip(c.timing.offsetBits)
		if b.Short() {
			return
		}
		do(t)
	}
}
