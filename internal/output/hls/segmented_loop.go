package hls

import (
	"encoding/binary"
	"hash/fnv"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mpegts"
)

// SegmentedLoop is a loop cut into segments. It is immutable, and channels that play the
// same loop share it.
type SegmentedLoop struct {
	loop *loop.Loop
	cycle
	form       form
	renditions []rendition
	// target is its target duration in seconds: that of the longest segment,
	// rounded (RFC 8216, 4.3.3.1).
	target int64
	mark   uint64 // tells the loop from others
}

// NewSegmentedLoop cuts a loop. It reads the index alone.
func NewSegmentedLoop(l *loop.Loop) (*SegmentedLoop, error) {
	if l == nil {
		return nil, fault.New(fault.Internal, "there is no loop to cut into segments")
	}
	r := &SegmentedLoop{loop: l, cycle: newCycle(l), mark: mark(l)}
	r.target = max(1, (2*r.longest()+r.scale)/(2*r.scale))
	return r.as(formOf(l))
}

// as returns the reel in a form.
func (r *SegmentedLoop) as(f form) (*SegmentedLoop, error) {
	if r.renditions != nil && r.form == f {
		return r, nil
	}
	other := *r
	var err error
	if other.renditions, err = renditions(r.loop, f); err != nil {
		return nil, err
	}
	other.form = f
	other.measure()
	return &other, nil
}

// measure finds the rates. Which units of sound fall into a segment differs from
// lap to lap, by one at either end.
func (r *SegmentedLoop) measure() {
	for i := range r.renditions {
		w := &r.renditions[i]
		var sum int64
		for n := range r.each() {
			p := r.piece(n)
			sum += w.Size(p)
			w.peak = max(w.peak, media.MulDivCeil(8*w.MaxSize(p), r.scale, p.To-p.From))
		}
		w.mean = media.MulDivCeil(8*sum, r.scale, r.length)
		if p, ok := w.writer.(*mpegts.Segments); ok {
			w.writer = p.Compact()
		}
	}
}

// piece returns what segment n holds, counted from lap 0 on.
func (r *SegmentedLoop) piece(n int64) loop.Segment {
	from, to := r.at(n), r.at(n+1)
	return loop.Segment{Number: n, First: loop.UnitNumber(from.unit), End: loop.UnitNumber(to.unit), From: from.at, To: to.at, Scale: r.scale}
}

// mark tells a loop from every other: by its length and where all its units lie.
func mark(l *loop.Loop) uint64 {
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
