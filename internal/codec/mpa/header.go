package mpa

import (
	"encoding/binary"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// headerSize is the length in bytes of the header of every frame.
const headerSize = 4

// Single fields of the header (ISO/IEC 11172-3 2.4.1.3).
const (
	bitLSF        = 1 << 19 // ID: clear for the low sample rates of MPEG-2
	bitUnguarded  = 1 << 16 // protection_bit: set where no CRC follows
	bitPadding    = 1 << 9
	bitPrivate    = 1 << 8
	maskExtension = 3 << 4
	modeMono      = 3
)

// header is a valid header of a frame (ISO/IEC 11172-3, 2.4.1.3).
type header uint32

func parseHeader(sample []byte) (header, error) {
	if len(sample) < headerSize {
		return 0, fault.New(fault.Media, "MPEG audio: a sample of %d bytes holds no frame header: the file is damaged; get it again", len(sample))
	}
	h := header(binary.BigEndian.Uint32(sample))
	if h>>21 != 0x7ff {
		return 0, fault.New(fault.Media, "MPEG audio: a sample begins with %08x instead of a syncword: the file is damaged or encrypted; get it again", uint32(h))
	}
	return h, h.check()
}

// check rejects reserved codes and those that a transport stream cannot carry.
func (h header) check() error {
	const advice = "--encode avc would turn it into AAC LC"
	switch {
	case h>>20&1 == 0:
		return fault.New(fault.Media, "MPEG audio: header %08x is of MPEG-2.5, which a transport stream has no type for: %s", uint32(h), advice)
	case h>>17&3 == 0 || h>>10&3 == 3 || h>>12&15 == 15:
		return fault.New(fault.Media, "MPEG audio: header %08x has a reserved layer, sample rate or bit rate: the file is damaged; get it again", uint32(h))
	case h>>12&15 == 0:
		return fault.New(fault.Media, "MPEG audio: header %08x is of free format, whose frames give no length: %s", uint32(h), advice)
	}
	return nil
}

// lowRate reports whether the frame has a low sample rate (ISO/IEC 13818-3).
func (h header) lowRate() bool { return h&bitLSF == 0 }

// layer returns 1, 2 or 3.
func (h header) layer() int { return 4 - int(h>>17&3) }

// mode returns 0 stereo, 1 joint stereo, 2 two channels, 3 one channel.
func (h header) mode() int { return int(h >> 6 & 3) }

// sampleRate returns the rate in Hz (ISO/IEC 11172-3 2.4.2.3, ISO/IEC 13818-3 2.4.2.3).
func (h header) sampleRate() int {
	rate := [...]int{44100, 48000, 32000}[h>>10&3]
	if h.lowRate() {
		return rate / 2
	}
	return rate
}

func (h header) bitRate() media.BitRate {
	return 1000 * media.BitRate(h.kilobits()[h>>12&15])
}

// kilobits returns the table of bit rates in kb/s of the layer (ISO/IEC
// 11172-3 2.4.2.3, ISO/IEC 13818-3 2.4.2.3).
func (h header) kilobits() [15]int {
	switch {
	case h.lowRate() && h.layer() == 1:
		return [15]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256}
	case h.lowRate():
		return [15]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}
	case h.layer() == 1:
		return [15]int{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448}
	case h.layer() == 2:
		return [15]int{0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384}
	}
	return [15]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}
}

// samples returns how many samples of each channel the frame holds.
func (h header) samples() int {
	switch {
	case h.layer() == 1:
		return 384
	case h.layer() == 3 && h.lowRate():
		return 576
	}
	return 1152
}

// frameSize returns the length of the frame in bytes (ISO/IEC 11172-3
// 2.4.3.1). Layer I counts in slots of 4 bytes, the others in bytes.
func (h header) frameSize() int {
	slot := 1
	if h.layer() == 1 {
		slot = 4
	}
	size := h.samples() / 8 * int(h.bitRate()) / h.sampleRate() / slot
	if h&bitPadding != 0 {
		size++
	}
	return size * slot
}

// configuration returns the fields of a header that a decoder cannot change between
// frames without a gap: version, layer, sample rate, and one channel or two. Bit
// rate and stereo mode may change (ISO/IEC 11172-3, 2.4.2.3).
func (h header) configuration() header {
	const version, layer, rate = 1 << 19, 3 << 17, 3 << 10
	fixed := h & (version | layer | rate)
	if h.mode() == modeMono {
		fixed |= modeMono << 6
	}
	return fixed
}
