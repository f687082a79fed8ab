package mpeg2

import (
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// sequence holds the fields of sequence_header and sequence_extension that matter
// here (ISO/IEC 13818-2, 6.2.2.1 and 6.2.2.3; ISO/IEC 11172-2, 2.4.2.3).
type sequence struct {
	bytes         []byte         // the header and its extensions
	mpeg1         bool           // there is no sequence_extension
	width, height int            // luma samples
	rate          media.Rational // frames a second, 0/0 where frame_rate_code is reserved
	bitRate       int64          // bit_rate in units of 400 bit/s; all 18 bits set in MPEG-1: it varies
	vbv           int            // vbv_buffer_size in units of 16384 bits
	constrained   bool           // constrained_parameters_flag (MPEG-1)
	profile       byte           // profile_and_level_indication
	aspect        byte           // aspect_ratio_information (table 6-3)
	color         media.Color
}

// frameRate returns the frames a second of a frame_rate_code (table 6-4), the zero value
// for a reserved one.
func frameRate(code byte) media.Rational {
	return [16]media.Rational{
		1: {Num: 24_000, Den: 1001}, 2: {Num: 24, Den: 1}, 3: {Num: 25, Den: 1}, 4: {Num: 30_000, Den: 1001},
		5: {Num: 30, Den: 1}, 6: {Num: 50, Den: 1}, 7: {Num: 60_000, Den: 1001}, 8: {Num: 60, Den: 1},
	}[code&0xf]
}

// Fixed lengths with start codes, in bytes.
const (
	sequenceSize  = 12
	matrixSize    = 64
	extensionSize = 10
)

// idSequence is extension_start_code_identifier of sequence_extension (table 6-2).
const idSequence = 1

// idSequenceDisplay is that of sequence_display_extension.
const idSequenceDisplay = 2

// parseSequence parses the sequence header in data and its extensions. found is false
// if there is no header.
func parseSequence(data []byte) (s sequence, found bool, err error) {
	from := findHeaders(data).sequence
	if from < 0 {
		return s, false, nil
	}
	data = data[from:]
	end := endOfHeader(data)
	if end > len(data) {
		return s, true, damaged("the sequence header ends after %d bytes", len(data))
	}
	s.readHeader(data)
	s.bytes = slices.Clone(data[:end])
	if err := s.readExtensions(data[end:]); err != nil {
		return s, true, err
	}
	if s.width == 0 || s.height == 0 {
		return s, true, damaged("the sequence header gives a picture of %dx%d", s.width, s.height)
	}
	return s, true, nil
}

// endOfHeader returns the length of the sequence header at the start of data, which
// may be more than len(data). Either matrix follows its flag, so the second flag is
// again the last bit of a byte.
func endOfHeader(data []byte) int {
	n := sequenceSize
	if n <= len(data) && data[n-1]&2 != 0 { // load_intra_quantiser_matrix
		n += matrixSize
	}
	if n <= len(data) && data[n-1]&1 != 0 { // load_non_intra_quantiser_matrix
		n += matrixSize
	}
	return n
}

func (s *sequence) readHeader(data []byte) {
	s.mpeg1 = true
	s.width = int(data[4])<<4 | int(data[5])>>4
	s.height = int(data[5]&0xf)<<8 | int(data[6])
	s.aspect = data[7] >> 4
	s.rate = frameRate(data[7])
	s.bitRate = int64(data[8])<<10 | int64(data[9])<<2 | int64(data[10])>>6
	s.vbv = int(data[10]&0x1f)<<5 | int(data[11])>>3
	s.constrained = data[11]&4 != 0
}

// readExtensions reads and keeps the extensions at the start of data, without user
// data among them.
func (s *sequence) readExtensions(data []byte) error {
	for at := start(data, 0); at >= 0; {
		end := start(data, at+startSize)
		part := data[at:]
		if end >= 0 {
			part = data[at:end]
		}
		switch {
		case data[at+3] == codeExtension:
			if err := s.readExtension(part); err != nil {
				return err
			}
		case data[at+3] != codeUserData:
			return nil
		}
		at = end
	}
	return nil
}

// readExtension reads one extension with its start code.
func (s *sequence) readExtension(data []byte) error {
	if len(data) > startSize && data[4]>>4 == idSequence {
		if len(data) < extensionSize {
			return damaged("the sequence extension has %d bytes, wanted %d", len(data), extensionSize)
		}
		s.mpeg1 = false
		s.profile = data[4]<<4 | data[5]>>4
		s.width |= int(data[5]&1)<<13 | int(data[6]>>7)<<12
		s.height |= int(data[6]>>5&3) << 12
		s.bitRate |= (int64(data[6]&0x1f)<<7 | int64(data[7]>>1)) << 18
		s.vbv |= int(data[8]) << 10
		s.rate.Num *= int64(data[9]>>5&3) + 1 // frame_rate_extension_n
		s.rate.Den *= int64(data[9]&0x1f) + 1 // frame_rate_extension_d
	}
	if len(data) > startSize+4 && data[4]>>4 == idSequenceDisplay && data[4]&1 != 0 { // color_description
		s.color = media.Color{Primaries: uint16(data[5]), Transfer: uint16(data[6]), Matrix: uint16(data[7])}
	}
	s.bytes = append(s.bytes, data...)
	return nil
}

// display is what the sequence header and its extensions say of how pictures are
// shown. MPEG-2 gives the shape of the picture (13818-2, 6.3.3), which is that of the
// display, and MPEG-1 that of a pixel, of which 1 is square (11172-2, 2.4.3.2).
func (s *sequence) display() media.Display {
	d := media.Display{Color: s.color}
	shapes := map[byte]media.Aspect{2: {Width: 4, Height: 3}, 3: {Width: 16, Height: 9}, 4: {Width: 221, Height: 100}}
	switch shape, ok := shapes[s.aspect]; {
	case s.aspect == 1:
		d.PixelAspect = media.Aspect{Width: 1, Height: 1}
	case ok && !s.mpeg1:
		d.PixelAspect = media.Aspect{Width: shape.Width * uint32(s.height), Height: shape.Height * uint32(s.width)}
	}
	return d
}

func damaged(format string, args ...any) error {
	return fault.New(fault.Media, "MPEG video: "+format+": the file is damaged; get it again or encode it (--encode avc)", args...)
}
