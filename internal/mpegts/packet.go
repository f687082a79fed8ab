package mpegts

import (
	"encoding/binary"
	"math"

	"github.com/lilo-live/lilo/internal/packet"
)

const (
	payloadSize = packet.Size - 4
	syncByte    = 0x47
	patPID      = 0x00
	sdtPID      = 0x11
	nullPID     = 0x1fff
)

// PID is a packet identifier.
type PID = packet.PID

// Values of adaptation_field_control (2.4.3.3).
const (
	payloadOnly    = 1
	adaptationOnly = 2
	bothFields     = 3
)

func putHeader(p []byte, pid PID, unitStart bool, control, counter byte) {
	p[0] = syncByte
	p[1] = byte(pid >> 8)
	if unitStart {
		p[1] |= 0x40
	}
	p[2] = byte(pid)
	p[3] = control<<4 | counter&0x0f
}

func pidOf(p []byte) PID { return PID(p[1]&0x1f)<<8 | PID(p[2]) }

// hasPayload reports whether a packet has a payload and so a new continuity counter.
func hasPayload(p []byte) bool { return p[3]&0x10 != 0 }

// putNull writes a null packet, whose payload may have any value (2.4.3.3).
func putNull(p []byte) {
	putHeader(p, nullPID, false, payloadOnly, 0)
	putStuffing(p[4:packet.Size])
}

// putStuffing sets every byte to 0xff (2.4.3.5). It writes words: byte by byte,
// stuffing took a fifth of the time of channels that are mostly null packets.
func putStuffing(p []byte) {
	for ; len(p) >= 8; p = p[8:] {
		binary.NativeEndian.PutUint64(p, math.MaxUint64)
	}
	for i := range p {
		p[i] = 0xff
	}
}

// putPCR writes a packet that carries only a PCR (2.4.3.5). A packet without
// payload repeats the continuity counter of the one before it (2.4.3.3).
func putPCR(p []byte, pid PID, counter byte, t PCR) {
	putHeader(p, pid, false, adaptationOnly, counter)
	p[4] = payloadSize - 1
	p[5] = 0x10 // PCR_flag
	base, ext := uint64(t)/300%(1<<33), uint64(t)%300
	p[6] = byte(base >> 25)
	p[7] = byte(base >> 17)
	p[8] = byte(base >> 9)
	p[9] = byte(base >> 1)
	p[10] = byte(base<<7) | 0x7e | byte(ext>>8)
	p[11] = byte(ext)
	putStuffing(p[12:packet.Size])
}

// pcrByte is the byte of a packet whose arrival a PCR gives: the one with the
// last bit of program_clock_reference_base (2.4.2.2).
const pcrByte = 10
