package monitor

// pidState is what is known of one PID.
type pidState struct {
	pid     PID
	packets int64

	counted   bool // counter is known
	counter   byte
	duplicate bool // the last packet was one
	previous  [packetSize]byte

	discontinuities int64
	scrambled       bool

	// first and last are when packets arrived, in elapsed ticks, -1 while unknown.
	first, last int64
	referenced  bool // a table names it
	absent      bool // AbsentPID was raised
	reported    bool // UnreferencedPID was raised

	sections *sectionReader
	pmt      *repetition
	stream   *stream
}

// continuity is how a packet follows the one before it on its PID.
type continuity int

const (
	continuous continuity = iota
	repeated
	broken
)

// follow checks the continuity counter of the next packet (ISO/IEC 13818-1,
// 2.4.3.3): it counts packets with payload, a packet may be sent twice, and any
// value may follow a discontinuity_indicator.
func (s *pidState) follow(p packet) continuity {
	last, counted := s.counter, s.counted
	s.counter, s.counted = p.counter(), true
	if p.discontinuity() {
		s.discontinuities++
		counted = false
	}
	want := last
	if p.hasPayload() {
		if counted && s.counter == last && !s.duplicate && p.duplicates(s.previous[:]) {
			s.duplicate = true
			return repeated
		}
		s.duplicate = false
		copy(s.previous[:], p)
		want = (last + 1) & 15
	}
	if counted && s.counter != want {
		return broken
	}
	return continuous
}
