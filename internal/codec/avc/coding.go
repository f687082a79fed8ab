package avc

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is H.264 as a byte stream. It implements [media.VideoCoding].
type Coding struct {
	stream *nal.ByteStream
	sps    sps
}

var _ media.VideoCoding = (*Coding)(nil)

// New returns the coding of a track. record is the body of its avcC box,
// sample its first random access point, for a record without parameter sets
// (avc3); it may be nil for others.
func New(record, sample []byte) (*Coding, error) {
	stream, err := newStream(record)
	if err != nil {
		return nil, err
	}
	if !complete(stream) {
		if err := stream.AddSets(sample); err != nil {
			return nil, damagedSample(err)
		}
	}
	if !complete(stream) {
		return nil, fault.New(fault.Media, "H.264: decoding needs parameter sets, and neither avcC nor the first sample has both: encode the file again (--encode)")
	}
	parsed, err := parseSPS(stream.First(nal.SequenceSet))
	if err != nil {
		return nil, err
	}
	return &Coding{stream: stream, sps: parsed}, nil
}

func complete(s *nal.ByteStream) bool {
	return s.First(nal.SequenceSet) != nil && s.First(nal.PictureSet) != nil
}

// String names profile, level and size: "H.264 High@4.0 1920x1080".
func (c *Coding) String() string { return "H.264 " + c.sps.String() }

// Codec is "avc1." and profile, constraints and level in hexadecimal (ISO/IEC
// 14496-15, annex E).
func (c *Coding) Codec() string {
	return fmt.Sprintf("avc1.%02x%02x%02x", c.sps.profile, c.sps.constraints, c.sps.level)
}

// Size is the cropped size of a picture in luma samples.
func (c *Coding) Size() (width, height int) { return c.sps.width, c.sps.height }

// StreamType is 0x1b (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte { return 0x1b }

// StreamID is 0xe0, video stream 0 (ISO/IEC 13818-1, table 2-22).
func (c *Coding) StreamID() byte { return media.StreamIDVideo }

// Descriptors is empty: the stream_type says everything.
func (c *Coding) Descriptors() []byte { return nil }

// Segments is either form.
func (c *Coding) Segments() media.SegmentForm { return media.AnySegments }

// EndOfSequence is nil: H.264 allows one only before an IDR picture (ISO/IEC
// 14496-10 7.4.1.2.5).
func (c *Coding) EndOfSequence() []byte { return nil }

// Buffer is that of the stream's HRD or of its level (ISO/IEC 13818-1 2.14.3.1).
func (c *Coding) Buffer() media.Buffer { return c.sps.buffer() }

// LengthSize is the number of bytes of the length before each NAL unit, 1 to 4.
func (c *Coding) LengthSize() int { return c.stream.Format().LengthSize }

// WithUnits returns a copy for samples of n NAL units or fewer, so that Extra
// is exact for a LengthSize below 4: each unit grows by 4 − LengthSize. With a
// LengthSize of 4 there is no need of it.
func (c *Coding) WithUnits(n int) *Coding {
	return &Coding{stream: c.stream.WithUnits(n), sps: c.sps}
}

// CountUnits returns how many NAL units a sample holds, for WithUnits.
func CountUnits(sample []byte, lengthSize int) (int, error) {
	n, err := nal.Format{LengthSize: lengthSize, HeaderSize: 1}.Count(sample)
	if err != nil {
		return 0, damagedSample(err)
	}
	return n, nil
}

// Extra is 6 bytes for the delimiter, the parameter sets at a random access
// point, and room for longer start codes (see WithUnits).
//
// The end of a lap costs nothing. An end of sequence may stand only before an
// IDR picture (ISO/IEC 14496-10 7.4.1.2.5): where the lap begins with one it
// says nothing new, where it does not it would be an error.
func (c *Coding) Extra(at media.Place) int { return c.stream.Extra(at) }

// AppendUnit appends a sample as an access unit of the byte stream: one
// delimiter, at a random access point the parameter sets that the sample does
// not carry itself, and its units behind 4-byte start codes, without ends of
// sequence and stream.
func (c *Coding) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	dst, err := c.stream.Append(dst, sample, at)
	if err != nil {
		return dst, damagedSample(err)
	}
	return dst, nil
}

func damagedSample(err error) error {
	return fault.New(fault.Media, "H.264: %w: the file is damaged, get it again or encode it (--encode)", err)
}
