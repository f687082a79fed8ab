package opus

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// sampleRate is that of all timing in Opus, in Hz, whatever was encoded.
const sampleRate = 48_000

// advice follows messages about a track that cannot be carried.
const advice = "--encode avc would turn it into AAC"

// Coding is Opus. It implements [media.AudioCoding].
type Coding struct {
	media.AudioDefaults
	head    head
	samples int // that a packet lasts
}

var _ media.AudioCoding = (*Coding)(nil)

// head is what dOps says of the channels (Encapsulation of Opus in ISO Base Media
// File Format, 4.3.2).
type head struct {
	channels         int
	family           byte
	streams, coupled int
	mapping          []byte // from channels to those of the streams
}

// New returns the coding of a track. config is its dOps box, sample its first packet.
func New(config, sample []byte) (*Coding, error) {
	h, err := parseHead(config)
	if err != nil {
		return nil, err
	}
	n, err := duration(sample)
	if err != nil {
		return nil, err
	}
	return &Coding{head: h, samples: n}, nil
}

// parseHead parses the contents of dOps.
func parseHead(b []byte) (head, error) {
	const fixed = 11
	if len(b) < fixed || b[1] == 0 {
		return head{}, fault.New(fault.Media, "Opus: a dOps box of %d bytes does not say the channels: the file is damaged; get it again", len(b))
	}
	h := head{channels: int(b[1]), family: b[10], streams: 1}
	if h.family == 0 {
		if h.channels > 2 {
			return h, fault.New(fault.Media, "Opus: %d channels without a mapping: the file is damaged; get it again", h.channels)
		}
		h.coupled = h.channels - 1
		return h, nil
	}
	if len(b) < fixed+2+h.channels {
		return h, fault.New(fault.Media, "Opus: the channel mapping of dOps ends early: the file is damaged; get it again")
	}
	h.streams, h.coupled = int(b[fixed]), int(b[fixed+1])
	h.mapping = slices.Clone(b[fixed+2 : fixed+2+h.channels])
	if h.streams == 0 || h.coupled > h.streams {
		return h, fault.New(fault.Media, "Opus: %d streams, %d of them of two channels: the file is damaged; get it again", h.streams, h.coupled)
	}
	if h.configCode() == unknownConfig {
		return h, fault.New(fault.Media, "Opus: a transport stream has no code for %d channels of mapping family %d in this order: %s", h.channels, h.family, advice)
	}
	return h, nil
}

// unknownConfig is the channel_config_code of what has none.
const unknownConfig = 0xff

// configCode returns channel_config_code: the number of channels in the order and
// coupling of Vorbis (RFC 7845, 5.1.1.2), with 0x80 added where each has a stream of
// its own.
func (h *head) configCode() byte {
	if h.family == 0 {
		return byte(h.channels)
	}
	if h.family != 1 || h.channels > 8 {
		return unknownConfig
	}
	coupled := [...]int{0, 0, 1, 1, 2, 2, 2, 3, 3}[h.channels]
	vorbis := [...]string{"", "\x00", "\x00\x01", "\x00\x02\x01", "\x00\x01\x02\x03", "\x00\x04\x01\x02\x03", "\x00\x04\x01\x02\x03\x05", "\x00\x04\x01\x02\x03\x05\x06", "\x00\x06\x01\x02\x03\x04\x05\x07"}[h.channels]
	switch {
	case h.streams == h.channels-coupled && h.coupled == coupled && string(h.mapping) == vorbis:
		return byte(h.channels)
	case h.streams == h.channels && h.coupled == 0 && bytes.Equal(h.mapping, []byte{0, 1, 2, 3, 4, 5, 6, 7}[:h.channels]):
		return byte(h.channels) | 0x80
	}
	return unknownConfig
}

// String names the coding and its channels: "Opus 48000 Hz stereo".
func (c *Coding) String() string {
	layout := [...]string{1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
	name := fmt.Sprintf("%d channels", c.head.channels)
	if n := c.head.channels; n < len(layout) && layout[n] != "" {
		name = layout[n]
	}
	return fmt.Sprintf("Opus %d Hz %s", sampleRate, name)
}

// Codec is "opus".
func (c *Coding) Codec() string { return "opus" }

// StreamType is 0x06, private data in PES packets. The descriptors identify them.
func (c *Coding) StreamType() byte { return 0x06 }

// StreamID is 0xbd, private_stream_1.
func (c *Coding) StreamID() byte { return media.StreamIDPrivateStream1 }

// Descriptors are a registration descriptor and DVB's extension descriptor with the
// user-defined tag 0x80 and channel_config_code.
func (c *Coding) Descriptors() []byte {
	return []byte{0x05, 4, 'O', 'p', 'u', 's', 0x7f, 2, 0x80, c.head.configCode()}
}

// SegmentFormat is fragmented MP4: no player knows Opus in transport streams of HLS.
func (c *Coding) SegmentFormat() media.SegmentFormat { return media.FragmentedMP4 }

// Buffer is that of AAC with as many channels (ISO/IEC 13818-1, 2.4.2.3): Opus has none
// of its own.
func (c *Coding) Buffer() media.Buffer {
	if c.head.channels <= 2 {
		return media.Buffer{Leak: 2_000_000, Size: 3584}
	}
	return media.Buffer{Leak: 5_529_600, Size: 8976}
}

// maxPacket returns the largest packet that is carried, in bytes: for each stream and
// 20 ms the largest frame with its size (RFC 6716, 3.4).
func (c *Coding) maxPacket() int {
	const frame = 1275 + 2
	return c.head.streams * ((c.samples+959)/960*frame + 2)
}

// Extra is the longest control header: a prefix and the size of the largest packet.
func (c *Coding) Extra(media.Marks) int { return 2 + c.maxPacket()/255 + 1 }

// SampleRate is 48000 Hz.
func (c *Coding) SampleRate() int { return sampleRate }

// FrameSamples is what a packet lasts: 2.5 to 120 ms.
func (c *Coding) FrameSamples() int { return c.samples }

// Channels is the number of channels of the output.
func (c *Coding) Channels() int { return c.head.channels }

// AppendUnit appends the packet after its control header.
func (c *Coding) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	n, err := duration(sample)
	if err != nil {
		return dst, err
	}
	if n != c.samples {
		return dst, fault.New(fault.Media, "Opus: a packet lasts %d samples instead of %d: packets of different durations cannot play, %s", n, c.samples, advice)
	}
	if len(sample) > c.maxPacket() {
		return dst, fault.New(fault.Media, "Opus: a packet of %d bytes is too large, %d are the most: %s", len(sample), c.maxPacket(), advice)
	}
	dst = append(dst, 0x7f, 0xe0) // control_header_prefix, no trimming, no extension
	for n = len(sample); n >= 255; n -= 255 {
		dst = append(dst, 255)
	}
	return append(append(dst, byte(n)), sample...), nil
}

// duration returns how many samples of 48 kHz a packet lasts (RFC 6716, 3.1).
func duration(packet []byte) (int, error) {
	if len(packet) == 0 {
		return 0, fault.New(fault.Media, "Opus: a packet is empty: the file is damaged; get it again")
	}
	config, frames := packet[0]>>3, 1
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) < 2 {
			return 0, fault.New(fault.Media, "Opus: a packet ends before its number of frames: the file is damaged; get it again")
		}
		frames = int(packet[1] & 0x3f)
	}
	n := frames * frameSamples(config)
	if n == 0 || n > 120*sampleRate/1000 {
		return 0, fault.New(fault.Media, "Opus: a packet of %d frames lasts %d samples, 5760 are the most: the file is damaged; get it again", frames, n)
	}
	return n, nil
}

// frameSamples returns what a frame of a configuration lasts (RFC 6716, table 2).
func frameSamples(config byte) int {
	switch {
	case config < 12: // SILK
		return [...]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid
		return [...]int{480, 960}[config&1]
	}
	return 120 << (config & 3) // CELT
}

// Silence is a packet of the same duration whose frames have CELT's silence flag, for
// each stream.
func (c *Coding) Silence() []byte {
	var b []byte
	for i := range c.head.streams {
		b = appendSilence(b, c.samples, i < c.head.coupled, i < c.head.streams-1)
	}
	return b
}

// appendSilence appends a packet of a stream, with the size of its frames where others
// follow (RFC 6716, appendix B).
func appendSilence(b []byte, samples int, stereo, delimited bool) []byte {
	const frameSize = 2
	config := 31 // full band, 20 ms
	for ; config > 28 && samples%frameSamples(byte(config)) != 0; config-- {
	}
	frames := samples / frameSamples(byte(config))
	toc := byte(config << 3)
	if stereo {
		toc |= 4
	}
	if frames > 1 {
		b = append(b, toc|3, byte(frames))
	} else {
		b = append(b, toc)
	}
	if delimited {
		b = append(b, frameSize)
	}
	for range frames {
		b = binary.BigEndian.AppendUint16(b, 0xfffe)
	}
	return b
}
