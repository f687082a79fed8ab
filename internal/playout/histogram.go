package playout

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Sixteen classes to the octave, from 1 µs to 2³⁶ µs: a class is at most a sixteenth
// wider than its lower end, and finding it takes a few instructions.
const (
	octave  = 16
	classes = 33 * octave
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

// classOf returns the class of a duration: below 16 µs one for each
// microsecond, above it the place of the highest bit and the four bits below it.
func classOf(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	if us < octave {
		return int(us)
	}
	shift := bits.Len64(us) - 5
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

// LatenessHistogram is how late trains of a channel were, up to some moment.
type LatenessHistogram struct {
	counts [classes]uint32
	max    time.Duration // none was longer
}

func (h *histogram) tally(t *LatenessHistogram) {
	t.max = time.Duration(h.max.Load())
	for i := range t.counts {
		t.counts[i] = h.counts[i].Load()
	}
}

// Since returns the lateness of the trains that left after an earlier tally of
// the same channel; Max is exact to a sixteenth too.
func (t *LatenessHistogram) Since(earlier *LatenessHistogram) Lateness {
	var between LatenessHistogram
	for i := range between.counts {
		if between.counts[i] = t.counts[i] - earlier.counts[i]; between.counts[i] > 0 {
			between.max = min(classEnd(i), t.max)
		}
	}
	return between.lateness()
}

func (t *LatenessHistogram) lateness() Lateness {
	q := t.quantiles(0.5, 0.99, 0.999)
	return Lateness{P50: q[0], P99: q[1], P999: q[2], Max: t.max}
}

// quantiles returns, for each share of 0 to 1 in rising order, a duration that
// at least this share of all does not exceed: the end of its class, or the
// longest of all where that is shorter.
func (t *LatenessHistogram) quantiles(shares ...float64) []time.Duration {
	var total uint64
	for _, n := range t.counts {
		total += uint64(n)
	}
	out := make([]time.Duration, len(shares))
	var class int
	var sum uint64
	for i, share := range shares {
		for class < classes && float64(sum) < share*float64(total) {
			sum += uint64(t.counts[class])
			class++
		}
		if sum > 0 {
			out[i] = min(classEnd(class-1), t.max)
		}
	}
	return out
}
