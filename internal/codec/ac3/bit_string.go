package ac3

// bitString is a string of bits that grows at its end, most significant bit first.
type bitString struct {
	data []byte
	size int // in bits
}

// put appends the n lowest bits of value, n up to 32.
func (s *bitString) put(value uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		if s.size%8 == 0 {
			s.data = append(s.data, 0)
		}
		s.data[s.size/8] |= byte(value>>i&1) << (7 - s.size%8)
		s.size++
	}
}

func (s *bitString) flag(set bool) {
	if set {
		s.put(1, 1)
		return
	}
	s.put(0, 1)
}

func (s *bitString) zeros(n int) {
	for ; n > 32; n -= 32 {
		s.put(0, 32)
	}
	s.put(0, n)
}
