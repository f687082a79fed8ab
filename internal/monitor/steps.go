package monitor

// maxSteps is how many different steps are counted. A constant frame rate has
// one or two, pulldown up to four, and a variable one more.
const maxSteps = 64

// steps counts the differences between consecutive decoding times, in ticks of
// 90 kHz, in bounded memory.
type steps struct {
	times       map[int64]int64 // how often each step occurred
	mode        int64           // the usual step, 0 before there is one
	count       int64
	others      int64 // steps that times has no room for
	low, high   int64
	irregularAt []stepPlace
}

type stepPlace struct{ packet, step int64 }

// stepTolerance is how far a step may be from the usual one: 1 ms, and a tick
// for the rounding of each end.
const stepTolerance = 90 + 1

// add counts a step that ends in packet n.
func (s *steps) add(step, n int64) {
	if s.count == 0 {
		s.low, s.high = step, step
	}
	s.low, s.high = min(s.low, step), max(s.high, step)
	s.count++
	if _, known := s.times[step]; !known && len(s.times) == maxSteps {
		s.others++
		return
	}
	if s.times == nil {
		s.times = make(map[int64]int64)
	}
	s.times[step]++
	if s.times[step] > s.times[s.mode] {
		s.mode = step
	}
	if !nearStep(step, s.mode) && len(s.irregularAt) < 2*maxPlaces {
		s.irregularAt = append(s.irregularAt, stepPlace{n, step})
	}
}

func nearStep(a, b int64) bool { return a-b <= stepTolerance && b-a <= stepTolerance }

// irregular returns how many steps differ from the usual one, and the largest error.
func (s *steps) irregular() (count, worst int64) {
	count = s.others
	for v, times := range s.times {
		if !nearStep(v, s.mode) {
			count += times
		}
	}
	worst = s.high - s.mode
	if s.mode-s.low > worst {
		worst = s.low - s.mode
	}
	return count, worst
}

// variable reports a variable frame rate: more than one step in twenty differs
// from the usual one, so that such steps are no errors.
func (s *steps) variable() bool {
	count, _ := s.irregular()
	return s.count >= 20 && count*20 > s.count
}
