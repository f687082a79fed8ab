package monitor

import "bytes"

// PID identifies one of the streams in a transport stream, 0 to 8191
// (ISO/IEC 13818-1, 2.4.3.3).
type PID uint16

const (
	packetSize = 188
	syncByte   = 0x47
	pidPAT     = PID(0x0000)
	pidCAT     = PID(0x0001)
	pidSDT     = PID(0x0011)
	pidPSIP    = PID(0x1ffb)
	pidNull    = PID(0x1fff)
	pidCount   = 0x2000
)

// packet is a transport packet of 188 bytes. Its methods read the fields of
// ISO/IEC 13818-1, 2.4.3.2, and are safe for any 188 bytes.
type packet []byte

func (p packet) transportError() bool { return p[1]&0x80 != 0 }
func (p packet) unitStart() bool      { return p[1]&0x40 != 0 }
func (p packet) pid() PID             { return PID(p[1]&0x1f)<<8 | PID(p[2]) }
func (p packet) scrambled() bool      { return p[3]&0xc0 != 0 }
func (p packet) hasAdaptation() bool  { return p[3]&0x20 != 0 }
func (p packet) hasPayload() bool     { return p[3]&0x10 != 0 }
func (p packet) counter() byte        { return p[3] & 0x0f }

// flags returns the eight flags of the adaptation field, 0 without one.
func (p packet) flags() byte {
	if !p.hasAdaptation() || p[4] == 0 {
		return 0
	}
	return p[5]
}

func (p packet) discontinuity() bool { return p.flags()&0x80 != 0 }
func (p packet) randomAccess() bool  { return p.flags()&0x40 != 0 }

// payload returns the index of the first byte of payload, packetSize without any.
func (p packet) payload() int {
	switch {
	case !p.hasPayload():
		return packetSize
	case !p.hasAdaptation():
		return 4
	default:
		return min(5+int(p[4]), packetSize)
	}
}

// pcr returns the program clock reference in ticks of 27 MHz, if there is one.
func (p packet) pcr() (int64, bool) {
	if p.flags()&0x10 == 0 || p[4] < 7 {
		return 0, false
	}
	base := int64(p[6])<<25 | int64(p[7])<<17 | int64(p[8])<<9 | int64(p[9])<<1 | int64(p[10])>>7
	return base*300 + int64(p[10]&1)<<8 + int64(p[11]), true
}

// pcrByte is the byte whose arrival a PCR states: the one with the last bit of
// program_clock_reference_base (2.4.3.5).
const pcrByte = 10

// duplicates reports whether p is the duplicate of last that 2.4.3.3 permits:
// the same bytes, except for the value of a PCR.
func (p packet) duplicates(last packet) bool {
	if _, ok := p.pcr(); !ok {
		return bytes.Equal(p, last)
	}
	return bytes.Equal(p[:6], last[:6]) && bytes.Equal(p[12:], last[12:])
}
