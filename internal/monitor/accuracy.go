package monitor

import (
	"math"
	"slices"
)

// windowSize is how many PCRs a line is fitted to: about half a minute. It
// bounds memory.
const windowSize = 1024

// accuracyLimit is the largest permitted PCR inaccuracy, in nanoseconds (TR 101 290, 2.4).
const accuracyLimit = 500

// pcrPoint is a PCR: its time in ticks of 27 MHz and the position of its byte.
type pcrPoint struct{ time, pos int64 }

// accuracy measures how far PCRs are from a constant rate: PCR_AC of TR 101
// 290. A line fitted to each window of PCRs stands for the constant rate.
type accuracy struct {
	first  pcrPoint // of the window
	points []point  // the window relative to first, as bytes and ticks
	off    histogram
	errors int64
	worst  int64 // the packet with the largest error
	// intervals counts the intervals between PCRs, varying those at another rate than the line's.
	intervals, varying int64
	minSlope, maxSlope float64
}

func (a *accuracy) add(p pcrPoint) {
	if len(a.points) == 0 {
		a.first = p
	}
	a.points = append(a.points, point{float64(p.pos - a.first.pos), float64(p.time - a.first.time)})
	if len(a.points) == windowSize {
		a.flush()
	}
}

// flush measures the current window and begins another.
func (a *accuracy) flush() {
	if l, ok := fitRobust(a.points, accuracyLimit*27.0/1000); ok && len(a.points) > 2 {
		a.measure(l)
	}
	a.points = a.points[:0]
}

func (a *accuracy) measure(l line) {
	if a.minSlope == 0 || l.slope < a.minSlope {
		a.minSlope = l.slope
	}
	a.maxSlope = max(a.maxSlope, l.slope)
	for i, p := range a.points {
		ns := int64(math.Round(math.Abs(l.residual(p)) * 1000 / 27))
		if ns > accuracyLimit {
			a.errors++
		}
		if ns > a.off.max || a.off.count == 0 {
			a.worst = (a.first.pos + int64(p.x)) / packetSize
		}
		a.off.add(ns)
		if i > 0 {
			a.measureInterval(l, p.x-a.points[i-1].x, p.y-a.points[i-1].y)
		}
	}
}

// measureInterval counts an interval as varying if its duration differs from
// the line's by more than 0.5 % and by more than two inaccurate PCRs explain.
func (a *accuracy) measureInterval(l line, bytes, ticks float64) {
	a.intervals++
	if off := math.Abs(ticks - l.slope*bytes); off > 0.005*ticks && off > 2*accuracyLimit*27.0/1000 {
		a.varying++
	}
}

// constant reports whether the stream has a constant rate: at least nine in ten
// intervals have the line's rate, and windows agree to within 0.1 %.
func (a *accuracy) constant() bool {
	return a.intervals > 0 && a.varying*10 <= a.intervals && a.maxSlope <= a.minSlope*1.001
}

// snapshot returns a copy that includes the current window.
func (a *accuracy) snapshot() *accuracy {
	c := *a
	c.points = slices.Clone(a.points)
	c.flush()
	return &c
}
