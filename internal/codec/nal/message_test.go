package nal

import (
	"bytes"
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/media"
)

// message returns an SEI message.
func message(kind int, data []byte) []byte {
	var m []byte
	for _, n := range []int{kind, len(data)} {
		for ; n >= 255; n -= 255 {
			m = append(m, 255)
		}
		m = append(m, byte(n))
	}
	return append(m, data...)
}

func TestRewriteMessages(t *testing.T) {
	x264 := message(5, append([]byte(signatureX264), bytes.Repeat([]byte("options "), 100)...))
	x265 := message(5, append([]byte(signatureX265), 0, 0, 1))
	other := message(5, bytes.Repeat([]byte{7}, 300))
	timing := message(1, []byte{9, 9})
	end := []byte{0x80}
	for _, c := range []struct {
		name     string
		in, want []byte // payloads
	}{
		{"14496-10 D.2.7: a signature alone goes with its unit", slices.Concat(x264, end), nil},
		{"both", slices.Concat(x264, x265, end), nil},
		{"what is beside it stays", slices.Concat(timing, x264, other, end), slices.Concat(message(1, []byte{1, 9}), other, end)},
		{"other user data stays", slices.Concat(other, end), slices.Concat(other, end)},
		{"a cut message stays", slices.Concat(timing, []byte{6, 200, 1}), slices.Concat(message(1, []byte{1, 9}), []byte{6, 200, 1})},
		{"no message", end, end},
	} {
		unit := append([]byte("before\x06"), AppendPrevented(nil, c.in)...)
		want := []byte("before")
		if c.want != nil {
			want = append(append(want, 6), AppendPrevented(nil, c.want)...)
		}
		got := RewriteMessages(unit, len("before"), 1, func(m SEIMessage) {
			if m.Kind == 1 {
				m.Data[0] = 1
			}
		})
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got %x, want %x", c.name, got, want)
		}
	}
	if !Signed(x264) || !Signed(x265) || Signed(other) {
		t.Error("which units are signed")
	}
}

// TestClock reads timestamps, makes them run on, and reads them again.
func TestClock(t *testing.T) {
	type fields struct {
		full  int // 1 for full_timestamp_flag, else how many of seconds, minutes and hours there are, negative
		want  timecode.TimeCode
		field bool
	}
	for name, f := range map[string]fields{
		"full":        {1, timecode.TimeCode{Hours: 10, Minutes: 0, Seconds: 4, Frames: 24}, true},
		"frames only": {0, timecode.TimeCode{Frames: 24}, true},
		"seconds":     {-1, timecode.TimeCode{Seconds: 4, Frames: 24}, true},
		"minutes":     {-2, timecode.TimeCode{Minutes: 0, Seconds: 4, Frames: 24}, true},
		"hours":       {-3, timecode.TimeCode{Hours: 10, Minutes: 0, Seconds: 4, Frames: 24}, true},
	} {
		b := make([]byte, 8)
		at := 0
		put := func(n uint, v int) { putBits(b, at, n, v); at += int(n) }
		put(1, 1) // nuit_field_based_flag
		put(5, 0)
		put(1, max(f.full, 0))
		put(2, 0)
		put(8, 24)
		source := timecode.TimeCode{Hours: 10, Seconds: 2, Frames: 24}
		for i, v := range []struct {
			bits  uint
			value int
		}{{6, source.Seconds}, {6, source.Minutes}, {5, source.Hours}} {
			if f.full != 1 && -f.full <= i {
				put(1, 0)
				break
			}
			if f.full != 1 {
				put(1, 1)
			}
			put(v.bits, v.value)
		}
		read := func() ClockTimestamp {
			r := NewPlainBitReader(b)
			return ReadClockTimestamp(&r, 8)
		}
		c := Clock{Timing: Timing{Units: 1, Scale: 50}}
		c.Begin(read())
		// Two seconds later, in lap 1.
		c.Run(b, read(), media.Place{Lap: 1, LapTime: 50, Time: 50, Timescale: 25})
		if got := read(); got.code != f.want || !c.Runs() {
			t.Errorf("%s: got %v, want %v", name, got.code, f.want)
		}
	}
}

// TestClockDropFrame checks cnt_dropped_flag where labels are left out.
func TestClockDropFrame(t *testing.T) {
	b := make([]byte, 8)
	putBits(b, 0, 1, 1)
	putBits(b, 1, 5, 4)
	putBits(b, 6, 1, 1)
	putBits(b, 9, 8, 29) // 00:00:59:29
	putBits(b, 17, 6, 59)
	c := Clock{Timing: Timing{Units: 1001, Scale: 60_000}}
	r := NewPlainBitReader(b)
	first := ReadClockTimestamp(&r, 8)
	c.Begin(first)
	c.Run(b, first, media.Place{Lap: 1, LapTime: 1001, Time: 1001, Timescale: 30_000})
	r = NewPlainBitReader(b)
	if got := ReadClockTimestamp(&r, 8); got.code != (timecode.TimeCode{Minutes: 1, Frames: 2}) || b[1]&0x80 == 0 {
		t.Errorf("got %v, cnt_dropped_flag %x", got.code, b[1]&0x80)
	}
	var none Clock
	none.Begin(first)
	before := slices.Clone(b)
	if none.Run(b, first, media.Place{Timescale: 25}); none.Runs() || !bytes.Equal(b, before) {
		t.Error("a stream without timing runs")
	}
}

// FuzzRewriteMessages checks that whatever an SEI unit holds, it grows by no more than
// emulation prevention, and that it stays as it is if nothing changes.
func FuzzRewriteMessages(f *testing.F) {
	f.Add(append([]byte{6}, slices.Concat(message(1, []byte{0, 0, 3, 1}), []byte{0x80})...))
	f.Add(append([]byte{6}, message(5, append([]byte(signatureX265), 0, 0))...))
	f.Fuzz(func(t *testing.T, unit []byte) {
		if len(unit) == 0 {
			return
		}
		got := RewriteMessages(slices.Clone(unit), 0, 1, func(SEIMessage) {})
		if len(got) > len(unit)*3/2+1 {
			t.Fatalf("%d bytes became %d", len(unit), len(got))
		}
		if len(got) == 0 {
			return
		}
		if again := RewriteMessages(slices.Clone(got), 0, 1, func(SEIMessage) {}); !bytes.Equal(again, got) {
			t.Fatalf("%x becomes %x, then %x", unit, got, again)
		}
	})
}
