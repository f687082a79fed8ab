package monitor

import (
	"math"
	"slices"
	"time"
)

// jitter measures how far the arrival of PCRs is from a steady clock: the
// overall jitter (PCR_OJ) of TR 101 290, annex I. A line fitted to each window
// of PCRs removes the drift between the sender's clock and ours.
type jitter struct {
	first  time.Time
	base   int64
	points []point
	// off holds distances from the line in nanoseconds; low and high are the extremes with their signs.
	off       histogram
	low, high float64
	drift     regression
}

// add takes a PCR at an elapsed time in ticks of 27 MHz. It ignores PCRs
// without an arrival time, as from a file.
func (j *jitter) add(elapsed int64, at time.Time) {
	if at.IsZero() {
		return
	}
	if j.first.IsZero() {
		j.first, j.base = at, elapsed
	}
	p := point{float64(elapsed-j.base) * 1000 / 27, float64(at.Sub(j.first))}
	j.drift.add(point{p.x, p.y - p.x})
	j.points = append(j.points, p)
	if len(j.points) == windowSize {
		j.flush()
	}
}

// flush measures the current window and begins another.
func (j *jitter) flush() {
	if l, ok := fit(j.points, line{}, math.Inf(1)); ok && len(j.points) > 2 {
		for _, p := range j.points {
			off := l.residual(p)
			j.low, j.high = min(j.low, off), max(j.high, off)
			j.off.add(int64(math.Abs(off)))
		}
	}
	j.points = j.points[:0]
}

// snapshot returns a copy that includes the current window.
func (j *jitter) snapshot() *jitter {
	c := *j
	c.points = slices.Clone(j.points)
	c.flush()
	return &c
}
