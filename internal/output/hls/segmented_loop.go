package hls

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// SegmentedLoop is a loop cut into segments. It is immutable, and channels that
// play the same loop share it.
type SegmentedLoop struct {
	loop *loop.Loop
	cycle
	format     media.SegmentFormat
	renditions []rendition
	// target is the duration of the longest segment in seconds, rounded: its
	// target duration (RFC 8216, 4.3.3.1).
	target      int64
	fingerprint uint64 // of the loop
}

// NewSegmentedLoop cuts a loop into segments. It reads the index only.
func NewSegmentedLoop(l *loop.Loop) (*SegmentedLoop, error) {
	if l == nil {
		return nil, fault.New(fault.Internal, "there is no loop to cut into segments")
	}
	s := &SegmentedLoop{loop: l, cycle: newCycle(l), fingerprint: fingerprint(l)}
	s.target = max(1, (2*s.longest()+s.scale)/(2*s.scale))
	return s.inFormat(formatOf(l))
}

// inFormat returns the loop with segments of a format.
func (l *SegmentedLoop) inFormat(f media.SegmentFormat) (*SegmentedLoop, error) {
	if l.renditions != nil && l.format == f {
		return l, nil
	}
	other := *l
	var err error
	if other.renditions, err = renditions(l.loop, f); err != nil {
		return nil, err
	}
	other.format = f
	other.measure()
	return &other, nil
}

// measure sets the rates. Which audio access units a segment holds differs from
// lap to lap, by one at either end.
func (l *SegmentedLoop) measure() {
	for i := range l.renditions {
		r := &l.renditions[i]
		var sum int64
		for n := range l.segments() {
			s := l.loopSegment(n)
			sum += r.Size(s)
			r.peakRate = max(r.peakRate, media.MulDivCeil(8*r.MaxSize(s), l.scale, s.To-s.From))
		}
		r.meanRate = media.MulDivCeil(8*sum, l.scale, l.length)
		if s, ok := r.writer.(*mpegts.Segments); ok {
			r.writer = s.Compact()
		}
	}
}

// loopSegment returns what segment n holds, counted from lap 0 on.
func (l *SegmentedLoop) loopSegment(n int64) loop.Segment {
	from, to := l.cut(n), l.cut(n+1)
	return loop.Segment{Number: n, First: from.unit, End: to.unit, From: from.start, To: to.start, Scale: l.scale}
}

// fingerprint hashes what distinguishes a loop: its length, and where and when
// each of its access units is.
func fingerprint(l *loop.Loop) uint64 {
	h := fnv.New64a()
	var b [24]byte
	put := func(x, y, z int64) {
		binary.BigEndian.PutUint64(b[:], uint64(x))
		binary.BigEndian.PutUint64(b[8:], uint64(y))
		binary.BigEndian.PutUint64(b[16:], uint64(z))
		h.Write(b[:])
	}
	put(l.Length.Num, l.Length.Den, l.Asset.Size)
	tracks := l.Asset.Audio
	if l.Video != nil {
		tracks = append([]*media.Track{l.Asset.Video}, tracks...)
	}
	for _, t := range tracks {
		h.Write([]byte(t.Coding.String() + t.Language))
		for _, u := range t.Units {
			put(u.Offset, u.DTS, int64(u.CTO)<<32|int64(u.Size()))
		}
	}
	return h.Sum64()
}
