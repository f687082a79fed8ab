package monitor

import (
	"fmt"
	"testing"
)

// picturesOf feeds pictures, given as DTS and PTS in frames of 40 ms or in ticks where frame is 1.
func picturesOf(frame int64, stamps ...[2]int64) (*presentationOrder, *steps) {
	o, decoding := new(presentationOrder), new(steps)
	for i, p := range stamps {
		dts, pts := p[0]*frame%stampWrap, p[1]*frame%stampWrap
		regular := true
		if i > 0 {
			step := wrapped(dts, o.lastDTS, stampWrap)
			regular = decoding.times[step] > 1 || nearStep(step, decoding.mode)
			decoding.add(step, int64(i))
		}
		o.add(pts, dts, int64(i), regular)
	}
	return o, decoding
}

// gops returns pictures in the decoding order I P b b P b b, from one number on.
func gops(from int64, pictures int) (all [][2]int64) {
	for i := range int64(pictures) {
		all = append(all, [2]int64{from + i, from + i + [3]int64{3, 0, 0}[i%3] + 1})
	}
	return all
}

// The order of presentation: what a stream may do, and what it may not.
func TestPresentationOrder(t *testing.T) {
	lap := gops(0, 60)
	cut := append(gops(0, 58), gops(58, 60)...) // A lap that ends within b pictures.
	var pulldown, slides, low, fields [][2]int64
	for i, at := 0, int64(0); i < 100; i++ {
		pulldown, at = append(pulldown, [2]int64{at, at + 3754}), at+3003+int64(i%2)*1502
		slides = append(slides, [2]int64{int64(i*i%17*9000 + i*200_000), int64(i*i%17*9000 + i*200_000)})
		low = append(low, [2]int64{int64(i), int64(i)})
		fields = append(fields, [2]int64{int64(i) * 1800, int64(i)*1800 + 7200})
	}
	wrap := gops(stampWrap/3600-30, 90)
	for _, c := range []struct {
		name                       string
		frame                      int64
		stamps                     [][2]int64
		duplicates, overlaps, gaps int64
	}{
		{"I P b b", 3600, lap, 0, 0, 0},
		{"across the wrap", 3600, wrap, 0, 0, 0},
		{"pulldown", 1, pulldown, 0, 0, 0},
		{"a slide show", 1, slides, 0, 0, 0},
		{"low delay", 3600, low, 0, 0, 0},
		{"fields", 1, fields, 0, 0, 0},
		{"cut within b pictures", 3600, cut, 1, 0, 1},
	} {
		o, decoding := picturesOf(c.frame, c.stamps...)
		overlaps, gaps, _ := o.misplaced(decoding)
		if got, want := fmt.Sprint(o.duplicates, overlaps, gaps), fmt.Sprint(c.duplicates, c.overlaps, c.gaps); got != want {
			t.Errorf("%s: %s duplicate, overlapping, missing; want %s", c.name, got, want)
		}
	}
}

// TestPicturesOfPES: the first slice of each picture counts, wherever packets part.
func TestPicturesOfPES(t *testing.T) {
	for name, c := range map[string]struct {
		coding coding
		data   []byte
		want   int
	}{
		"14496-10 7.3.3: two slices of one picture, one of another": {codingH264, []byte{0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x65, 0x88, 1, 0, 0, 1, 0x65, 0x40, 1, 0, 0, 1, 0x41, 0x9a, 0}, 2},
		"23008-2 7.3.6.1":                   {codingHEVC, []byte{0, 0, 1, 0x46, 1, 0x50, 0, 0, 1, 0x26, 1, 0xaf, 0, 0, 1, 0x26, 1, 0x2f, 0, 0, 1, 2, 1, 0xd0}, 2},
		"13818-2 6.2.3: picture_start_code": {codingMPEG2Video, []byte{0, 0, 1, 0xb3, 0, 0, 1, 0, 0, 0x10, 0, 0, 1, 1, 0, 0, 1, 0, 5}, 2},
	} {
		for split := range c.data {
			p := pictureCounter{coding: c.coding}
			p.write(c.data[:split])
			p.write(c.data[split:])
			if p.count != c.want {
				t.Errorf("%s, split at %d: %d pictures, want %d", name, split, p.count, c.want)
			}
		}
	}
}
