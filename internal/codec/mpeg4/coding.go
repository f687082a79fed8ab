package mpeg4

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/Eyevinn/mp4ff/bits"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Coding is MPEG-4 part 2 video. It implements [media.VideoCoding].
type Coding struct {
	media.VideoDefaults
	headers       []byte // up to and including those of the video object layer
	profile       byte   // profile_and_level_indication, 0 if there is none
	width, height int
}

var _ media.VideoCoding = (*Coding)(nil)

// Start code values (ISO/IEC 14496-2, table 6-3).
const (
	codeFirstLayer = 0x20 // video_object_layer_start_code, up to 0x2f
	codeLastLayer  = 0x2f
	codeSequence   = 0xb0
	codeEnd        = 0xb1
	codeUserData   = 0xb2
	codeGroup      = 0xb3
	codePicture    = 0xb6
)

// startSize is the length of a start code with its value, in bytes.
const startSize = 4

// New returns the coding of a track. config is the DecoderSpecificInfo of its esds
// box, sample its first random access point. One of them has the headers; the other
// may be nil.
func New(config, sample []byte) (*Coding, error) {
	if i := find(sample, 0, isPicture); i >= 0 {
		sample = sample[:i]
	}
	for _, data := range [...][]byte{config, sample} {
		layer := find(data, 0, isLayer)
		if layer < 0 {
			continue
		}
		c := &Coding{headers: slices.Clone(data)}
		if i := find(data, 0, func(code byte) bool { return code == codeSequence }); i >= 0 && i+startSize < len(data) {
			c.profile = data[i+startSize]
		}
		if packed(config) || packed(sample) {
			return nil, fault.New(fault.Media, "MPEG-4 part 2: its pictures are packed, several to a sample: unpack them with "+
				"ffmpeg -i IN -c copy -bsf:v mpeg4_unpack_bframes OUT.mp4, or encode it (--encode avc)")
		}
		if !c.readLayer(data[layer+startSize:]) {
			return nil, fault.New(fault.Media, "MPEG-4 part 2: the header of the video object layer is not one of rectangular pictures, or is damaged: encode it (--encode avc)")
		}
		return c, nil
	}
	return nil, fault.New(fault.Media, "MPEG-4 part 2: neither esds nor the first sample has the header of a video object layer: encode it (--encode avc)")
}

func isPicture(code byte) bool { return code == codePicture }
func isLayer(code byte) bool   { return code >= codeFirstLayer && code <= codeLastLayer }

// find returns the offset of the first start code from an offset on that is asked for, or −1.
func find(data []byte, from int, is func(code byte) bool) int {
	for {
		i := bytes.Index(data[from:], []byte{0, 0, 1})
		if i < 0 || from+i+startSize > len(data) {
			return -1
		}
		if from += i; is(data[from+3]) {
			return from
		}
		from += 3
	}
}

// packed reports whether user data says that samples hold a B-VOP besides another VOP,
// as DivX does: its version ends with a p.
func packed(headers []byte) bool {
	for at := find(headers, 0, isUserData); at >= 0; at = find(headers, at+3, isUserData) {
		text := headers[at+startSize:]
		if end := bytes.Index(text, []byte{0, 0, 1}); end >= 0 {
			text = text[:end]
		}
		text = bytes.TrimRight(text, "\x00")
		if bytes.HasPrefix(text, []byte("DivX")) && bytes.HasSuffix(text, []byte("p")) {
			return true
		}
	}
	return false
}

func isUserData(code byte) bool { return code == codeUserData }

// readLayer reads a VideoObjectLayer up to the size (ISO/IEC 14496-2, 6.2.3).
func (c *Coding) readLayer(b []byte) bool {
	const rectangular, extendedAspect = 0, 15
	r := bits.NewReader(bytes.NewReader(b))
	r.Read(1 + 8) // random_accessible_vol, video_object_type_indication
	if r.ReadFlag() {
		r.Read(4 + 3) // verid, priority
	}
	if r.Read(4) == extendedAspect {
		r.Read(16)
	}
	if r.ReadFlag() { // vol_control_parameters
		r.Read(2 + 1) // chroma_format, low_delay
		if r.ReadFlag() {
			for _, n := range []int{16, 16, 16, 15, 16} { // vbv_parameters with markers
				r.Read(n)
			}
		}
	}
	if r.Read(2) != rectangular {
		return false
	}
	r.Read(1)
	resolution := r.Read(16)
	r.Read(1)
	if r.ReadFlag() { // fixed_vop_rate
		n := 1
		for 1<<n < resolution {
			n++
		}
		r.Read(n)
	}
	r.Read(1)
	c.width = int(r.Read(13))
	r.Read(1)
	c.height = int(r.Read(13))
	return r.AccError() == nil && c.width > 0 && c.height > 0
}

// String names the profile and the size: "MPEG-4 part 2 Advanced Simple 640x480".
func (c *Coding) String() string {
	profile := ""
	switch {
	case c.profile >= 0x01 && c.profile <= 0x08:
		profile = "Simple "
	case c.profile >= 0xf0 && c.profile <= 0xf7:
		profile = "Advanced Simple "
	}
	return fmt.Sprintf("MPEG-4 part 2 %s%dx%d", profile, c.width, c.height)
}

// Codec is "mp4v.20." and the profile and level (RFC 6381, 3.3).
func (c *Coding) Codec() string { return fmt.Sprintf("mp4v.20.%d", max(c.profile, 1)) }

// Size is that of a picture in luma samples.
func (c *Coding) Size() (width, height int) { return c.width, c.height }

// StreamType is 0x10 (ISO/IEC 13818-1, table 2-34).
func (c *Coding) StreamType() byte { return 0x10 }

// SegmentFormat is transport streams: who plays the coding at all knows it from there.
func (c *Coding) SegmentFormat() media.SegmentFormat { return media.TransportStream }

// Buffer is that of Advanced Simple@L5 (ISO/IEC 13818-1, 2.11.2; 14496-2, table N.1):
// most encoders say Simple@L1, which allows 64 kb/s, of whatever they make.
func (c *Coding) Buffer() media.Buffer {
	const rate = 8_000_000
	return media.Buffer{Leak: rate * 6 / 5, Size: 112 * 16384 / 8, Drain: rate, Mux: media.MuxBuffer(rate)}
}

// Extra is the length of the headers at a random access point, and 0 elsewhere.
func (c *Coding) Extra(marks media.Marks) int {
	if marks&media.RandomAccess != 0 {
		return len(c.headers)
	}
	return 0
}

// AppendUnit appends a sample, at a random access point after the headers if it has
// none itself. It drops a visual_object_sequence_end_code at the end: every lap repeats
// the same sequence.
func (c *Coding) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	picture := find(sample, 0, isPicture)
	if picture < 0 {
		return dst, damaged(len(sample))
	}
	if at.Marks&media.RandomAccess != 0 && find(sample[:picture], 0, isLayer) < 0 {
		dst = append(dst, c.headers...)
	}
	return append(dst, bytes.TrimSuffix(sample, []byte{0, 0, 1, codeEnd})...), nil
}

// AppendSample appends the sample without an end code, as AppendUnit does.
func (c *Coding) AppendSample(dst, sample []byte, _ media.Place) ([]byte, error) {
	return append(dst, bytes.TrimSuffix(sample, []byte{0, 0, 1, codeEnd})...), nil
}

// Picture says how a sample depends on others (ISO/IEC 14496-2, 6.3.4 and 6.3.5): an
// I-VOP after a group with closed_gov is a Refresh, and any other an OpenRefresh.
func (c *Coding) Picture(sample []byte) (media.Picture, error) {
	p, ok := c.Peek(sample)
	if !ok {
		return p, damaged(len(sample))
	}
	return p, nil
}

// Peek is Picture of the first bytes of a sample, up to its VOP.
func (c *Coding) Peek(head []byte) (media.Picture, bool) {
	const intra = 0 // vop_coding_type (table 6-20)
	at := find(head, 0, isPicture)
	switch {
	case at < 0 || at+startSize >= len(head):
		return media.Dependent, false
	case head[at+startSize]>>6 != intra:
		return media.Dependent, true
	}
	// closed_gov follows 18 bits of time_code.
	group := find(head[:at], 0, func(code byte) bool { return code == codeGroup })
	if group >= 0 && group+startSize+2 < at && head[group+startSize+2]&0x20 != 0 {
		return media.Refresh, true
	}
	return media.OpenRefresh, true
}

func damaged(size int) error {
	return fault.New(fault.Media, "MPEG-4 part 2: a sample of %d bytes has no picture: the file is damaged; get it again, or encode it (--encode avc)", size)
}
