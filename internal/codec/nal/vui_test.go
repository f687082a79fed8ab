package nal

import (
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// packed packs fields of a value and a width.
func packed(fields ...[2]uint32) []byte {
	var b []byte
	n := 0
	for _, f := range fields {
		for i := int(f[1]) - 1; i >= 0; i-- {
			if n%8 == 0 {
				b = append(b, 0)
			}
			b[n/8] |= byte(f[0]>>i&1) << (7 - n%8)
			n++
		}
	}
	return append(b, 0, 0, 0, 0)
}

// E.1.1: what stands before the timing.
func TestReadVideoFormat(t *testing.T) {
	const next = 0x5a // the fields that follow
	for name, c := range map[string]struct {
		fields [][2]uint32
		want   media.Display
	}{
		"nothing":         {[][2]uint32{{0, 4}}, media.Display{}},
		"aspect 2":        {[][2]uint32{{1, 1}, {2, 8}, {0, 3}}, media.Display{PixelAspect: media.Aspect{Width: 12, Height: 11}}},
		"aspect 16":       {[][2]uint32{{1, 1}, {16, 8}, {0, 3}}, media.Display{PixelAspect: media.Aspect{Width: 2, Height: 1}}},
		"reserved aspect": {[][2]uint32{{1, 1}, {17, 8}, {0, 3}}, media.Display{}},
		"extended aspect": {[][2]uint32{{1, 1}, {255, 8}, {64, 16}, {45, 16}, {0, 3}}, media.Display{PixelAspect: media.Aspect{Width: 64, Height: 45}}},
		"overscan, range": {[][2]uint32{{0, 1}, {3, 2}, {1, 1}, {5, 3}, {1, 1}, {0, 1}, {0, 1}}, media.Display{Color: media.Color{FullRange: true}}},
		"color": {
			[][2]uint32{{0, 2}, {1, 1}, {5, 3}, {0, 1}, {1, 1}, {9, 8}, {16, 8}, {9, 8}, {1, 1}, {1, 1}, {1, 1}},
			media.Display{Color: media.Color{Primaries: 9, Transfer: 16, Matrix: 9}},
		},
	} {
		b := NewBitReader(packed(append(c.fields, [2]uint32{next, 8})...))
		if d := ReadVideoFormat(&b); d != c.want || b.Read(8) != next {
			t.Errorf("%s: %+v, want %+v", name, d, c.want)
		}
	}
}
