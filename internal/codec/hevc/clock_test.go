package hevc

import (
	"bytes"
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// timed returns a time code unit (23008-2, D.2.27) of 00:00:04 and a frame, and time_offset_value.
func timed(seconds byte) []byte {
	// num_clock_ts 1, clock_timestamp_flag, units_field_based_flag 0, counting_type 0, full_timestamp_flag, …
	// 01 1 0 0000|0 1 0 0 0000|00011 sss|sss 00000|0 00000 00|000 00000 1: frames 3, minutes 0, hours 0
	return []byte{0x4e, 0x01, 136, 6, 0x60, 0x40, 0x18 | seconds>>3, seconds << 5, 0, 0x01, 0x80}
}

// TestTimeCode checks that time code messages run on from the epoch, at 30 frames a second.
func TestTimeCode(t *testing.T) {
	c, err := New(record(4, unitVPS, unitSPSHRD, unitPPS), sample(4, timed(4), unitIDR))
	if err != nil {
		t.Fatal(err)
	}
	if c.clock == nil {
		t.Fatalf("no clock, timing %+v", c.sps.timing)
	}
	rate := int64(c.sps.timing.Scale / c.sps.timing.Units)
	in := sample(4, timed(4), unitTrail)
	at := media.Place{Lap: 1, LapTime: 3, Time: 3, Timescale: 1}
	got, err := c.AppendUnit(nil, in, at)
	if want := slices.Concat(startDelimiter, stream(timed(7), unitTrail)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("at %d frames a second: got %x, %v, want %x", rate, got, err, want)
	}
	buf := make([]byte, 0, 1<<10)
	if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(buf, in, at) }); n != 0 {
		t.Errorf("AppendUnit allocates %v times", n)
	}
	if after, other := c.WithSets(sample(4, unitSPS, unitIDR)); !other || after.(*Coding).clock == nil {
		t.Error("other parameter sets stop the clock")
	}
}
