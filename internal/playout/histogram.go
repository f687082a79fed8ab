package playout

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Eight classes to the octave, from 1 µs to 2³⁶ µs: a class is at most an
// eighth wider than its lower end, and finding it takes a few instructions.
const (
	octave  = 8
	classes = 34 * octave
)

// histogram counts durations. One goroutine adds, any may read.
type histogram struct {
	counts [classes]atomic.Uint32
	max    atomic.Int64 // nanoseconds
}

func (h *histogram) add(d time.Duration) {
	h.counts[classOf(d)].Add(1)
	if int64(d) > h.max.Load() {
		h.max.Store(int64(d))
	}
}

// classOf returns the class of a duration: below 8 µs one for each
// microsecond, above it the place of the highest bit and the three bits below it.
func classOf(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	if us < octave {
		return int(us)
	}
	shift := bits.Len64(us) - 4
	return min(classes-1, shift*octave+int(us>>shift))
}

// classEnd returns the shortest duration above the class.
func classEnd(class int) time.Duration {
	if class < 2*octave {
		return time.Duration(class+1) * time.Microsecond
	}
	shift := class/octave - 1
	return time.Duration(class%octave+octave+1) << shift * time.Microsecond
}

// quantiles returns, for each share of 0 to 1 in rising order, a duration that
// at least this share of all does not exceed: the end of its class, or the
// longest of all where that is shorter.
func (h *histogram) quantiles(shares ...float64) []time.Duration {
	var counts [classes]uint64
	var total uint64
	for i := range counts {
		counts[i] = uint64(h.counts[i].Load())
		total += counts[i]
	}
	out := make([]time.Duration, len(shares))
	var class int
	var sum uint64
	for i, share := range shares {
		for class < classes && float64(sum) < share*float64(total) {
			sum += counts[class]
			class++
		}
		if sum > 0 {
			out[i] = min(classEnd(class-1), time.Duration(h.max.Load()))
		}
	}
	return out
}
