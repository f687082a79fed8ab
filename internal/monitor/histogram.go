package monitor

import "math/bits"

// histogram counts values from 0 in bins that are exact below 128 and at most
// 1.6 % wide above, so that the quantiles of days take 30 kB.
type histogram struct {
	bins     [64 * 59]uint64
	count    uint64
	min, max int64
}

func (h *histogram) add(v int64) {
	v = max(v, 0)
	if h.count == 0 || v < h.min {
		h.min = v
	}
	h.max = max(h.max, v)
	h.count++
	h.bins[bin(v)]++
}

func bin(v int64) int {
	e := max(bits.Len64(uint64(v))-7, 0)
	return e*64 + int(v>>e)
}

// middle returns the value in the middle of a bin.
func middle(i int) int64 {
	if i < 128 {
		return int64(i)
	}
	e := i/64 - 1
	return int64(i-e*64)<<e + int64(1)<<e/2
}

// quantile returns the value below which the share q of all values lies, 0 to 1.
func (h *histogram) quantile(q float64) int64 {
	if h.count == 0 {
		return 0
	}
	if q >= 1 {
		return h.max
	}
	rank := uint64(q * float64(h.count-1))
	for i, n := range h.bins {
		if rank < n {
			return min(max(middle(i), h.min), h.max)
		}
		rank -= n
	}
	return h.max
}
