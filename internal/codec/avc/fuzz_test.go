package avc

import (
	"errors"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

func FuzzNew(f *testing.F) {
	for _, record := range []string{recordOpen, recordHRD, recordInterlaced, record422, recordEmpty} {
		f.Add(unhex(record), sample(4, unitSPS, unitPPS, unitIDR))
	}
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
	f.Add(sample(4, unitDelimiter, unitSEI, unitIDR, unitEndSeq), byte(3), byte(1))
	f.Add(sample(2, unitPPS, unitSPSOther, unitIDR, unitIDR), byte(1), byte(1))
	f.Add(sample(1, unitP, unitB, unitEndStream), byte(0), byte(2))
	f.Fuzz(func(t *testing.T, sample []byte, size, place byte) {
		record := unhex(recordOpen)
		record[4] = 0xfc | size&3
		c, err := New(record, nil)
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
	f.Add(sample(4, unitBoth, unitI, unitP))
	f.Add(sample(4, unitGradual, unitIDR))
	f.Fuzz(func(t *testing.T, sample []byte) {
		c := made(t, recordOpen)
		p, err := c.Picture(sample)
		if err != nil && p != media.Dependent || p == media.OpenRefresh {
			t.Errorf("got %d, %v", p, err)
		}
	})
}
