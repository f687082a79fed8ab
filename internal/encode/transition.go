package encode

// transition renders the end of a lap so that it leads into its beginning.
//
// Audio access units lie on a grid that laps do not interrupt, so a lap of N
// units lasts N·unitSamples samples, up to one unit more or less than the
// sound. The difference is spread over the last units: they play slightly
// faster or slower, inaudibly, until the sound is where the next lap continues.
type transition struct {
	pcm         *lapPCM
	unitSamples int
	units       int // in the lap
	tail        int // stretched units at the end of the lap
	guard       int // of those, the last ones, which are already in step with the next lap
}

// position returns the position in the sound that is played at sample u of the
// lap, which may lie after its end.
func (t *transition) position(u int) float64 {
	shift := t.pcm.length - float64(t.units*t.unitSamples)
	from, to := (t.units-t.tail)*t.unitSamples, (t.units-t.guard)*t.unitSamples
	switch {
	case u <= from:
		return float64(u)
	case u >= to:
		return float64(u) + shift
	}
	x := float64(u-from) / float64(to-from)
	return float64(u) + shift*x*x*(3-2*x)
}

// render returns the interleaved samples from unit first up to unit end.
func (t *transition) render(first, end int) []float32 {
	p := t.pcm
	out := make([]float32, 0, (end-first)*t.unitSamples*p.channels)
	for u := first * t.unitSamples; u < end*t.unitSamples; u++ {
		switch next := u - t.units*t.unitSamples; {
		case next >= 0:
			for channel := range p.channels {
				out = append(out, float32(p.headSample(channel, next%p.wholeLength())))
			}
		case u < 0:
			out = p.appendFrame(out, p.length+float64(u))
		default:
			out = p.appendFrame(out, t.position(u))
		}
	}
	return out
}
