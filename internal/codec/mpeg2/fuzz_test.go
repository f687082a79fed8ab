package mpeg2

import (
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

func FuzzNew(f *testing.F) {
	f.Add(slices.Concat(sequenceCBR, extensionMain, userData, display), pictureI)
	f.Add([]byte(nil), slices.Concat(sequenceVBR, extension422, groupClosed, pictureI))
	f.Add(sequenceVBR, groupOpen)
	f.Fuzz(func(t *testing.T, config, sample []byte) {
		c, err := New(config, sample)
		if err != nil {
			return
		}
		if b := c.Buffer(); b.Leak <= 0 || b.Size <= 0 || c.String() == "" {
			t.Errorf("%s: %+v", c, b)
		}
		if again, err := New(c.sequence.bytes, nil); err != nil || again.String() != c.String() {
			t.Errorf("%x: got %v, %v, want %v", c.sequence.bytes, again, err, c)
		}
	})
}

func FuzzAppendUnit(f *testing.F) {
	f.Add(slices.Concat(sequenceCBR, extensionMain, groupClosed, pictureI), byte(1))
	f.Add(slices.Concat(pictureB, sequenceEnd), byte(2))
	f.Fuzz(func(t *testing.T, sample []byte, place byte) {
		checkSize(t, made(t), sample, media.Marks(place)&media.AllMarks)
	})
}

func FuzzPicture(f *testing.F) {
	f.Add(slices.Concat(groupClosed, pictureI))
	f.Add(pictureB)
	f.Fuzz(func(t *testing.T, sample []byte) {
		p, err := made(t).Picture(sample)
		if err != nil && p != media.Dependent || p > media.OpenRefresh && p != media.IntraOnly {
			t.Errorf("got %d, %v", p, err)
		}
	})
}
