package avc

import (
	"bytes"
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/media"
)

// timed returns a picture timing unit of recordHRD's stream with one timestamp.
func timed(seconds, frames string) []byte {
	const delays = "000000000000000000000000 000000000000000000000000" // of 24 bits each
	payload := bitsOf(delays + "0000 1 01 1 00000 1 0 0" + frames + seconds + "000011 00001")
	return append([]byte{0x06}, nal.AppendPrevented(nil, slices.Concat([]byte{1, byte(len(payload))}, payload, []byte{0x80}))...)
}

// TestPictureTiming checks that clock timestamps run on from the epoch and that
// nothing else of the message changes.
func TestPictureTiming(t *testing.T) {
	first := sample(4, timed("000010", "00000000"), unitIDR)
	c, err := New(unhex(recordTimed), first)
	if err != nil || c.clock == nil {
		t.Fatal(c, err)
	}
	if c.Extra(0) != made(t, recordOpen).Extra(0)+nal.ClockReserve {
		t.Errorf("Extra is %d", c.Extra(0))
	}
	at := media.Place{Lap: 2, LapTime: 2 * 26, Time: 2*26 + 1, Timescale: 25}
	got, err := c.AppendUnit(nil, sample(4, timed("000010", "00000001"), unitP), at)
	want := slices.Concat(startDelimiter, stream(timed("000100", "00000011"), unitP)) // 2 s and 1 + 52 frames
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %x, %v\nwant %x", got, err, want)
	}
	buf := make([]byte, 0, 1<<10)
	if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(buf, first, at) }); n != 0 {
		t.Errorf("AppendUnit allocates %v times", n)
	}
	at.KeepES = true
	if got, _ = c.AppendUnit(nil, first, at); !bytes.Equal(got, slices.Concat(startDelimiter, stream(timed("000010", "00000000"), unitIDR))) {
		t.Errorf("kept, it becomes %x", got)
	}
	if after, other := c.WithSets(sample(4, unitSPSOther, unitIDR)); !other || after.(*Coding).clock == nil || after.Extra(0) != c.Extra(0) {
		t.Error("other parameter sets stop the clock")
	}
}

// TestSignature checks that the settings of x264 do not appear once a lap.
func TestSignature(t *testing.T) {
	signature := append([]byte("\x06\x05\x14"), unhex("dc45e9bde6d948b7962cd820d923eeef41414141"+"80")...)
	c := made(t, recordOpen)
	in := sample(4, signature, unitSEI, unitIDR)
	got, err := c.AppendUnit(nil, in, media.Place{})
	if want := slices.Concat(startDelimiter, stream(unitSEI, unitIDR)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %x, %v", got, err)
	}
	if got, err = c.AppendSample(nil, in, media.Place{}); err != nil || !bytes.Equal(got, sample(4, unitSEI, unitIDR)) {
		t.Errorf("a sample becomes %x, %v", got, err)
	}
	if got, _ = c.AppendUnit(nil, in, media.Place{KeepES: true}); !bytes.Contains(got, signature) {
		t.Errorf("kept, it becomes %x", got)
	}
}
