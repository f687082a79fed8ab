package encode

import "math"

// wave is the sound of one lap, which goes round: what comes behind its end is
// its beginning. Only the samples near its ends are kept.
//
// Positions are in samples. A lap is seldom a whole number of them, so length
// is not; the last sample lies at the last whole position before it.
type wave struct {
	channels int
	length   float64
	head     []float32 // interleaved, from position 0 on
	end      []float32 // interleaved, up to the last position before length
	endAt    int       // the position of its first sample
}

// whole is how many samples lie before length.
func (w *wave) whole() int { return int(math.Ceil(w.length)) }

// sample returns the channel's value at a whole position of the lap's end,
// which may lie behind its length: then it is one of the beginning, between its samples.
func (w *wave) sample(ch, n int) float64 {
	if float64(n) < w.length {
		i := n - w.endAt
		if i < 0 || (i+1)*w.channels > len(w.end) {
			return w.first(ch, n)
		}
		return float64(w.end[i*w.channels+ch])
	}
	return w.between(ch, math.Mod(float64(n)-w.length, w.length))
}

// first returns the value at a whole position of the beginning, 0 where it is not kept.
func (w *wave) first(ch, n int) float64 {
	if n < 0 || (n+1)*w.channels > len(w.head) {
		return 0
	}
	return float64(w.head[n*w.channels+ch])
}

// between returns the value between samples of the beginning: of the cubic
// through the four around it. It never looks before the first one, since what
// lies there is not a whole sample away.
func (w *wave) between(ch int, at float64) float64 {
	n := max(0, int(at)-1)
	x := at - float64(n)
	if x == math.Trunc(x) {
		return w.first(ch, n+int(x))
	}
	a, b, c, d := w.first(ch, n), w.first(ch, n+1), w.first(ch, n+2), w.first(ch, n+3)
	return -a*(x-1)*(x-2)*(x-3)/6 + b*x*(x-2)*(x-3)/2 - c*x*(x-1)*(x-3)/2 + d*x*(x-1)*(x-2)/6
}

// sincTaps is how many samples on either side make a value between samples.
const sincTaps = 24

// at appends the values of all channels at a position of the lap's end, or behind it.
func (w *wave) at(out []float32, position float64) []float32 {
	n := int(math.Floor(position))
	x := position - float64(n)
	if x < 1e-9 {
		for ch := range w.channels {
			out = append(out, float32(w.sample(ch, n)))
		}
		return out
	}
	k := kernel(x)
	for ch := range w.channels {
		sum := 0.0
		for i, weight := range k {
			sum += weight * w.sample(ch, n+i+1-sincTaps)
		}
		out = append(out, float32(sum))
	}
	return out
}

// kernel returns the weights of the samples around a position that lies x
// behind one of them, 0 < x < 1: a sinc under a window of Hann. The sines of
// whole steps further on are the first one's but for their sign, and the
// window is a rotation by a constant angle.
func kernel(x float64) (k [2 * sincTaps]float64) {
	const angle = math.Pi / (sincTaps + 1)
	sign := -math.Sin(math.Pi*(x-1)) / math.Pi
	if sincTaps%2 == 1 {
		sign = -sign
	}
	re, im := math.Cos(angle*(x+sincTaps-1)), math.Sin(angle*(x+sincTaps-1))
	c, s := math.Cos(angle), math.Sin(angle)
	sum := 0.0
	for i := range k {
		d := x + sincTaps - 1 - float64(i)
		k[i] = sign / d * (0.5 + 0.5*re)
		sum += k[i]
		sign, re, im = -sign, re*c+im*s, im*c-re*s
	}
	for i := range k {
		k[i] /= sum
	}
	return k
}

// seam is how the end of a lap of a number of units leads to its beginning.
//
// Units lie on a grid that laps do not interrupt, so a lap of N units lasts
// N·step samples, up to a unit more or less than the sound itself. The
// difference is spread over the last units: they are played a little faster or
// slower, so little that nobody hears it, until the sound is where the next
// lap takes it up.
type seam struct {
	wave  *wave
	step  int // samples of a unit
	units int // of the lap
	tail  int // how many of them are stretched
	guard int // how many at the end are not, but already in step with the next lap
}

// position returns where in the wave the sample is that is played at u, which
// counts samples from the lap's beginning and may lie behind its end.
func (s *seam) position(u int) float64 {
	shift := s.wave.length - float64(s.units*s.step)
	from, to := (s.units-s.tail)*s.step, (s.units-s.guard)*s.step
	switch {
	case u <= from:
		return float64(u)
	case u >= to:
		return float64(u) + shift
	}
	x := float64(u-from) / float64(to-from)
	return float64(u) + shift*x*x*(3-2*x)
}

// render returns the interleaved samples from unit from to unit to.
func (s *seam) render(from, to int) []float32 {
	w := s.wave
	out := make([]float32, 0, (to-from)*s.step*w.channels)
	for u := from * s.step; u < to*s.step; u++ {
		switch behind := u - s.units*s.step; {
		case behind >= 0:
			for ch := range w.channels {
				out = append(out, float32(w.first(ch, behind%w.whole())))
			}
		case u < 0:
			out = w.at(out, w.length+float64(u))
		default:
			out = w.at(out, s.position(u))
		}
	}
	return out
}
