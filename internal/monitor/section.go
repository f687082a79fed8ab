package monitor

import (
	"encoding/binary"
	"iter"
)

// Table ids (ISO/IEC 13818-1, table 2-31; ETSI EN 300 468, table 2).
const (
	tablePAT = 0x00
	tableCAT = 0x01
	tablePMT = 0x02
	tableSDT = 0x42
)

// section is one complete section of a table.
type section []byte

func (s section) syntax() bool { return s[1]&0x80 != 0 } // section_syntax_indicator
// long reports whether the section has the long header, and so a CRC.
func (s section) long() bool      { return len(s) >= 12 && s.syntax() }
func (s section) id() uint16      { return binary.BigEndian.Uint16(s[3:]) }
func (s section) version() byte   { return s[5] >> 1 & 31 }
func (s section) current() bool   { return s[5]&1 != 0 }
func (s section) content() []byte { return s[8 : len(s)-4] }

// pidAt returns the 13-bit PID at the start of b.
func pidAt(b []byte) PID { return PID(binary.BigEndian.Uint16(b) & 0x1fff) }

// lengthAt returns the 12-bit length at the start of b.
func lengthAt(b []byte) int { return int(binary.BigEndian.Uint16(b) & 0x0fff) }

// program is one entry of a PAT: where the PMT of a program is.
type program struct {
	number uint16
	pid    PID
}

// programs returns the entries of a PAT (2.4.4.4). Number 0 gives the network PID.
func (s section) programs() iter.Seq[program] {
	return func(yield func(program) bool) {
		for b := s.content(); len(b) >= 4 && yield(program{binary.BigEndian.Uint16(b), pidAt(b[2:])}); {
			b = b[4:]
		}
	}
}

// pcrPID returns the PCR PID of a PMT (2.4.4.9).
func (s section) pcrPID() PID {
	if c := s.content(); len(c) >= 4 {
		return pidAt(c)
	}
	return pidNull
}

// pmtEntry is one elementary stream of a PMT.
type pmtEntry struct {
	streamType  byte
	pid         PID
	descriptors []byte
}

// entries returns the elementary streams of a PMT (2.4.4.9).
func (s section) entries() iter.Seq[pmtEntry] {
	return func(yield func(pmtEntry) bool) {
		b := s.content()
		if len(b) < 4 {
			return
		}
		for b = b[min(4+lengthAt(b[2:]), len(b)):]; len(b) >= 5; {
			n := 5 + min(lengthAt(b[3:]), len(b)-5)
			if !yield(pmtEntry{b[0], pidAt(b[1:]), b[5:n]}) {
				return
			}
			b = b[n:]
		}
	}
}

// hasDescriptor reports whether there is a descriptor with that tag whose
// content begins with prefix.
func hasDescriptor(b []byte, tag byte, prefix string) bool {
	for len(b) >= 2 {
		n := min(int(b[1]), len(b)-2)
		if b[0] == tag && n >= len(prefix) && string(b[2:2+len(prefix)]) == prefix {
			return true
		}
		b = b[2+n:]
	}
	return false
}
