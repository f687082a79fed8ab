package monitor

import "math"

// sample is one point of a line.
type sample struct{ x, y float64 }

// line is y = offset + slope·x.
type line struct{ offset, slope float64 }

func (l line) residual(s sample) float64 { return s.y - l.offset - l.slope*s.x }

// fit returns the line of least squares through the samples that keep accepts.
func fit(s []sample, keep func(sample) bool) (line, bool) {
	var n, mx, my, sxx, sxy float64
	for _, p := range s {
		if !keep(p) {
			continue
		}
		n++
		dx := p.x - mx
		mx += dx / n
		my += (p.y - my) / n
		sxx += dx * (p.x - mx)
		sxy += dx * (p.y - my)
	}
	if n < 2 || sxx == 0 {
		return line{}, false
	}
	slope := sxy / sxx
	return line{my - slope*mx, slope}, true
}

// robust fits a line and leaves out, five times over, the samples that lie
// more than three times as far from it as usual and more than floor: a single
// clock reference that is off must not make its neighbours look wrong.
func robust(s []sample, floor float64) (line, bool) {
	l, ok := fit(s, func(sample) bool { return true })
	for i := 0; ok && i < 5; i++ {
		limit := max(3*spread(s, l), floor)
		next, found := fit(s, func(p sample) bool { return math.Abs(l.residual(p)) <= limit })
		if !found {
			break
		}
		l = next
	}
	return l, ok
}

// spread is the mean distance of the samples from the line.
func spread(s []sample, l line) float64 {
	sum := 0.0
	for _, p := range s {
		sum += math.Abs(l.residual(p))
	}
	return sum / float64(len(s))
}
