package cmaf

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Track is one track of a loop. It is immutable and safe for concurrent use.
type Track struct {
	loop      *loop.Loop
	track     *media.Track
	audio     *loop.Audio // nil for video
	timescale int64
	entry     []byte
}

// NewVideo returns the video track of a loop.
func NewVideo(l *loop.Loop) (*Track, error) {
	return newTrack(l, l.Video.Track, nil, int64(l.Video.Track.Timescale))
}

// NewAudio returns an audio track of a loop. Its timescale is the sample rate.
func NewAudio(l *loop.Loop, a *loop.Audio) (*Track, error) {
	return newTrack(l, a.Track, a, int64(a.Track.Audio().SampleRate()))
}

// newTrack copies the track's sample entry. Apple's players require HEVC as hvc1, with
// all parameter sets in the entry: hev1 is renamed and gets those it lacks.
func newTrack(l *loop.Loop, track *media.Track, audio *loop.Audio, timescale int64) (*Track, error) {
	const nameAt, nameEnd = 4, 8
	if len(track.Entry) < nameEnd {
		return nil, fault.New(fault.Media, "track %d has no sample entry to copy into a fragmented MP4: remux the file with ffmpeg -i IN -c copy OUT.mp4", track.ID)
	}
	entry := bytes.Clone(track.Entry)
	if name := entry[nameAt:nameEnd]; string(name) == "hev1" {
		copy(name, track.Coding.Codec()[:4])
	}
	if c, ok := track.Coding.(interface{ Configuration() []byte }); ok && c.Configuration() != nil {
		entry = withConfiguration(entry, c.Configuration())
	}
	return &Track{loop: l, track: track, audio: audio, timescale: timescale, entry: entry}, nil
}

// withConfiguration returns the sample entry of a video track with another hvcC box (ISO/IEC
// 14496-15, 8.4.1), or as it is if it has none.
func withConfiguration(entry, body []byte) []byte {
	const childrenAt, header = 86, 8 // behind the fields of a VisualSampleEntry (ISO/IEC 14496-12, 12.1.3)
	for at := childrenAt; at+header <= len(entry); {
		size := int(binary.BigEndian.Uint32(entry[at:]))
		if size < header || size > len(entry)-at {
			break
		}
		if string(entry[at+4:at+header]) == "hvcC" {
			entry = slices.Concat(entry[:at], isobmff.Box("hvcC", body), entry[at+size:])
			binary.BigEndian.PutUint32(entry, uint32(len(entry)))
			break
		}
		at += size
	}
	return entry
}

// origin is the decode time in seconds of the first sample of lap 0. It keeps
// the times of the laps before the epoch positive.
const origin = 1 << 20

// sample is one sample of a segment.
type sample struct {
	unit     int // index of the access unit, -1 for silence
	duration int64
	size     int
	offset   int64 // composition time offset
	sync     bool
}

// Append appends a segment. Its errors are faults of kind Source and Media.
func (t *Track) Append(dst []byte, p loop.Segment) ([]byte, error) {
	samples, at := t.samples(p)
	from := len(dst)
	dst = slices.Grow(dst, int(sizeOf(samples)))[:from+fragmentSize(len(samples))]
	units := t.track.Units
	if t.audio == nil {
		units = t.loop.Video.Stored()
	}
	r := media.NewReader(t.loop.Asset, t.track, units)
	for i := range samples {
		before := len(dst)
		var err error
		if dst, err = t.appendSample(dst, r, samples[i], p.First+loop.UnitNumber(i)); err != nil {
			return dst, err
		}
		samples[i].size = len(dst) - before
	}
	appendFragment(dst[:from], p.Number, at, samples) // Where the samples leave room.
	return dst, nil
}

// appendSample appends a sample; for video it is that of an access unit.
func (t *Track) appendSample(dst []byte, r *media.Reader, s sample, unit loop.UnitNumber) ([]byte, error) {
	if s.unit < 0 {
		return append(dst, t.track.Audio().Silence()...), nil
	}
	b, err := r.Sample(s.unit)
	if err != nil {
		return dst, fault.Of(fault.Source, err)
	}
	if t.audio != nil {
		return append(dst, b...), nil
	}
	dst, err = t.track.Video().AppendSample(dst, b, t.loop.Video.Place(unit))
	if left := (*media.DamageError)(nil); err != nil && !errors.As(err, &left) {
		return dst, fault.New(fault.Media, "video track %d, at byte %d of the file: %w", t.track.ID, t.loop.Video.Stored()[s.unit].Offset, err)
	}
	return dst, nil
}

// Size returns the length of a segment in bytes, without reading samples: what a
// coding changes in them makes it a little less or more.
func (t *Track) Size(p loop.Segment) int64 {
	samples, _ := t.samples(p)
	return sizeOf(samples)
}

// sizeOf returns the length of a fragment.
func sizeOf(samples []sample) int64 {
	n := int64(fragmentSize(len(samples)))
	for _, s := range samples {
		n += int64(s.size)
	}
	return n
}

// samples returns the samples of a segment and the decode time of the first one.
func (t *Track) samples(p loop.Segment) (samples []sample, at int64) {
	if t.audio != nil {
		return t.audioSamples(p)
	}
	v := t.loop.Video
	for u := p.First; u < p.End; u++ {
		_, i := v.Index(u)
		x, next := v.Unit(i), v.Length
		if i+1 < v.Len() {
			next = v.Unit(i + 1).DTS
		}
		if u == p.First {
			at = origin*t.timescale + v.DTS(u) - v.Shown()
		}
		s := sample{unit: i, duration: next - x.DTS, size: x.Size(), offset: int64(x.CTO), sync: x.RandomAccess() && !x.Gradual()}
		samples = append(samples, s)
	}
	return samples, at
}

// audioSamples returns the audio access units that begin in a segment, and the
// decode time of the first one.
func (t *Track) audioSamples(p loop.Segment) (samples []sample, at int64) {
	c := t.track.Audio()
	frame := int64(c.FrameSamples())
	first, end := t.audio.FirstUnit(p.From, p.Scale), t.audio.FirstUnit(p.To, p.Scale)
	for u := range t.audio.Units(first, end) {
		s := sample{unit: u, duration: frame, sync: true}
		if u < 0 {
			s.size = len(c.Silence())
		} else {
			s.size = t.track.Units[u].Size()
		}
		samples = append(samples, s)
	}
	return samples, origin*t.timescale + int64(first)*frame
}

// MaxSize returns an upper bound in bytes for a segment of lap 0 and the same
// segment of every other lap, which may begin and end with other audio units.
func (t *Track) MaxSize(p loop.Segment) int64 {
	n := t.Size(p)
	if t.audio == nil {
		return n
	}
	largest := len(t.track.Audio().Silence())
	for _, u := range t.track.Units {
		largest = max(largest, u.Size())
	}
	return n + 2*int64(largest+trunEntrySize)
}
