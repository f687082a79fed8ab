package aac

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

const (
	// headerSize is the length in bytes of an ADTS header without CRC.
	headerSize = 7
	// maxFrame is the greatest aac_frame_length, header included: 13 bits.
	maxFrame = 1<<13 - 1
)

// AppendUnit appends the sample, one raw_data_block, as an ADTS frame
// (ISO/IEC 13818-7 6.2): a header of 7 bytes, the program_config_element where the header
// has no code for the channels, then the sample as it is.
func (c *Coding) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	if len(sample) == 0 {
		return dst, fault.New(fault.Media, "AAC: a sample is empty: the file is damaged; get it again")
	}
	program := c.program.data
	if beginsWithProgram(sample) {
		program = nil
	}
	size := headerSize + len(program) + len(sample)
	if size > maxFrame {
		return dst, fault.New(fault.Media, "AAC: a sample of %d bytes makes an ADTS frame of %d, at most %d fit: %s",
			len(sample), size, maxFrame, advice)
	}
	if isADTS(sample) {
		return dst, fault.New(fault.Media, "AAC: a sample is already an ADTS frame, which MP4 does not allow: --encode avc plays it")
	}
	header := c.header(size)
	return append(append(append(dst, header[:]...), program...), sample...), nil
}

// header returns adts_fixed_header and adts_variable_header of a frame of size bytes.
// ID is 0, MPEG-4: encoders use its tools (perceptual noise substitution) in what
// they call LC. A buffer fullness of all ones means a variable rate.
func (c *Coding) header(size int) [headerSize]byte {
	const (
		syncword         = 0xfff
		protectionAbsent = 1
		fullness         = 0x7ff
	)
	h := uint64(syncword)<<44 | protectionAbsent<<40 |
		uint64(c.object-1)<<38 | uint64(c.rateIndex)<<34 | uint64(c.layout)<<30 |
		uint64(size)<<13 | fullness<<2
	return [headerSize]byte{
		byte(h >> 48), byte(h >> 40), byte(h >> 32), byte(h >> 24), byte(h >> 16), byte(h >> 8), byte(h),
	}
}

// isADTS reports whether the sample begins with an ADTS header that has its length. A
// raw_data_block can begin with the bits of the syncword, but not with its own
// length after them.
func isADTS(sample []byte) bool {
	if len(sample) < headerSize || sample[0] != 0xff || sample[1]&0xf6 != 0xf0 {
		return false
	}
	return int(sample[3]&3)<<11|int(sample[4])<<3|int(sample[5])>>5 == len(sample)
}
