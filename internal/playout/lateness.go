package playout

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Lateness is how long after its instant of the timetable a train leaves.
type Lateness struct {
	// LastSecond is the maximum of the last full second.
	LastSecond time.Duration
	// P50, P99, P999 and Max are quantiles since the start, exact to a sixteenth.
	P50, P99, P999, Max time.Duration
}

// Sixteen classes an octave, from 1 µs to 2³⁶ µs: a class is at most a sixteenth of its
// lower end wide, and finding it takes a few instructions.
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

// classOf returns the class of a duration. Below 16 µs each microsecond has
// one; above, the position of the highest bit and the four bits below it decide.
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

// LatenessHistogram counts the trains of a channel by lateness, up to some moment.
type LatenessHistogram struct {
	counts [classes]uint32
	max    time.Duration
}

func (h *histogram) copyTo(to *LatenessHistogram) {
	to.max = time.Duration(h.max.Load())
	for i := range to.counts {
		to.counts[i] = h.counts[i].Load()
	}
}

// Since returns the lateness of the trains that left after an earlier histogram
// of the same channel. Max is exact to a sixteenth too, and LastSecond is 0.
func (h *LatenessHistogram) Since(earlier *LatenessHistogram) Lateness {
	var between LatenessHistogram
	for i := range between.counts {
		if between.counts[i] = h.counts[i] - earlier.counts[i]; between.counts[i] > 0 {
			between.max = min(classEnd(i), h.max)
		}
	}
	return between.lateness()
}

func (h *LatenessHistogram) lateness() Lateness {
	q := h.quantiles(0.5, 0.99, 0.999)
	return Lateness{P50: q[0], P99: q[1], P999: q[2], Max: h.max}
}

// quantiles returns, for each share of 0 to 1 in rising order, a duration that
// at least this share does not exceed: the end of its class, or the longest of
// all if that is shorter.
func (h *LatenessHistogram) quantiles(shares ...float64) []time.Duration {
	var total uint64
	for _, n := range h.counts {
		total += uint64(n)
	}
	out := make([]time.Duration, len(shares))
	var class int
	var sum uint64
	for i, share := range shares {
		for class < classes && float64(sum) < share*float64(total) {
			sum += uint64(h.counts[class])
			class++
		}
		if sum > 0 {
			out[i] = min(classEnd(class-1), h.max)
		}
	}
	return out
}
