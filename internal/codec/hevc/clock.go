package hevc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// newClock returns the clock of a stream, nil if its first sample has no timestamp.
func newClock(stream *nal.ByteStream, t nal.Timing, sample []byte) *nal.Clock {
	c := &nal.Clock{Timing: t}
	for u := stream.Units(sample); u.Next(); {
		if unitType(u.Unit()) != typePrefixSEI {
			continue
		}
		payload := nal.AppendPayload(nil, u.Unit()[headerSize:])
		for m, ok := nal.NextMessage(payload, 0); ok; m, ok = nal.NextMessage(payload, m.End) {
			eachTimestamp(m, func(t nal.ClockTimestamp) { c.Begin(t) })
		}
	}
	if !c.Runs() {
		return nil
	}
	return c
}

// runTimeCode makes the timestamps of a time code message run on from the epoch.
func runTimeCode(c *nal.Clock, m nal.SEIMessage, at media.Place) {
	if c != nil {
		eachTimestamp(m, func(t nal.ClockTimestamp) { c.Run(m.Data, t, at) })
	}
}

// eachTimestamp calls do for each timestamp of a time code message (ISO/IEC 23008-2, D.2.27).
func eachTimestamp(m nal.SEIMessage, do func(nal.ClockTimestamp)) {
	const timeCode = 136
	if m.Kind != timeCode {
		return
	}
	b := nal.NewPlainBitReader(m.Data)
	for range b.Read(2) { // num_clock_ts
		if !b.Flag() { // clock_timestamp_flag
			continue
		}
		t := nal.ReadClockTimestamp(&b, 9)
		b.Skip(uint(b.Read(5))) // time_offset_value
		if b.Short() {
			return
		}
		do(t)
	}
}
