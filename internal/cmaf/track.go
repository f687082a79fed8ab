package cmaf

import (
	"encoding/binary"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Track is one track of a loop. It is immutable; any goroutine may use it.
type Track struct {
	loop  *loop.Loop
	track *media.Track
	sound *loop.Audio // nil for pictures
	scale int64
	entry []byte
}

// NewVideo returns the pictures of a loop.
func NewVideo(l *loop.Loop) (*Track, error) {
	t := &Track{loop: l, track: l.Video.Track, scale: int64(l.Video.Track.Timescale)}
	return t, t.take()
}

// NewAudio returns one of the tracks of sound of a loop.
func NewAudio(l *loop.Loop, a *loop.Audio) (*Track, error) {
	t := &Track{loop: l, track: a.Track, sound: a, scale: int64(a.Track.Audio().SampleRate())}
	return t, t.take()
}

// take takes the sample entry over. Apple's players want HEVC as hvc1, with the
// parameter sets in the entry alone; where the entry has them all, hev1 is renamed.
func (t *Track) take() error {
	const nameAt, named = 4, 8
	if len(t.track.Entry) < named {
		return fault.New(fault.Media, "track %d has no sample entry that a fragmented MP4 could repeat: remux the file (ffmpeg -c copy)", t.track.ID)
	}
	t.entry = append([]byte(nil), t.track.Entry...)
	if name := t.entry[nameAt:named]; string(name) == "hev1" {
		copy(name, t.track.Coding.Codec()[:4])
	}
	return nil
}

// Timescale is the ticks a second of the track's times.
func (t *Track) Timescale() int64 { return t.scale }

// origin is the decoding time of what lap 0 shows first, in seconds: laps before
// it have times too, and none of them may be negative.
const origin = 1 << 20

// sample is a sample of a segment.
type sample struct {
	unit     int // of the loop's units, -1 for silence
	duration int64
	size     int
	offset   int64 // composition time offset
	sync     bool
	end      bool // an end of sequence goes behind it
}

// Append appends the segment of a piece.
func (t *Track) Append(dst []byte, p loop.Segment) ([]byte, error) {
	samples, at := t.samples(p)
	dst = appendFragment(dst, p.Number, at, samples)
	read := t.reader()
	for _, s := range samples {
		var err error
		if dst, err = read(dst, s); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// Size returns the length of a piece's segment in bytes. It reads nothing.
func (t *Track) Size(p loop.Segment) int64 {
	samples, _ := t.samples(p)
	n := int64(fragmentSize(len(samples)))
	for _, s := range samples {
		n += int64(s.size)
	}
	return n
}

// samples lists the samples of a piece, and tells when the first one is decoded.
func (t *Track) samples(p loop.Segment) (samples []sample, at int64) {
	if t.sound != nil {
		return t.sounds(p)
	}
	v := t.loop.Video
	count := int64(v.Len())
	for u := p.First; u < p.End; u++ {
		lap := media.FloorDiv(u, count)
		i := int(u - lap*count)
		x, next := v.Unit(i), v.Length
		if i+1 < v.Len() {
			next = v.Unit(i + 1).DTS
		}
		if u == p.First {
			at = origin*t.scale + lap*v.Length + x.DTS - v.Shown()
		}
		s := sample{unit: i, duration: next - x.DTS, size: x.Size(), offset: int64(x.CTO), sync: x.RandomAccess()}
		if v.Place(i)&media.LapEnd != 0 {
			s.end = true
			s.size += len(t.endOfSequence())
		}
		samples = append(samples, s)
	}
	return samples, at
}

// sounds lists the access units of sound that begin in a piece.
func (t *Track) sounds(p loop.Segment) (samples []sample, at int64) {
	c := t.track.Audio()
	frame := int64(c.FrameSamples())
	first, end := firstUnit(p.From, p.Scale, c), firstUnit(p.To, p.Scale, c)
	number := t.sound.LapOf(first)
	lap := t.sound.Lap(number)
	for m := first; m < end; m++ {
		for m >= lap.First+int64(lap.Len) {
			number++
			lap = t.sound.Lap(number)
		}
		s := sample{unit: -1, duration: frame, sync: true}
		if u, ok := t.sound.Unit(int(m-lap.First), lap.Len); ok {
			s.unit, s.size = u, t.track.Units[u].Size()
		} else {
			s.size = len(silence(c))
		}
		samples = append(samples, s)
	}
	return samples, origin*t.scale + first*frame
}

// firstUnit returns the first unit of the grid that begins at a time or behind it.
func firstUnit(at, scale int64, c media.AudioCoding) int64 {
	return media.MulDivCeil(at, int64(c.SampleRate()), scale*int64(c.FrameSamples()))
}

// silence is a silent access unit as an MP4 stores it: of AAC without the ADTS header.
func silence(c media.AudioCoding) []byte {
	const adts, header = 0x0f, 7
	if b := c.Silence(); c.StreamType() != adts || len(b) < header {
		return b
	}
	return c.Silence()[header:]
}

// endOfSequence is what goes behind the last sample of an open lap.
func (t *Track) endOfSequence() []byte {
	if c, ok := t.track.Coding.(interface{ EndOfSequence() []byte }); ok {
		return c.EndOfSequence()
	}
	return nil
}

// reader returns what appends a sample's bytes.
func (t *Track) reader() func(dst []byte, s sample) ([]byte, error) {
	units := t.track.Units
	if t.sound == nil {
		units = t.loop.Video.Stored()
	}
	r := media.NewReader(t.loop.Asset, t.track, units)
	return func(dst []byte, s sample) ([]byte, error) {
		if s.unit < 0 {
			return append(dst, silence(t.track.Audio())...), nil
		}
		b, err := r.Sample(s.unit)
		if err != nil {
			return dst, fault.Of(fault.Source, err)
		}
		dst = append(dst, b...)
		if s.end {
			dst = append(dst, t.endOfSequence()...)
		}
		return dst, nil
	}
}

// box appends a box with what body appends.
func box(dst []byte, kind string, body func([]byte) []byte) []byte {
	at := len(dst)
	dst = body(append(append(dst, 0, 0, 0, 0), kind...))
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at))
	return dst
}

// MaxSize bounds the length in bytes of the segment of a piece of lap 0, and of
// those like it in other laps, which may begin and end with other units of sound.
func (t *Track) MaxSize(p loop.Segment) int64 {
	n := t.Size(p)
	if t.sound == nil {
		return n
	}
	largest := len(silence(t.track.Audio()))
	for _, u := range t.track.Units {
		largest = max(largest, u.Size())
	}
	return n + 2*int64(largest+sampleSize)
}
