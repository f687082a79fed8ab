package hevc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
)

// recordHeader is the length of an HEVCDecoderConfigurationRecord up to its
// arrays of NAL units, in bytes.
const recordHeader = 23

// newStream makes a stream of an HEVCDecoderConfigurationRecord (ISO/IEC
// 14496-15 8.3.3.1). Its version is 1; files made before the standard was
// final have 0 and the same fields.
func newStream(record []byte) (*nal.ByteStream, error) {
	if len(record) < recordHeader || record[0] > 1 {
		return nil, damagedRecord("has %d bytes and version %d, wanted %d or more and version 1", len(record), version(record), recordHeader)
	}
	format := nal.Format{LengthSize: int(record[21]&3) + 1, HeaderSize: headerSize}
	s := nal.NewByteStream(format, syntax{}, []byte(endOfSequence))
	data := record[recordHeader:]
	for i := range int(record[22]) {
		if len(data) < 3 {
			return nil, damagedRecord("ends before array %d of %d", i+1, record[22])
		}
		rest, err := addArray(s, data[3:], int(data[1])<<8|int(data[2]))
		if err != nil {
			return nil, err
		}
		data = rest
	}
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
		addUnit(s, data[:size])
		data = data[size:]
	}
	return data, nil
}

// addUnit takes over a parameter set, or an SEI unit that is declared for the
// whole stream: the colour volume of HDR10 is often nowhere else.
func addUnit(s *nal.ByteStream, unit []byte) {
	if len(unit) < headerSize {
		return
	}
	class := syntax{}.Class(unit)
	if unitType(unit) == typePrefixSEI && !userData(unit) {
		class = nal.Message
	}
	if class.Set() || class == nal.Message {
		s.Add(class, unit)
	}
}

// userData reports whether an SEI unit begins with user_data_unregistered
// (D.2.7). Encoders leave their settings there, up to some kilobytes of them,
// and a stream that repeats them with every random access point wastes its rate.
func userData(unit []byte) bool {
	const unregistered = 5
	return len(unit) > headerSize && unit[headerSize] == unregistered
}

func version(record []byte) int {
	if len(record) == 0 {
		return 0
	}
	return int(record[0])
}

func damagedRecord(format string, args ...any) error {
	return fault.New(fault.Media, "HEVC: the hvcC box "+format+": the file is damaged, get it again or encode it (--encode)", args...)
}
