package mpeg2

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is MPEG-2 or MPEG-1 video. It implements [media.VideoCoding].
type Coding struct {
	media.VideoDefaults
	sequence sequence
	counter  timecode.Counter // its rate is 0 if time codes stay as they are
	// first is the number of the first group's frame with temporal_reference 0, and
	// reference the temporal_reference of its first picture.
	first     int64
	reference int
}

var _ media.VideoCoding = (*Coding)(nil)

// New returns the coding of a track. config is the DecoderSpecificInfo of its esds
// box, sample its first random access point. One of them has the sequence header;
// the other may be nil.
func New(config, sample []byte) (*Coding, error) {
	for _, data := range [...][]byte{config, sample} {
		s, found, err := parseSequence(data)
		if err != nil {
			return nil, err
		}
		if found {
			c := &Coding{sequence: s}
			c.readTimeCode(sample)
			return c, nil
		}
	}
	return nil, fault.New(fault.Media, "MPEG video: decoding needs a sequence header, and neither esds nor the first sample has one: encode it (--encode avc)")
}

// String names profile, level and size: "MPEG-2 Main@High 1920x1080".
func (c *Coding) String() string {
	s := &c.sequence
	if s.mpeg1 {
		return fmt.Sprintf("MPEG-1 %dx%d", s.width, s.height)
	}
	return fmt.Sprintf("MPEG-2 %s %dx%d", s.limit().name, s.width, s.height)
}

// Codec is "mp4v." and the object type indication of the profile (ISO/IEC
// 14496-1, table 5): 60 Simple, 61 Main, 62 SNR, 63 Spatial, 64 High, 65 4:2:2,
// 6A MPEG-1.
func (c *Coding) Codec() string {
	s := &c.sequence
	if s.mpeg1 {
		return "mp4v.6A"
	}
	if profile := s.profile >> 4; profile >= 1 && profile <= 5 {
		return fmt.Sprintf("mp4v.%d", 65-profile)
	}
	return "mp4v.65"
}

// Size is that of a picture in luma samples.
func (c *Coding) Size() (width, height int) { return c.sequence.width, c.sequence.height }

// Display is what the sequence header says of how pictures are shown.
func (c *Coding) Display() media.Display { return c.sequence.display() }

// StreamType is 0x02, or 0x01 for MPEG-1 (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte {
	if c.sequence.mpeg1 {
		return 0x01
	}
	return 0x02
}

// SegmentFormat is transport streams: players know MPEG-2 video from broadcast.
func (c *Coding) SegmentFormat() media.SegmentFormat { return media.TransportStream }

// Buffer is that of the stream's sequence header and level (ISO/IEC 13818-1 2.4.2.3).
func (c *Coding) Buffer() media.Buffer { return c.sequence.buffer() }

// Extra is the length of the sequence header with its extensions at a random
// access point, and 0 elsewhere.
func (c *Coding) Extra(marks media.Marks) int {
	if marks&media.RandomAccess != 0 {
		return len(c.sequence.bytes)
	}
	return 0
}

// AppendUnit appends a sample, at a random access point after a sequence header if it
// has none itself. The time_code of a group of pictures runs on from the epoch. A
// sequence_end_code at the end is dropped: every lap repeats the same sequence header,
// so the sequence never ends, and some receivers stop there.
func (c *Coding) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	sample, left := fromCode(sample)
	sample = withoutEnd(sample)
	dst = slices.Grow(dst, len(sample)+c.Extra(at.Marks))
	if at.Marks&media.RandomAccess != 0 && findHeaders(sample).sequence < 0 {
		dst = append(dst, c.sequence.bytes...)
	}
	from := len(dst)
	dst = append(dst, sample...)
	if !at.KeepES {
		c.runTimeCode(dst[from:], at)
	}
	return dst, left
}

// fromCode returns a sample from its first start code on, or from the zeros before it.
// Other bytes before it belong to nothing: the error says that they are left out.
func fromCode(sample []byte) ([]byte, error) {
	at := start(sample, 0)
	if at < 0 {
		at = len(sample)
	}
	if len(bytes.TrimLeft(sample[:at], "\x00")) == 0 {
		return sample, nil
	}
	return sample[at:], &media.DamageError{Units: 1, Text: fmt.Sprintf("MPEG video: a sample of %d bytes has no start code up to byte %d", len(sample), at)}
}

// withoutEnd cuts a sequence_end_code and zeros after it off the end of a sample.
func withoutEnd(sample []byte) []byte {
	kept, found := bytes.CutSuffix(bytes.TrimRight(sample, "\x00"), []byte{0, 0, 1, codeEnd})
	if found {
		return kept
	}
	return sample
}
