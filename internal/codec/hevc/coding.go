package hevc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is HEVC as a byte stream. It implements [media.VideoCoding].
type Coding struct {
	stream *nal.ByteStream
	sps    sps
	// inBand says that parameter sets are in the samples alone.
	inBand bool
}

var _ media.VideoCoding = (*Coding)(nil)

// New returns the coding of a track. record is the body of its hvcC box,
// sample its first random access point, for a record without parameter sets
// (hev1); it may be nil for others.
func New(record, sample []byte) (*Coding, error) {
	stream, err := newStream(record)
	if err != nil {
		return nil, err
	}
	inBand := !complete(stream)
	if inBand {
		if err := stream.AddSets(sample); err != nil {
			return nil, damagedSample(err)
		}
	}
	if !complete(stream) {
		return nil, fault.New(fault.Media, "HEVC: decoding needs parameter sets, and neither hvcC nor the first sample has all three: encode the file again (--encode)")
	}
	parsed, err := parseSPS(stream.First(nal.SequenceSet))
	if err != nil {
		return nil, err
	}
	return &Coding{stream: stream, sps: parsed, inBand: inBand}, nil
}

func complete(s *nal.ByteStream) bool {
	return s.First(nal.VideoSet) != nil && s.First(nal.SequenceSet) != nil && s.First(nal.PictureSet) != nil
}

// String names profile, level, tier and size: "HEVC Main@4.1 1920x1080".
func (c *Coding) String() string { return "HEVC " + c.sps.String() }

// Codec is "hvc1." and the general part of profile, tier and level (ISO/IEC
// 14496-15, annex E): "hvc1.1.6.L93.B0"; "hev1." where the record does not have
// all parameter sets.
func (c *Coding) Codec() string {
	if c.inBand {
		return "hev1." + c.sps.codec()
	}
	return "hvc1." + c.sps.codec()
}

// EndOfSequence is the unit that goes behind the last sample of a lap that begins
// with an open refresh, with its length as samples have it.
func (c *Coding) EndOfSequence() []byte {
	b := make([]byte, c.LengthSize(), c.LengthSize()+len(endOfSequence))
	b[len(b)-1] = byte(len(endOfSequence))
	return append(b, endOfSequence...)
}

// Size is the cropped size of a picture in luma samples.
func (c *Coding) Size() (width, height int) { return c.sps.width, c.sps.height }

// StreamType is 0x24 (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte { return 0x24 }

// StreamID is 0xe0, video stream 0 (ISO/IEC 13818-1, table 2-22).
func (c *Coding) StreamID() byte { return media.StreamIDVideo }

// Segments is fragmented MP4 alone (HLS Authoring Specification for Apple Devices, 1.5).
func (c *Coding) Segments() media.SegmentForm { return media.FragmentedSegments }

// Descriptors is the registration descriptor (ISO/IEC 13818-1 2.6.8) of HEVC,
// by which receivers older than the stream_type recognise it.
func (c *Coding) Descriptors() []byte { return []byte("\x05\x04HEVC") }

// Buffer is that of the stream's HRD or of its tier and level (ISO/IEC 13818-1 2.17.2).
func (c *Coding) Buffer() media.Buffer { return c.sps.buffer() }

// LengthSize is the number of bytes of the length before each NAL unit, 1 to 4.
func (c *Coding) LengthSize() int { return c.stream.Format().LengthSize }

// WithUnits returns a copy for samples of n NAL units or fewer, so that Extra
// is exact for a LengthSize below 4: each unit grows by 4 − LengthSize. With a
// LengthSize of 4 there is no need of it.
func (c *Coding) WithUnits(n int) *Coding {
	return &Coding{stream: c.stream.WithUnits(n), sps: c.sps, inBand: c.inBand}
}

// CountUnits returns how many NAL units a sample holds, for WithUnits.
func CountUnits(sample []byte, lengthSize int) (int, error) {
	n, err := nal.Format{LengthSize: lengthSize, HeaderSize: headerSize}.Count(sample)
	if err != nil {
		return 0, damagedSample(err)
	}
	return n, nil
}

// Extra is 7 bytes for the delimiter, the parameter sets at a random access
// point, 6 bytes for the end of sequence at the end of a lap, and room for
// longer start codes (see WithUnits).
func (c *Coding) Extra(at media.Place) int { return c.stream.Extra(at) }

// AppendUnit appends a sample as an access unit of the byte stream: one
// delimiter, at a random access point the parameter sets that the sample does
// not carry itself, and its units behind 4-byte start codes.
//
// At the end of a lap an end of sequence follows. The lap then begins again
// with a CRA or BLA picture, whose skipped leading pictures refer to what came
// before it in the file: the end of sequence makes a decoder pass over them
// (ISO/IEC 23008-2 8.1.3, NoRaslOutputFlag) and count pictures anew.
func (c *Coding) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	dst, err := c.stream.Append(dst, sample, at)
	if err != nil {
		return dst, damagedSample(err)
	}
	return dst, nil
}

func damagedSample(err error) error {
	return fault.New(fault.Media, "HEVC: %w: the file is damaged, get it again or encode it (--encode)", err)
}
