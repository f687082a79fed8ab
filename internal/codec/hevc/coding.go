package hevc

import (
	"github.com/lilo-live/lilo/internal/codec/nal"
	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is HEVC as a byte stream. It implements [media.VideoCoding].
//
// A lap that the file begins with a CRA picture begins with a BLA picture, which resets the decoder
// and lets it show all pictures before: see Rewrite.
type Coding struct {
	*nal.ByteStream
	sps sps
	// configuration is the record with the parameter sets of the first sample, nil where the
	// file's own has all.
	configuration []byte
	clock         *nal.Clock // nil for a stream without clock timestamps
}

func (c *Coding) setClock(k *nal.Clock) {
	if c.clock = k; k != nil {
		c.SetSyntax(syntax{clock: k}, nal.ClockReserve)
	}
}

var _ media.VideoCoding = (*Coding)(nil)

// New returns the coding of a track. record is the body of its hvcC box. sample is
// its first random access point, for a record without parameter sets (hev1); it
// may be nil for others.
func New(record, sample []byte) (*Coding, error) {
	r, err := parseRecord(record)
	if err != nil {
		return nil, err
	}
	stream, inBand, err := r.ByteStream(sample)
	if err != nil {
		return nil, err
	}
	parsed, err := parseSPS(r.First(nal.SequenceSet))
	if err != nil {
		return nil, err
	}
	c := &Coding{ByteStream: stream, sps: parsed}
	if inBand {
		c.configuration = completeRecord(record, stream)
		stream.DropSets()
	}
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
	next := &Coding{ByteStream: stream, sps: parsed, configuration: c.configuration}
	if c.clock != nil {
		clock := *c.clock
		clock.Timing = parsed.timing
		next.setClock(&clock)
	}
	return next, true
}

// String names profile, level, tier and size: "HEVC Main@4.1 1920x1080".
func (c *Coding) String() string { return "HEVC " + c.sps.String() }

// Codec is "hvc1." and the general part of profile, tier and level (ISO/IEC
// 14496-15, annex E): "hvc1.1.6.L93.B0".
func (c *Coding) Codec() string {
	return "hvc1." + c.sps.codec()
}

// Configuration is the body of the hvcC box of a fragmented MP4 file, nil to copy that
// of the source: Apple's players require all parameter sets there.
func (c *Coding) Configuration() []byte { return c.configuration }

// Size is the cropped size of a picture in luma samples.
func (c *Coding) Size() (width, height int) { return c.sps.width, c.sps.height }

// Display is what the video usability information says of how pictures are shown.
func (c *Coding) Display() media.Display { return c.sps.display }

// StreamType is 0x24 (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte { return 0x24 }

// SegmentFormat is fragmented MP4 alone (HLS Authoring Specification for Apple Devices, 1.5).
func (c *Coding) SegmentFormat() media.SegmentFormat { return media.FragmentedMP4 }

// Descriptors is the registration descriptor of HEVC (ISO/IEC 13818-1, 2.6.8), by
// which receivers older than the stream_type recognise it.
func (c *Coding) Descriptors() []byte { return []byte("\x05\x04HEVC") }

// Buffer is that of the stream's HRD or of its tier and level (ISO/IEC 13818-1, 2.17.2).
func (c *Coding) Buffer() media.Buffer { return c.sps.buffer() }

// FirstTimeCode returns how the first sample's picture counts frames, and its number. The
// counter's rate is 0 without a time code.
func (c *Coding) FirstTimeCode() (timecode.Counter, int64) { return c.clock.FirstTimeCode() }
