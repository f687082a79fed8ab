package mpa

import (
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is MPEG audio. It implements [media.AudioCoding].
type Coding struct {
	media.AudioDefaults
	header  header
	silence []byte
}

var _ media.AudioCoding = (*Coding)(nil)

// New returns the coding of a track. sample is its first sample, one frame of layer
// I, II or III.
func New(sample []byte) (*Coding, error) {
	h, err := parseFrame(sample)
	if err != nil {
		return nil, err
	}
	return &Coding{header: h, silence: h.silence()}, nil
}

// String names version, layer, sample rate, channels and the bit rate of the
// first frame: "MPEG-1 layer II 48000 Hz stereo 192 kb/s".
func (c *Coding) String() string {
	version := 1
	if c.header.lowRate() {
		version = 2
	}
	layer := [...]string{"", "I", "II", "III"}[c.header.layer()]
	mode := [...]string{"stereo", "stereo", "dual mono", "mono"}[c.header.mode()]
	return fmt.Sprintf("MPEG-%d layer %s %d Hz %s %d kb/s",
		version, layer, c.header.sampleRate(), mode, c.header.bitRate()/1000)
}

// Codec is "mp4a.40." and the audio object type of the layer (ISO/IEC 14496-3,
// table 1.17): 32 to 34.
func (c *Coding) Codec() string { return fmt.Sprintf("mp4a.40.%d", 31+c.header.layer()) }

// StreamType is 0x03 for ISO/IEC 11172-3 and 0x04 for the low sample rates of
// ISO/IEC 13818-3 (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte {
	if c.header.lowRate() {
		return 0x04
	}
	return 0x03
}

// SegmentFormat is either for layer III. Few players know the other layers,
// which are therefore kept in a rendition of their own.
func (c *Coding) SegmentFormat() media.SegmentFormat {
	if c.header.layer() == 3 {
		return media.AnySegmentFormat
	}
	return media.FragmentedMP4
}

// Buffer is that of ISO/IEC 13818-1 2.4.2.3 for audio: BSn and Rxn.
func (c *Coding) Buffer() media.Buffer { return media.Buffer{Leak: 2_000_000, Size: 3584} }

// SampleRate is 16000 to 48000 Hz.
func (c *Coding) SampleRate() int { return c.header.sampleRate() }

// FrameSamples is 384 in layer I, 1152 in layer II, 1152 or at low sample
// rates 576 in layer III (ISO/IEC 11172-3 2.4.2.1, ISO/IEC 13818-3 2.4.2.1).
func (c *Coding) FrameSamples() int { return c.header.samples() }

// Channels is 1 or 2.
func (c *Coding) Channels() int {
	if c.header.mode() == modeMono {
		return 1
	}
	return 2
}

// Silence is a frame of the first one's bit rate whose subbands have no bits. In layer
// III it interrupts the bit reservoir: a following frame whose main_data_begin is
// not 0 finds silence where its data began.
func (c *Coding) Silence() []byte { return slices.Clone(c.silence) }

// AppendUnit appends the sample as it is if it is a whole frame of the track's
// version, layer, sample rate and number of channels.
func (c *Coding) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	h, err := parseFrame(sample)
	if err != nil {
		return dst, err
	}
	if h.configuration() != c.header.configuration() {
		return dst, fault.New(fault.Media, "MPEG audio: a frame with header %08x follows frames with header %08x: a track that changes its configuration cannot play, --encode avc would make it one",
			uint32(h), uint32(c.header))
	}
	return append(dst, sample...), nil
}

// parseFrame parses the header of a sample, which must be exactly one frame.
func parseFrame(sample []byte) (header, error) {
	h, err := parseHeader(sample)
	if err != nil {
		return 0, err
	}
	if size := h.frameSize(); size != len(sample) {
		return 0, fault.New(fault.Media, "MPEG audio: a sample of %d bytes begins with a frame of %d: each sample must be one frame; repackage it with ffmpeg -i IN -c copy OUT.mp4",
			len(sample), size)
	}
	return h, nil
}
