package mpeg2

import (
	"bytes"
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/media"
)

// grouped returns a sample with a time code, whose picture has a temporal_reference.
func grouped(drop bool, t timecode.TimeCode, reference int) []byte {
	g := group{header: []byte{0, 0, 1, codeGroup, 0, 0, 0, 0x40}} // closed_gop
	if drop {
		g.header[4] = 0x80
	}
	g.put(t)
	picture := slices.Clone(pictureI)
	picture[4], picture[5] = byte(reference>>2), picture[5]&0x3f|byte(reference<<6)
	return slices.Concat(g.header, picture)
}

// TestTimeCode plays laps of 300 frames of 30000/1001 a second.
func TestTimeCode(t *testing.T) {
	sequence := slices.Clone(sequenceVBR)
	sequence[7] = sequence[7]&0xf0 | 4 // frame_rate_code 30000/1001
	first := grouped(true, timecode.TimeCode{Hours: 1, Minutes: 0, Seconds: 58}, 2)
	c, err := New(slices.Concat(sequence, extensionMain), first)
	if err != nil {
		t.Fatal(err)
	}
	const frame, length = 1001, 300 * 1001
	for _, s := range []struct {
		name   string
		in     []byte
		lap    int64
		frames int64 // from the lap's start to the presentation of its picture
		want   timecode.TimeCode
	}{
		{"lap 0 keeps the source's", first, 0, 0, timecode.TimeCode{Hours: 1, Seconds: 58}},
		{"and so its second group", grouped(true, timecode.TimeCode{Hours: 1, Seconds: 59}, 2), 0, 30, timecode.TimeCode{Hours: 1, Seconds: 59}},
		{"lap 1 is 300 frames later, less two labels", first, 1, 0, timecode.TimeCode{Hours: 1, Minutes: 1, Seconds: 8, Frames: 2}},
		{"a lap before the epoch", first, -1, 0, timecode.TimeCode{Hours: 1, Seconds: 48}},
		{"an encoder that does not count", first, 0, 100, timecode.TimeCode{Hours: 1, Minutes: 1, Seconds: 1, Frames: 12}},
		{"another temporal_reference", grouped(true, timecode.TimeCode{}, 0), 0, 100, timecode.TimeCode{Hours: 1, Minutes: 1, Seconds: 1, Frames: 14}},
	} {
		at := media.Place{Lap: s.lap, LapTime: s.lap * length, Time: s.lap*length + s.frames*frame, Timescale: 30_000}
		got, err := c.AppendUnit(nil, s.in, at)
		g, ok := findGroup(got)
		if err != nil || !ok || len(got) != len(s.in) || g.code != s.want || g.header[7]&0x40 == 0 {
			t.Errorf("%s: got %v, want %v", s.name, g.code, s.want)
		}
		at.KeepES = true
		if got, _ = c.AppendUnit(nil, s.in, at); !bytes.Equal(got, s.in) {
			t.Errorf("%s: kept, it becomes %x", s.name, got)
		}
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.AppendUnit(first[:0:0], nil, media.Place{}) }); n != 0 {
		t.Errorf("AppendUnit allocates %v times", n)
	}
}

// TestNoTimeCode checks that samples without a group, and rates that time codes cannot count, stay as they are.
func TestNoTimeCode(t *testing.T) {
	at := media.Place{Lap: 1, LapTime: 300, Time: 300, Timescale: 25}
	fast := slices.Clone(sequenceVBR)
	fast[7] &= 0xf0 // reserved
	for name, c := range map[string]struct{ sequence, first, sample []byte }{
		"no first group": {sequenceVBR, pictureI, grouped(false, timecode.TimeCode{}, 0)},
		"no group":       {sequenceVBR, grouped(false, timecode.TimeCode{}, 0), pictureI},
		"no rate":        {fast, grouped(false, timecode.TimeCode{}, 0), grouped(false, timecode.TimeCode{}, 0)},
		"cut":            {sequenceVBR, grouped(false, timecode.TimeCode{}, 0), groupOpen[:6]},
	} {
		coding, err := New(slices.Concat(c.sequence, extensionMain), c.first)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := coding.AppendUnit(nil, c.sample, at); !bytes.Equal(got, c.sample) {
			t.Errorf("%s: %x became %x", name, c.sample, got)
		}
	}
}
