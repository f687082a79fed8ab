package hevc

import (
	"errors"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

func FuzzNew(f *testing.F) {
	for _, sps := range [][]byte{unitSPS, unitSPSHRD, unitSPS422, unitSPSTools, layeredSPS()} {
		f.Add(record(4, unitVPS, sps, unitPPS, unitLight), sample(4, unitIDR))
	}
	f.Add(record(2), sample(2, unitVPS, unitSPS, unitPPS, unitIDR))
	f.Fuzz(func(t *testing.T, record, sample []byte) {
		c, err := New(record, sample)
		if err != nil {
			return
		}
		if b := c.Buffer(); b.Leak <= 0 || b.Size <= 0 || c.String() == "" {
			t.Errorf("%s: %+v", c, b)
		}
		c.SetMaxUnits(c.CountUnits(sample))
		checkSize(t, c, sample, media.RandomAccess)
	})
}

func FuzzAppendUnit(f *testing.F) {
	f.Add(sample(4, unitDelimiter, unitLight, unitIDR, unitEndSeq), byte(3), byte(1))
	f.Add(sample(2, unitPPS, unitSPSHRD, unitIDR, unitIDR), byte(1), byte(1))
	f.Add(sample(1, unitTrail, unitTSA, unitEndStream), byte(0), byte(2))
	f.Fuzz(func(t *testing.T, sample []byte, size, place byte) {
		c, err := New(record(int(size&3)+1, unitVPS, unitSPS, unitPPS, unitLight), nil)
		if err != nil {
			t.Fatal(err)
		}
		c.SetMaxUnits(c.CountUnits(sample))
		checkSize(t, c, sample, media.Marks(place)&media.AllMarks)
	})
}

func checkSize(t *testing.T, c *Coding, sample []byte, marks media.Marks) {
	t.Helper()
	got, err := c.AppendUnit(nil, sample, media.Place{Marks: marks})
	if d := (*media.DamageError)(nil); err != nil && !errors.As(err, &d) || len(got) > len(sample)+c.Extra(marks) {
		t.Errorf("%d bytes became %d, Extra is %d: %v", len(sample), len(got), c.Extra(marks), err)
	}
}

func FuzzPicture(f *testing.F) {
	f.Add(sample(4, unitLayer1, unitCRA))
	f.Add(sample(4, unitVPS, unitRADL))
	f.Fuzz(func(t *testing.T, sample []byte) {
		c := made(t, unitSPS)
		p, err := c.Picture(sample)
		if err != nil && p != media.Dependent || p > media.DecodableLeading {
			t.Errorf("got %d, %v", p, err)
		}
	})
}
