package monitor

import "math"

// windowSize is how many PCRs a line is laid through at a time: half a minute
// of them, and a bound on memory.
const windowSize = 1024

// accuracyLimit is how far a PCR may be off, in nanoseconds (TR 101 290, 2.4).
const accuracyLimit = 500

// point is a PCR: its time in ticks of 27 MHz and the position of its byte.
type point struct{ time, pos int64 }

// accuracy measures how far the PCRs lie from where a constant rate puts them:
// PCR_AC of TR 101 290. A line through each window of PCRs stands for the
// constant rate.
type accuracy struct {
	points  []point
	samples []sample
	// off is in nanoseconds.
	off       histogram
	errors    int64
	worst     int64
	intervals int64
	varying   int64
	slopes    [2]float64
}

func (a *accuracy) add(p point) {
	a.points = append(a.points, p)
	if len(a.points) == windowSize {
		a.flush()
	}
}

// flush measures the window so far and begins another.
func (a *accuracy) flush() {
	a.samples = a.samples[:0]
	for _, p := range a.points {
		a.samples = append(a.samples, sample{float64(p.pos - a.points[0].pos), float64(p.time - a.points[0].time)})
	}
	if l, ok := robust(a.samples, accuracyLimit*27.0/1000); ok && len(a.samples) > 2 {
		a.window(l)
	}
	a.points = a.points[:0]
}

func (a *accuracy) window(l line) {
	if a.slopes[0] == 0 || l.slope < a.slopes[0] {
		a.slopes[0] = l.slope
	}
	a.slopes[1] = max(a.slopes[1], l.slope)
	for i, s := range a.samples {
		a.one(l, s, a.points[i].pos)
		if i > 0 {
			a.interval(l, s.x-a.samples[i-1].x, s.y-a.samples[i-1].y)
		}
	}
}

func (a *accuracy) one(l line, s sample, pos int64) {
	ns := int64(math.Round(math.Abs(l.residual(s)) * 1000 / 27))
	if ns > accuracyLimit {
		a.errors++
	}
	if ns > a.off.max || a.off.count == 0 {
		a.worst = pos / packetSize
	}
	a.off.add(ns)
}

// interval counts the intervals whose rate is not the line's, by 0.5 % or, for
// short ones, by more than an inaccurate PCR could account for.
func (a *accuracy) interval(l line, bytes, ticks float64) {
	a.intervals++
	if off := math.Abs(ticks - l.slope*bytes); off > 0.005*ticks && off > 2*accuracyLimit*27.0/1000 {
		a.varying++
	}
}

// constant reports whether the stream has a constant rate: nine in ten
// intervals keep to it, and it is one rate from window to window.
func (a *accuracy) constant() bool {
	return a.intervals > 0 && a.varying*10 <= a.intervals && a.slopes[1] <= a.slopes[0]*1.001
}

// snapshot is a copy that includes the window in progress.
func (a *accuracy) snapshot() *accuracy {
	c := *a
	c.points = append([]point(nil), a.points...)
	c.samples = nil
	c.flush()
	return &c
}
