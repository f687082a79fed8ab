package monitor

import (
	"math"
	"time"
)

// arrival measures when PCRs arrive against what they say: the overall jitter
// of TR 101 290, annex I, with the drift between the two clocks removed. A
// line through each window of PCRs stands for that drift.
type arrival struct {
	first   time.Time
	base    int64
	samples []sample
	// off is the distance from the line in nanoseconds; low and high are its bounds with their sign.
	off       histogram
	low, high float64
	drift     trend
}

// add takes a PCR at an elapsed time in ticks of 27 MHz. Without an arrival
// time, as from a file, nothing is measured.
func (a *arrival) add(elapsed int64, at time.Time) {
	if at.IsZero() {
		return
	}
	if a.first.IsZero() {
		a.first, a.base = at, elapsed
	}
	s := sample{float64(elapsed-a.base) * 1000 / 27, float64(at.Sub(a.first))}
	a.drift.add(s.x, s.y-s.x)
	a.samples = append(a.samples, s)
	if len(a.samples) == windowSize {
		a.flush()
	}
}

// flush measures the window so far and begins another.
func (a *arrival) flush() {
	l, ok := fit(a.samples, func(sample) bool { return true })
	if ok && len(a.samples) > 2 {
		for _, s := range a.samples {
			a.one(l.residual(s))
		}
	}
	a.samples = a.samples[:0]
}

func (a *arrival) one(off float64) {
	a.low, a.high = min(a.low, off), max(a.high, off)
	a.off.add(int64(math.Abs(off)))
}

// snapshot is a copy that includes the window in progress.
func (a *arrival) snapshot() *arrival {
	c := *a
	c.samples = append([]sample(nil), a.samples...)
	c.flush()
	return &c
}

// trend is a running linear regression.
type trend struct{ n, mx, my, sxx, sxy float64 }

func (t *trend) add(x, y float64) {
	t.n++
	dx := x - t.mx
	t.mx += dx / t.n
	t.my += (y - t.my) / t.n
	t.sxx += dx * (x - t.mx)
	t.sxy += dx * (y - t.my)
}

// slope is 0 before there are two points.
func (t *trend) slope() float64 {
	if t.sxx == 0 {
		return 0
	}
	return t.sxy / t.sxx
}
