package avc

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is H.264 as a byte stream. It implements [media.VideoCoding].
//
// The end of a lap adds nothing: an end of sequence may stand only before an IDR
// picture (ISO/IEC 14496-10, 7.4.1.2.5), which makes it redundant, and before
// any other first picture of a lap it would be an error.
type Coding struct {
	*nal.ByteStream
	sps   sps
	clock *clock // nil for a stream without clock timestamps
}

func (c *Coding) setClock(k *clock) {
	if c.clock = k; k != nil {
		c.SetSyntax(syntax{clock: k}, nal.ClockReserve)
	}
}

var _ media.VideoCoding = (*Coding)(nil)

// New returns the coding of a track. record is the body of its avcC box. sample is
// its first random access point, for a record without parameter sets (avc3); it
// may be nil for others.
func New(record, sample []byte) (*Coding, error) {
	r, err := parseRecord(record)
	if err != nil {
		return nil, err
	}
	stream, _, err := r.ByteStream(sample)
	if err != nil {
		return nil, err
	}
	parsed, err := parseSPS(r.First(nal.SequenceSet))
	if err != nil {
		return nil, err
	}
	c := &Coding{ByteStream: stream, sps: parsed}
	c.setClock(newClock(stream, parsed.timing, sample))
	return c, nil
}

// WithSets returns the coding of what follows a sample in the track, with the parameter
// sets in it. other is false if it has no others.
func (c *Coding) WithSets(sample []byte) (_ media.VideoCoding, other bool) {
	stream := c.ByteStream.WithSets(sample)
	if stream == nil {
		return c, false
	}
	parsed, err := parseSPS(stream.FirstSet(nal.SequenceSet))
	if err != nil {
		return c, false
	}
	next := &Coding{ByteStream: stream, sps: parsed}
	if c.clock != nil {
		next.setClock(c.clock.with(parsed.timing))
	}
	return next, true
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

// Display is what the video usability information says of how pictures are shown.
func (c *Coding) Display() media.Display { return c.sps.display }

// StreamType is 0x1b (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte { return 0x1b }

// Buffer is that of the stream's HRD or of its level (ISO/IEC 13818-1, 2.14.3.1).
func (c *Coding) Buffer() media.Buffer { return c.sps.buffer() }

// FirstTimeCode returns how the first sample's picture counts frames, and its number. The
// counter's rate is 0 without a time code.
func (c *Coding) FirstTimeCode() (timecode.Counter, int64) {
	if c.clock == nil {
		return timecode.Counter{}, 0
	}
	return c.clock.FirstTimeCode()
}
