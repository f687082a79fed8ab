package mpegts

import (
	"encoding/binary"
	"math"

	"github.com/lilo-live/lilo/internal/packet"
)

const (
	payloadSize = packet.Size - 4
	syncByte    = 0x47
	sdtPID      = 0x11
	nullPID     = 0x1fff
)

// PID is a packet identifier (ISO/IEC 13818-1, 2.4.3.3), 0 to 8191.
type PID uint16

// header writes the four bytes of a packet's header. control is the
// adaptation_field_control: 1 payload only, 2 adaptation field only, 3 both.
func header(p []byte, pid PID, start bool, control, cc byte) {
	p[0] = syncByte
	p[1] = byte(pid >> 8)
	if start {
		p[1] |= 0x40
	}
	p[2] = byte(pid)
	p[3] = control<<4 | cc&0x0f
}

// null writes a null packet (2.4.3.3: PID 0x1fff; its payload may have any value).
func null(p []byte) {
	header(p, nullPID, false, 1, 0)
	fill(p[4:packet.Size])
}

// fill sets every byte to 0xff, the value of stuffing bytes (2.4.3.5). Byte by
// byte, it took a fifth of the time of channels that are mostly null packets.
func fill(p []byte) {
	for ; len(p) >= 8; p = p[8:] {
		binary.NativeEndian.PutUint64(p, math.MaxUint64)
	}
	for i := range p {
		p[i] = 0xff
	}
}

// pcrPacket writes a packet that carries nothing but a PCR, in ticks of 27 MHz
// modulo 300·2³³ (2.4.3.5). A packet without payload repeats the continuity
// counter of the one before it (2.4.3.3).
func pcrPacket(p []byte, pid PID, cc byte, pcr int64) {
	header(p, pid, false, 2, cc)
	p[4] = payloadSize - 1
	p[5] = 0x10 // PCR_flag
	base, ext := uint64(pcr)/300%(1<<33), uint64(pcr)%300
	p[6] = byte(base >> 25)
	p[7] = byte(base >> 17)
	p[8] = byte(base >> 9)
	p[9] = byte(base >> 1)
	p[10] = byte(base<<7) | 0x7e | byte(ext>>8)
	p[11] = byte(ext)
	fill(p[12:packet.Size])
}

// pcrByte is the byte of a packet whose arrival a PCR tells: the one with the
// last bit of program_clock_reference_base (2.4.2.2).
const pcrByte = 10
