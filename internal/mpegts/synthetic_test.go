package mpegts

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"

	"github.com/lilo-live/lilo/internal/media"
)

// videoCoding is a coding whose access units are their samples.
type videoCoding struct {
	media.VideoDefaults
	buffer media.Buffer
}

func (videoCoding) String() string                          { return "pictures" }
func (videoCoding) Codec() string                           { return "pict" }
func (videoCoding) Size() (width, height int)               { return 16, 16 }
func (videoCoding) StreamType() byte                        { return 0x1b }
func (p videoCoding) Buffer() media.Buffer                  { return p.buffer }
func (videoCoding) Extra(at media.Marks) int                { return 6 + 40*int(at&media.RandomAccess) }
func (videoCoding) Picture(b []byte) (media.Picture, error) { return media.Picture(b[0]), nil }
func (videoCoding) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	return append(append(dst, 0, 0, 0, 1, 9, 0xf0), sample...), nil
}

var silence = bytes.Repeat([]byte{0xee}, 20)

// audioCoding is a coding of constant duration whose access units are their samples.
type audioCoding struct {
	media.AudioDefaults
	rate, frame int
}

func (audioCoding) String() string                     { return "sound" }
func (audioCoding) Codec() string                      { return "tone" }
func (audioCoding) StreamType() byte                   { return 0x0f }
func (audioCoding) SegmentFormat() media.SegmentFormat { return media.AnySegmentFormat }
func (audioCoding) Channels() int                      { return 2 }
func (audioCoding) Buffer() media.Buffer               { return media.Buffer{Leak: 2_000_000, Size: 3584} }
func (s audioCoding) SampleRate() int                  { return s.rate }
func (s audioCoding) FrameSamples() int                { return s.frame }
func (audioCoding) Silence() []byte                    { return silence }
func (audioCoding) AppendUnit(dst, sample []byte, _ media.Place) ([]byte, error) {
	return append(dst, sample...), nil
}

// film describes a synthetic asset.
type film struct {
	timescale uint32
	step      int64 // of a picture, in the timescale; 0 for none
	pictures  int
	bitRate   int // of the pictures
	gop       int
	jitter    bool    // irregular durations
	peak      float64 // an I picture is so many times as large as the others
	audio     []audioCoding
	audioLen  float64 // relative to the video
	audioRate int
	level     media.Buffer
	seed      uint64
}

// asset builds the film. Every sample begins with its kind and holds its own
// number, so that it is recognised in a stream.
func (f film) asset() *media.Asset {
	r := rand.New(rand.NewPCG(1, 2+f.seed))
	var data []byte
	a := &media.Asset{}
	put := func(kind byte, i, size int) int64 {
		at := int64(len(data))
		b := make([]byte, max(size, 8))
		b[0] = kind
		binary.BigEndian.PutUint32(b[1:], uint32(i))
		data = append(data, b...)
		return at
	}
	length := 0.0
	if f.step > 0 {
		if f.level.Leak == 0 {
			f.level = media.Buffer{Leak: 24_000_000, Size: 2_500_000, Drain: 20_000_000, Mux: 13_333}
		}
		t := &media.Track{ID: 1, Language: "und", Coding: videoCoding{buffer: f.level}, Timescale: f.timescale, LastDuration: f.step, To: 1 << 60}
		mean := float64(f.bitRate) / 8 * float64(f.step) / float64(f.timescale)
		dts := int64(0)
		for i := range f.pictures {
			size := mean * (0.5 + r.Float64()) * float64(f.gop) / (float64(f.gop) - 1 + f.peak)
			kind, random := byte(media.Dependent), i%f.gop == 0
			if random {
				size, kind = size*f.peak, byte(media.Refresh)
			}
			// Whole groups of four are reordered, none beyond the next random access point.
			cto := f.step
			if j, n := i%f.gop, min(f.gop, f.pictures-i/f.gop*f.gop); j < n/4*4 {
				cto *= []int64{1, 3, 0, 0}[j%4]
			}
			t.Units = append(t.Units, media.NewAccessUnit(put(kind, i, int(size)), dts, int32(cto), max(int(size), 8), random))
			dts += f.step
			if f.jitter && i%7 == 3 {
				dts += f.step / 3
			}
		}
		length = float64(dts) / float64(f.timescale)
		a.Video = t
	}
	for k, s := range f.audio {
		n := int(float64(s.rate) * 10 / float64(s.frame))
		if length > 0 {
			n = int(length*f.audioLen*float64(s.rate)/float64(s.frame)) + 1
		}
		t := &media.Track{ID: uint32(2 + k), Language: "eng", Coding: s, Timescale: uint32(s.rate), LastDuration: int64(s.frame), To: 1 << 60}
		for i := range n {
			size := int(float64(f.audioRate) / 8 * float64(s.frame) / float64(s.rate) * (0.6 + 0.8*r.Float64()))
			t.Units = append(t.Units, media.NewAccessUnit(put(byte(0x80+k), i, size), int64(i*s.frame), 0, max(size, 8), true))
		}
		a.Audio = append(a.Audio, t)
	}
	a.Source, a.Size = bytes.NewReader(data), int64(len(data))
	return a
}
