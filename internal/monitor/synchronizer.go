package monitor

import "bytes"

// synchronizer splits bytes into packets. As in ETSI TR 101 290, 5.2.1, it
// loses synchronisation at two consecutive wrong sync bytes and finds it at
// five correct ones.
type synchronizer struct {
	synced bool
	bad    int // consecutive wrong sync bytes
	buf    []byte
}

const (
	syncFound = 5
	syncLost  = 2
)

// packetHandler receives what a synchronizer finds.
type packetHandler interface {
	packet(b packet)
	badSync()
	lostSync()
}

// datagram takes bytes that start with a packet, unless some are left over.
func (s *synchronizer) datagram(b []byte, to packetHandler) {
	if len(s.buf) > 0 || len(b)%packetSize != 0 {
		s.write(b, to)
		return
	}
	if !s.synced && len(b) > 0 {
		s.synced = aligned(b)
	}
	if n := s.split(b, to); n < len(b) {
		s.write(b[n:], to)
	}
}

// write takes the next bytes of a stream.
func (s *synchronizer) write(b []byte, to packetHandler) {
	s.buf = append(s.buf, b...)
	n := 0
	for {
		if !s.synced {
			skip, found := findSync(s.buf[n:])
			n += skip
			if !found {
				break
			}
			s.synced, s.bad = true, 0
		}
		n += s.split(s.buf[n:], to)
		if s.synced {
			break
		}
	}
	s.buf = s.buf[:copy(s.buf, s.buf[n:])]
}

// split hands over whole packets until synchronisation is lost or b ends, and
// returns how many bytes it took.
func (s *synchronizer) split(b []byte, to packetHandler) int {
	n := 0
	for s.synced && n+packetSize <= len(b) {
		p := packet(b[n : n+packetSize])
		if p[0] == syncByte {
			s.bad = 0
			to.packet(p)
			n += packetSize
			continue
		}
		s.bad++
		to.badSync()
		if s.bad >= syncLost {
			s.synced = false
			to.lostSync()
			return n
		}
		n += packetSize
	}
	return n
}

// aligned reports whether every packet of b begins with a sync byte.
func aligned(b []byte) bool {
	for i := 0; i < len(b); i += packetSize {
		if b[i] != syncByte {
			return false
		}
	}
	return true
}

// findSync finds the first place in b where five packets begin in a row.
// Without one it returns how many bytes can be skipped.
func findSync(b []byte) (skip int, found bool) {
	const need = (syncFound-1)*packetSize + 1
	for n := 0; ; n++ {
		i := bytes.IndexByte(b[n:], syncByte)
		if i < 0 {
			return len(b), false
		}
		n += i
		if len(b)-n < need {
			return n, false
		}
		if aligned(b[n : n+need]) {
			return n, true
		}
	}
}
