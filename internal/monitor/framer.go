package monitor

import "bytes"

// framer cuts bytes into packets. It loses and finds synchronisation as
// ETSI TR 101 290, 5.2.1 has it: lost by two sync bytes in a row that are not
// 0x47, found by five in a row that are.
type framer struct {
	synced bool
	bad    int
	buf    []byte
}

const (
	syncFound = 5
	syncLost  = 2
)

// framing is what a framer tells of.
type framing interface {
	packet(b packet)
	badSync()
	lostSync()
}

// datagram takes bytes that begin a packet unless some are left over.
func (f *framer) datagram(b []byte, to framing) {
	if len(f.buf) > 0 || len(b)%packetSize != 0 {
		f.write(b, to)
		return
	}
	if !f.synced && len(b) > 0 && b[0] == syncByte {
		f.synced = aligned(b)
	}
	if n := f.cut(b, to); n < len(b) {
		f.write(b[n:], to)
	}
}

// write takes the next bytes of a stream.
func (f *framer) write(b []byte, to framing) {
	f.buf = append(f.buf, b...)
	n := f.consume(f.buf, to)
	f.buf = f.buf[:copy(f.buf, f.buf[n:])]
}

func (f *framer) consume(b []byte, to framing) int {
	n := 0
	for {
		if !f.synced {
			skip, found := seek(b[n:])
			n += skip
			if !found {
				return n
			}
			f.synced, f.bad = true, 0
		}
		n += f.cut(b[n:], to)
		if f.synced {
			return n
		}
	}
}

// cut hands over whole packets until synchronisation is lost or b ends, and
// returns how many bytes that took.
func (f *framer) cut(b []byte, to framing) int {
	n := 0
	for f.synced && n+packetSize <= len(b) {
		p := packet(b[n : n+packetSize])
		if p[0] == syncByte {
			f.bad = 0
			to.packet(p)
			n += packetSize
			continue
		}
		f.bad++
		to.badSync()
		if f.bad >= syncLost {
			f.synced = false
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

// seek finds the first place in b at which five packets begin in a row. Without
// one it returns how much of b can be forgotten.
func seek(b []byte) (skip int, found bool) {
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
