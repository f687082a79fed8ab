package monitor

// stepsKept is how many different steps are told apart. A constant frame rate
// has one or two, pulldown up to four; more come with a variable one.
const stepsKept = 64

// steps counts the differences between successive decoding times, in ticks of
// 90 kHz, in bounded memory.
type steps struct {
	value   [stepsKept]int64
	times   [stepsKept]int64
	kinds   int
	usual   int
	count   int64
	others  int64
	low     int64
	high    int64
	irregAt []stepPlace
}

type stepPlace struct {
	packet, step int64
}

// stepTolerance is how far from the usual step another may be: 1 ms, and a
// tick for the rounding of each end.
const stepTolerance = 90 + 1

// add takes a step, and the number of the packet for the places.
func (s *steps) add(step, n int64) {
	if s.count == 0 {
		s.low, s.high = step, step
	}
	s.low, s.high = min(s.low, step), max(s.high, step)
	s.count++
	i := s.find(step)
	if i < 0 {
		s.others++
		return
	}
	s.times[i]++
	if s.times[i] > s.times[s.usual] {
		s.usual = i
	}
	if !near90(step, s.mode()) && len(s.irregAt) < 2*placesKept {
		s.irregAt = append(s.irregAt, stepPlace{n, step})
	}
}

func (s *steps) find(step int64) int {
	for i, v := range s.value[:s.kinds] {
		if v == step {
			return i
		}
	}
	if s.kinds == stepsKept {
		return -1
	}
	s.value[s.kinds] = step
	s.kinds++
	return s.kinds - 1
}

func near90(a, b int64) bool { return a-b <= stepTolerance && b-a <= stepTolerance }

// mode is the usual step, 0 before there is one.
func (s *steps) mode() int64 { return s.value[s.usual] }

// irregular returns how many steps are not the usual one, and the error of the worst.
func (s *steps) irregular() (count, worst int64) {
	count = s.others
	for i, v := range s.value[:s.kinds] {
		if !near90(v, s.mode()) {
			count += s.times[i]
		}
	}
	worst = s.high - s.mode()
	if s.mode()-s.low > worst {
		worst = s.low - s.mode()
	}
	return count, worst
}

// variable reports a variable frame rate: so many steps are not the usual one
// that they are no errors: more than one in twenty.
func (s *steps) variable() bool {
	count, _ := s.irregular()
	return s.count >= 20 && count*20 > s.count
}
