package monitor

// maxSection is the longest possible section: 3 bytes and a 12-bit length.
const maxSection = 3 + 4095

// sectionReader assembles the sections of one PID (ISO/IEC 13818-1, 2.4.4).
type sectionReader struct {
	buf    []byte
	active bool
	each   func(section)
}

// newSectionReader calls each for every complete section, whose bytes are valid
// until each returns.
func newSectionReader(each func(section)) *sectionReader {
	return &sectionReader{buf: make([]byte, 0, maxSection), each: each}
}

// drop forgets the section in progress, of which a packet was lost.
func (r *sectionReader) drop() { r.buf, r.active = r.buf[:0], false }

// packet takes the payload of a packet.
func (r *sectionReader) packet(p packet) {
	b := p[p.payload():]
	if !p.unitStart() {
		if r.active {
			r.extend(b)
		}
		return
	}
	if len(b) == 0 || 1+int(b[0]) > len(b) {
		r.drop()
		return
	}
	next := 1 + int(b[0]) // pointer_field
	if r.active {
		r.extend(b[1:next])
	}
	r.drop()
	for b = b[next:]; len(b) > 0 && b[0] != 0xff; { // Stuffing ends the sections.
		r.active = true
		b = b[r.extend(b):]
		if r.active {
			return
		}
	}
}

// extend adds bytes to the section in progress and returns how many it took.
func (r *sectionReader) extend(b []byte) int {
	taken := 0
	if need := 3 - len(r.buf); need > 0 {
		taken = min(need, len(b))
		r.buf = append(r.buf, b[:taken]...)
		if len(r.buf) < 3 {
			return taken
		}
	}
	size := 3 + (int(r.buf[1]&0x0f)<<8 | int(r.buf[2]))
	more := min(size-len(r.buf), len(b)-taken)
	r.buf = append(r.buf, b[taken:taken+more]...)
	if len(r.buf) == size {
		r.each(r.buf)
		r.drop()
	}
	return taken + more
}
