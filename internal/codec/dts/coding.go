package dts

import (
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is DTS. It implements [media.AudioCoding].
type Coding struct {
	media.AudioDefaults
	frame   frame // of the first sample
	hd      bool  // it has extensions behind the core
	silence []byte
}

var _ media.AudioCoding = (*Coding)(nil)

// New returns the coding of a track. sample is its first sample, a core frame with
// the extension substreams of the same time.
func New(sample []byte) (*Coding, error) {
	f, err := parseFrame(sample)
	if err != nil {
		return nil, err
	}
	return &Coding{frame: f, hd: len(sample) > f.size, silence: f.silence()}, nil
}

// String names the coding, sample rate and channels of the core, and its bit rate:
// "DTS 48000 Hz 5.1 768 kb/s", or "DTS-HD" with extensions.
func (c *Coding) String() string {
	name := "DTS"
	if c.hd {
		name = "DTS-HD"
	}
	low := 0
	if c.frame.lfe > 0 {
		low = 1
	}
	layout := fmt.Sprintf("%d.%d", c.frame.channels(), low)
	switch layout {
	case "1.0":
		layout = "mono"
	case "2.0":
		layout = "stereo"
	}
	kilobits := (8*c.frame.size*c.SampleRate()/c.FrameSamples() + 500) / 1000
	return fmt.Sprintf("%s %d Hz %s %d kb/s", name, c.SampleRate(), layout, kilobits)
}

// Codec is "dtsc" or "dtsh", the name of the sample entry (ETSI TS 102 114, annex E).
func (c *Coding) Codec() string {
	if c.hd {
		return "dtsh"
	}
	return "dtsc"
}

// StreamType is 0x06, private data in PES packets, as in DVB (ETSI TS 101 154, annex
// F). The descriptors identify them.
func (c *Coding) StreamType() byte { return 0x06 }

// StreamID is 0xbd, private_stream_1.
func (c *Coding) StreamID() byte { return media.StreamIDPrivateStream1 }

// Descriptors are the registration descriptor of the frame's length (ETSI TS 101 154,
// annex F) and the DTS audio stream descriptor of the core (ETSI EN 300 468, G.2).
func (c *Coding) Descriptors() []byte {
	f := &c.frame
	low := uint64(0)
	if f.lfe > 0 {
		low = 1
	}
	// sample_rate_code, bit_rate_code, nblks, fsize, surround_mode, lfe_flag, extended_surround_flag
	v := uint64(f.rateCode)<<36 | uint64(f.bitRate)<<30 | uint64(f.blocks-1)<<23 | uint64(f.size-1)<<9 | uint64(f.mode)<<3 | low<<2
	return append(c.registration(), 0x7b, 5, byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// registration is "DTS1", "DTS2" or "DTS3" by the frame's length: 512, 1024 or 2048 samples.
func (c *Coding) registration() []byte {
	n := byte('1')
	switch samples := c.FrameSamples(); {
	case samples > 1024:
		n = '3'
	case samples > 512:
		n = '2'
	}
	return []byte{0x05, 4, 'D', 'T', 'S', n}
}

// SegmentFormat is fragmented MP4: few players know DTS, and a rendition of its own lets the
// others play the video.
func (c *Coding) SegmentFormat() media.SegmentFormat { return media.FragmentedMP4 }

// Buffer is that of DTS in DVB (ETSI TS 101 154, annex F), with extensions that of
// DTS-HD.
func (c *Coding) Buffer() media.Buffer {
	if c.hd {
		return media.Buffer{Leak: 32_000_000, Size: 66_432}
	}
	return media.Buffer{Leak: 2_000_000, Size: 9_088}
}

// SampleRate is that of the core: 8000 to 48000 Hz.
func (c *Coding) SampleRate() int { return c.frame.rate() }

// FrameSamples is the duration of a frame: 256 to 4096 samples of the core.
func (c *Coding) FrameSamples() int { return 32 * c.frame.blocks }

// Channels is the number of channels of the core with the low frequency one.
func (c *Coding) Channels() int {
	if c.frame.lfe > 0 {
		return c.frame.channels() + 1
	}
	return c.frame.channels()
}

// Silence is a core frame in which no subband has bits.
func (c *Coding) Silence() []byte { return slices.Clone(c.silence) }

// AppendUnit appends the sample as it is if its core has the track's configuration.
func (c *Coding) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	f, err := parseFrame(sample)
	if err != nil {
		return dst, err
	}
	want := &c.frame
	if f.blocks != want.blocks || f.mode != want.mode || f.rateCode != want.rateCode || f.lfe > 0 != (want.lfe > 0) {
		return dst, fault.New(fault.Media, "DTS: a frame has mode %d, %d Hz, %d samples instead of mode %d, %d Hz, %d samples: a track that changes its configuration cannot play, %s",
			f.mode, f.rate(), 32*f.blocks, want.mode, want.rate(), 32*want.blocks, advice)
	}
	return append(dst, sample...), nil
}
