package monitor

import "math"

type point struct{ x, y float64 }

// line is y = offset + slope·x.
type line struct{ offset, slope float64 }

func (l line) residual(p point) float64 { return p.y - l.offset - l.slope*p.x }

// regression is a running linear regression by least squares.
type regression struct{ n, mx, my, sxx, sxy float64 }

func (r *regression) add(p point) {
	r.n++
	dx := p.x - r.mx
	r.mx += dx / r.n
	r.my += (p.y - r.my) / r.n
	r.sxx += dx * (p.x - r.mx)
	r.sxy += dx * (p.y - r.my)
}

// line returns the fitted line; ok is false before two points differ in x.
func (r *regression) line() (l line, ok bool) {
	if r.sxx == 0 {
		return line{}, false
	}
	slope := r.sxy / r.sxx
	return line{r.my - slope*r.mx, slope}, true
}

// fit returns the regression line of the points within limit of l.
func fit(points []point, l line, limit float64) (line, bool) {
	var r regression
	for _, p := range points {
		if math.Abs(l.residual(p)) <= limit {
			r.add(p)
		}
	}
	return r.line()
}

// fitRobust fits a line and then refits it five times without outliers: points
// more than three mean distances and more than floor away from it. A single
// wrong PCR must not make its neighbours look wrong.
func fitRobust(points []point, floor float64) (line, bool) {
	l, ok := fit(points, line{}, math.Inf(1))
	for i := 0; ok && i < 5; i++ {
		sum := 0.0
		for _, p := range points {
			sum += math.Abs(l.residual(p))
		}
		next, found := fit(points, l, max(3*sum/float64(len(points)), floor))
		if !found {
			break
		}
		l = next
	}
	return l, ok
}
