package monitor

import "encoding/binary"

// The table ids that are looked for (ISO/IEC 13818-1, table 2-31; ETSI EN 300 468, table 2).
const (
	tablePAT = 0x00
	tableCAT = 0x01
	tablePMT = 0x02
	tableSDT = 0x42
)

// section is one section of a table, complete.
type section []byte

// long reports whether the section has the long header, and so a CRC.
func (s section) long() bool { return len(s) >= 12 && s[1]&0x80 != 0 }

func (s section) id() uint16    { return binary.BigEndian.Uint16(s[3:]) }
func (s section) version() byte { return s[5] >> 1 & 31 }
func (s section) current() bool { return s[5]&1 != 0 }
func (s section) content() []byte {
	return s[8 : len(s)-4]
}

// program is one entry of a PAT: where the PMT of a program is.
type program struct {
	number uint16
	pid    PID
}

// eachProgram calls f for the programs of a PAT (2.4.4.4), without the network PID.
func (s section) eachProgram(f func(program)) {
	for b := s.content(); len(b) >= 4; b = b[4:] {
		number := binary.BigEndian.Uint16(b)
		if number != 0 {
			f(program{number, PID(binary.BigEndian.Uint16(b[2:]) & 0x1fff)})
		}
	}
}

// networkPID returns where the NIT is, 0 when the PAT does not say.
func (s section) networkPID() PID {
	for b := s.content(); len(b) >= 4; b = b[4:] {
		if binary.BigEndian.Uint16(b) == 0 {
			return PID(binary.BigEndian.Uint16(b[2:]) & 0x1fff)
		}
	}
	return 0
}

// entry is one elementary stream of a PMT.
type entry struct {
	streamType  byte
	pid         PID
	descriptors []byte
}

// clockPID returns the PCR PID of a PMT (2.4.4.9).
func (s section) clockPID() PID {
	if c := s.content(); len(c) >= 4 {
		return PID(binary.BigEndian.Uint16(c) & 0x1fff)
	}
	return pidNull
}

// eachEntry calls f for the elementary streams of a PMT (2.4.4.8).
func (s section) eachEntry(f func(entry)) {
	b := s.content()
	if len(b) < 4 {
		return
	}
	b = tail(b[4:], int(binary.BigEndian.Uint16(b[2:])&0x0fff))
	for len(b) >= 5 {
		n := min(int(binary.BigEndian.Uint16(b[3:])&0x0fff), len(b)-5)
		f(entry{b[0], PID(binary.BigEndian.Uint16(b[1:]) & 0x1fff), b[5 : 5+n]})
		b = b[5+n:]
	}
}

func tail(b []byte, n int) []byte { return b[min(n, len(b)):] }

// hasDescriptor reports whether a descriptor with that tag is among them, and
// begins with that content.
func hasDescriptor(b []byte, tag byte, content string) bool {
	for len(b) >= 2 {
		n := min(int(b[1]), len(b)-2)
		if b[0] == tag && n >= len(content) && string(b[2:2+len(content)]) == content {
			return true
		}
		b = b[2+n:]
	}
	return false
}
