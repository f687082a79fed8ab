package aac

import (
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// Coding is AAC as ADTS. It implements [media.AudioCoding].
type Coding struct {
	media.AudioDefaults
	config
	silence []byte
}

var _ media.AudioCoding = (*Coding)(nil)

// New returns the coding of a track whose AudioSpecificConfig (from the esds box) is
// config. It rejects what ADTS has no code for.
func New(config []byte) (*Coding, error) {
	parsed, err := parseConfig(config)
	if err != nil {
		return nil, err
	}
	all := parsed.program.elements
	if parsed.layout != 0 {
		all = elements(parsed.layout)
	}
	return &Coding{config: parsed, silence: silentBlock(all)}, nil
}

// String names the profile, the output sample rate and the channels: "HE-AAC 48000 Hz
// 5.1".
func (c *Coding) String() string {
	layouts := [...]string{"", "mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"}
	layout := layouts[c.layout]
	switch {
	case c.ps:
		layout = "stereo"
	case c.layout == 0:
		layout = fmt.Sprintf("%d channels", c.Channels())
	}
	return fmt.Sprintf("%s %d Hz %s", c.profile(), c.output, layout)
}

func (c *Coding) profile() string {
	switch {
	case c.ps:
		return "HE-AACv2"
	case c.sbr:
		return "HE-AAC"
	}
	return [...]string{"", "AAC-Main", "AAC-LC", "AAC-SSR", "AAC-LTP"}[c.object]
}

// Codec is "mp4a.40." and the audio object type that decodes all of it (RFC 6381, 3.3).
func (c *Coding) Codec() string {
	object := c.object
	switch {
	case c.ps:
		object = objectPS
	case c.sbr:
		object = objectSBR
	}
	return fmt.Sprintf("mp4a.40.%d", object)
}

// StreamType is 0x0f, AAC with ADTS (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte { return 0x0f }

// SegmentFormat is either for LC, HE-AAC and HE-AACv2. Few players know the other object
// types, or channels that only a program_config_element tells, which are therefore kept
// in a rendition of their own.
func (c *Coding) SegmentFormat() media.SegmentFormat {
	if c.layout == 0 {
		return media.FragmentedMP4
	}
	if c.object == objectLC || c.sbr || c.ps {
		return media.AnySegmentFormat
	}
	return media.FragmentedMP4
}

// Buffer is that of ISO/IEC 13818-1 2.4.2.3 for AAC with ADTS: Rxn and BSn for
// 1 or 2 channels, 3 to 8, 9 to 12, and up to 48.
func (c *Coding) Buffer() media.Buffer {
	switch n := c.Channels(); {
	case n <= 2:
		return media.Buffer{Leak: 2_000_000, Size: 3584}
	case n <= 8:
		return media.Buffer{Leak: 5_529_600, Size: 8976}
	case n <= 12:
		return media.Buffer{Leak: 8_294_400, Size: 12_804}
	}
	return media.Buffer{Leak: 33_177_600, Size: 51_216}
}

// Extra is the length of the ADTS header, 7 bytes, and of the program_config_element.
func (c *Coding) Extra(media.Marks) int { return headerSize + len(c.program.data) }

// SampleRate is the core's in Hz: half of the output's with band replication.
func (c *Coding) SampleRate() int { return c.rate }

// FrameSamples is 1024, in samples of the core (ISO/IEC 14496-3 4.5.1.1).
func (c *Coding) FrameSamples() int { return 1024 }

// Channels is the number of output channels with the low frequency one (ISO/IEC
// 14496-3, table 1.19).
func (c *Coding) Channels() int {
	if c.layout == 0 {
		return c.program.channels
	}
	if c.ps || c.layout == 2 {
		return 2
	}
	if c.layout == 7 {
		return 8
	}
	return int(c.layout)
}

// Silence is a raw_data_block whose elements have no scale factor bands, and in
// HE-AAC no band replication: a running decoder stays at the higher rate, one that
// begins there may start with the core's.
func (c *Coding) Silence() []byte { return slices.Clone(c.silence) }
