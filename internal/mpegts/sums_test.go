package mpegts

import (
	"math"
	"slices"
	"testing"
)

// Sums are the same whether they fit 32 bits or not.
func TestSums(t *testing.T) {
	for _, values := range [][]uint32{{0}, {0, 1, 2, 3}, {0, math.MaxUint32}, {0, math.MaxUint32, 1, 7}, {0, 1 << 31, 1 << 31, 5}} {
		s := newSums(slices.Clone(values))
		if s.len() != int64(len(values)-1) {
			t.Errorf("%d: %d numbers", values, s.len())
		}
		var want Slot
		for i, v := range values {
			want += Slot(v)
			if got := s.of(int64(i)); got != want {
				t.Errorf("%d: the first %d sum up to %d, want %d", values, i, got, want)
			}
		}
	}
}
