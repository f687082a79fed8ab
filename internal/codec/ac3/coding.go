package ac3

import (
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is AC-3 or Enhanced AC-3. It implements [media.AudioCoding].
type Coding struct {
	media.AudioDefaults
	frames     []substream // of the first access unit
	programmes []programme
	size       int // length of the first access unit in bytes
	samples    int
	silence    []byte
}

var _ media.AudioCoding = (*Coding)(nil)

// New returns the coding of an AC-3 track ('ac-3'). sample is its first sample, one syncframe.
func New(sample []byte) (*Coding, error) {
	frames, err := parseUnit(sample)
	if err != nil {
		return nil, err
	}
	if frames[0].enhanced || len(frames) != 1 {
		return nil, fault.New(fault.Media, "AC-3: the first sample holds %d syncframes of bit stream identification %d, not one of AC-3: %s",
			len(frames), frames[0].bsid, advice)
	}
	return newCoding(frames, len(sample)), nil
}

// NewEnhanced returns the coding of an E-AC-3 track ('ec-3'). sample is its first
// sample: the syncframes of all substreams, with as many blocks as the sample
// lasts (ETSI TS 102 366, annex F).
func NewEnhanced(sample []byte) (*Coding, error) {
	frames, err := parseUnit(sample)
	if err != nil {
		return nil, err
	}
	for _, f := range frames {
		if !f.enhanced {
			return nil, fault.New(fault.Media, "E-AC-3: the first sample holds a syncframe of AC-3 (bit stream identification %d): %s", f.bsid, advice)
		}
	}
	return newCoding(frames, len(sample)), nil
}

func newCoding(frames []substream, size int) *Coding {
	c := &Coding{frames: frames, programmes: programmes(frames), size: size}
	for _, f := range frames {
		if f.leads() {
			c.samples += blockSamples * int(f.blocks)
		}
		c.silence = append(c.silence, f.silence()...)
	}
	return c
}

// String names the coding, sample rate, channels, and the bit rate of the first
// access unit: "AC-3 48000 Hz 5.1 448 kb/s".
func (c *Coding) String() string {
	name := "AC-3"
	if c.frames[0].enhanced {
		name = "E-AC-3"
	}
	kilobits := (8*c.size*c.SampleRate()/c.samples + 500) / 1000
	return fmt.Sprintf("%s %d Hz %s %d kb/s", name, c.SampleRate(), c.programmes[0].layout(), kilobits)
}

// Codec is "ac-3" or "ec-3", the name of the sample entry (RFC 6381, 3.3).
func (c *Coding) Codec() string {
	if c.frames[0].enhanced {
		return "ec-3"
	}
	return "ac-3"
}

// StreamType is 0x06, private data in PES packets, as in DVB (ETSI TS 101 154;
// ETSI EN 300 468, annex D). The descriptor identifies them.
func (c *Coding) StreamType() byte { return 0x06 }

// StreamID is 0xbd, private_stream_1 (ETSI TS 101 154, annex C).
func (c *Coding) StreamID() byte { return media.StreamIDPrivateStream1 }

// SegmentFormat is fragmented MP4: not every player knows AC-3, and a rendition of its
// own lets the others play the video.
func (c *Coding) SegmentFormat() media.SegmentFormat { return media.FragmentedMP4 }

// Buffer is the main audio buffer BSn of ETSI TS 101 154 for AC-3 and E-AC-3, with
// the Rxn of ISO/IEC 13818-1, 2.4.2.3 for audio.
func (c *Coding) Buffer() media.Buffer { return media.Buffer{Leak: 2_000_000, Size: 5696} }

// SampleRate is 32000, 44100 or 48000 Hz, or in E-AC-3 half of one of them.
func (c *Coding) SampleRate() int { return c.frames[0].rate() }

// FrameSamples is the duration of an access unit: 1536 samples, or in E-AC-3
// another multiple of 256.
func (c *Coding) FrameSamples() int { return c.samples }

// Channels is the number of channels of the first programme, with those of its
// dependent substreams and the low frequency ones.
func (c *Coding) Channels() int { return c.programmes[0].full() + c.programmes[0].low() }

// Silence is an access unit with the same substreams, each frame as long as in the
// first one, in which no coefficient has bits.
func (c *Coding) Silence() []byte { return slices.Clone(c.silence) }

// AppendUnit appends the sample as it is if it consists of whole syncframes of the
// same substreams and formats as the first one.
func (c *Coding) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	at, n := 0, 0
	for ; at < len(sample) && n < len(c.frames); n++ {
		f, err := parseSyncframe(sample[at:])
		if err != nil {
			return dst, err
		}
		if want := c.frames[n].format; f.format != want {
			return dst, fault.New(fault.Media, "AC-3: syncframe %d of a sample is %s instead of %s: a track that changes its configuration cannot play, --encode avc would make it one",
				n+1, f.format, want)
		}
		at += f.size
	}
	if at != len(sample) || n != len(c.frames) {
		return dst, fault.New(fault.Media, "AC-3: a sample of %d bytes ends after %d with syncframe %d of %d: the file is damaged; get it again",
			len(sample), at, n, len(c.frames))
	}
	return append(dst, sample...), nil
}

// String lists the codes of the format, for errors.
func (f format) String() string {
	return fmt.Sprintf("[bsid %d, substream %d.%d, %d Hz, %d blocks, acmod %d, lfe %t]",
		f.bsid, f.strmtyp, f.substrm, f.rate(), f.blocks, f.acmod, f.lfe)
}
