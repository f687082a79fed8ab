package monitor

// pidState is what is known of one PID.
type pidState struct {
	pid     PID
	packets int64

	counted  bool
	counter  byte
	twice    bool
	previous [packetSize]byte

	discontinuities int64
	scrambled       bool
	clocked         bool

	// first and last are when its packets came, in elapsed ticks, -1 before that is known.
	first, last int64
	// referenced says that a table names it; absent that it was reported so.
	referenced bool
	absent     bool
	reported   bool

	sections *sections
	table    *watch
	stream   *stream
}

// order is how a packet follows the one before it on its PID.
type order int

const (
	inOrder order = iota
	repeated
	broken
)

// order judges the continuity counter (ISO/IEC 13818-1, 2.4.3.3): one more
// with every packet that has payload, but a packet may come twice, and after
// a discontinuity_indicator anything goes.
func (s *pidState) order(p packet) order {
	last, counted := s.counter, s.counted
	s.counter, s.counted = p.counter(), true
	if p.discontinuity() {
		s.discontinuities++
		counted = false
	}
	if !p.hasPayload() {
		return s.bare(p, last, counted)
	}
	same := counted && s.counter == last && p.repeats(s.previous[:])
	if same && !s.twice {
		s.twice = true
		return repeated
	}
	s.twice = false
	copy(s.previous[:], p)
	if counted && s.counter != (last+1)&15 {
		return broken
	}
	return inOrder
}

// bare judges a packet without payload, whose counter stands still.
func (s *pidState) bare(p packet, last byte, counted bool) order {
	if counted && p.counter() != last {
		return broken
	}
	return inOrder
}
