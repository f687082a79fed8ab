package monitor

// maxSection is the longest section there is: 3 bytes and a 12-bit length.
const maxSection = 3 + 4095

// sections puts the sections of one PID together (ISO/IEC 13818-1, 2.4.4).
type sections struct {
	buf    []byte
	active bool
	each   func([]byte)
}

// newSections calls each for every section that is complete; the bytes are
// valid until it returns.
func newSections(each func([]byte)) *sections {
	return &sections{buf: make([]byte, 0, maxSection), each: each}
}

// drop forgets the section in progress: a packet of it was lost.
func (s *sections) drop() { s.buf, s.active = s.buf[:0], false }

// feed takes the payload of a packet.
func (s *sections) feed(p packet) {
	b := p[p.body():]
	if !p.unitStart() {
		s.continuation(b)
		return
	}
	if len(b) == 0 || 1+int(b[0]) > len(b) {
		s.drop()
		return
	}
	pointer := int(b[0])
	s.continuation(b[1 : 1+pointer])
	s.drop()
	s.starts(b[1+pointer:])
}

func (s *sections) continuation(b []byte) {
	if s.active {
		s.extend(b)
	}
}

// starts takes bytes at which a section begins; stuffing ends them.
func (s *sections) starts(b []byte) {
	for len(b) > 0 && b[0] != 0xff {
		s.active = true
		b = b[s.extend(b):]
		if s.active {
			return
		}
	}
}

// extend adds bytes to the section in progress and returns how many it took.
func (s *sections) extend(b []byte) int {
	taken := 0
	if need := 3 - len(s.buf); need > 0 {
		taken = min(need, len(b))
		s.buf = append(s.buf, b[:taken]...)
		if len(s.buf) < 3 {
			return taken
		}
	}
	want := 3 + (int(s.buf[1]&0x0f)<<8 | int(s.buf[2]))
	more := min(want-len(s.buf), len(b)-taken)
	s.buf = append(s.buf, b[taken:taken+more]...)
	if len(s.buf) == want {
		s.each(s.buf)
		s.drop()
	}
	return taken + more
}
