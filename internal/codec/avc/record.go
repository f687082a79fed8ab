package avc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
)

// recordHeader is the length of an AVCDecoderConfigurationRecord up to the
// number of its sequence parameter sets, in bytes.
const recordHeader = 6

// newStream makes a stream of an AVCDecoderConfigurationRecord (ISO/IEC
// 14496-15 5.3.3.1).
func newStream(record []byte) (*nal.ByteStream, error) {
	if len(record) < recordHeader || record[0] != 1 {
		return nil, damagedRecord("has %d bytes and version %d, wanted 7 or more and version 1", len(record), version(record))
	}
	format := nal.Format{LengthSize: int(record[4]&3) + 1, HeaderSize: 1}
	s := nal.NewByteStream(format, syntax{}, nil)
	rest, err := addArray(s, record[recordHeader:], int(record[5]&0x1f))
	if err != nil || len(rest) == 0 {
		return s, err
	}
	rest, err = addArray(s, rest[1:], int(rest[0]))
	if err != nil || len(rest) < 4 || !hasExtensions(record[1]) {
		return s, err
	}
	// Chroma format and bit depths come first. Many writers leave all of this
	// out or wrong, so that damage here is no reason to refuse a file.
	_, _ = addArray(s, rest[4:], int(rest[3]))
	return s, nil
}

// addArray adds n units with their 16-bit lengths and returns what is behind them.
func addArray(s *nal.ByteStream, data []byte, n int) ([]byte, error) {
	for i := range n {
		if len(data) < 2 {
			return nil, damagedRecord("ends before parameter set %d of %d", i+1, n)
		}
		size := int(data[0])<<8 | int(data[1])
		data = data[2:]
		if size > len(data) {
			return nil, damagedRecord("has a parameter set of %d bytes where %d are left", size, len(data))
		}
		if size > 0 {
			addSet(s, data[:size])
		}
		data = data[size:]
	}
	return data, nil
}

// addSet takes over a unit, when it is a parameter set at all.
func addSet(s *nal.ByteStream, unit []byte) {
	if class := (syntax{}).Class(unit); class.Set() {
		s.Add(class, unit)
	}
}

// hasExtensions reports whether the record of a profile ends in the fields for
// High profiles (ISO/IEC 14496-15 5.3.3.1.2).
func hasExtensions(profile byte) bool {
	switch profile {
	case 66, 77, 88:
		return false
	}
	return true
}

func version(record []byte) int {
	if len(record) == 0 {
		return 0
	}
	return int(record[0])
}

func damagedRecord(format string, args ...any) error {
	return fault.New(fault.Media, "H.264: the avcC box "+format+": the file is damaged, get it again or encode it (--encode)", args...)
}
