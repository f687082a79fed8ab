package hls

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// part is a part with the numbers of its segments.
type part struct {
	*SegmentedLoop
	from time.Time
	// index is its place among the parts, and how many discontinuities go before it.
	index int
	// base is the number of the segment with which its lap 0 begins, first that of
	// its first segment, and last the one behind its last.
	base, first, last int64
	// end is when it ends, in ticks after from.
	end int64
	// tag is in the names of its segments, so that what is kept under a name of
	// one channel is never taken for another's.
	tag string
}

// endless is the end of a part that has none.
const endless = math.MaxInt64

func newPart(r *SegmentedLoop, p Entry, index int) *part {
	q := &part{SegmentedLoop: r, from: p.From, index: index, end: endless}
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, []int64{int64(r.mark), p.From.UnixNano(), int64(index)}) // A hash takes all.
	q.tag = fmt.Sprintf("%016x", h.Sum64())
	if p.Laps > 0 && p.Laps < endless/r.lap {
		q.end = p.Laps * r.lap
	}
	return q
}

// lead returns how many cycles before the epoch make a full window.
func (p *part) lead(t *Timeline) int64 {
	cycles := (windowSegments + p.each() - 1) / p.each()
	return max(cycles, (windowTargets*t.target*p.scale+p.length-1)/p.length)
}

// endBy ends the part at a time, if it does not end before.
func (p *part) endBy(ticks int64) { p.end = min(p.end, ticks) }

// ticks converts a time since lap 0 began, rounded down.
func (p *part) ticks(d time.Duration) int64 {
	return media.MulDiv(int64(d), p.scale, int64(time.Second))
}

// count returns the number behind the last segment.
func (p *part) count() int64 {
	if p.end == endless {
		return endless
	}
	n := p.ended(p.end)
	if p.at(n).at < p.end {
		n++ // cut short
	}
	return max(p.first, p.base+n)
}

// due returns the number of the first segment that has not ended at a time.
func (p *part) due(now time.Time) int64 {
	ticks := p.ticks(now.Sub(p.from))
	if ticks >= p.end {
		return p.last
	}
	return max(p.first, p.base+p.ended(ticks))
}

// segment is one segment of a part.
type segment struct {
	*part
	number   int64
	from, to int64 // in ticks since lap 0 began
}

// segment returns segment k, which is one of the part's.
func (p *part) segment(k int64) segment {
	n := k - p.base
	return segment{part: p, number: k, from: p.at(n).at, to: min(p.at(n+1).at, p.end)}
}

// piece returns what the segment holds.
func (s segment) piece() loop.Segment {
	at := s.part.piece(s.number - s.base)
	at.Number = s.number
	if at.To > s.to {
		at.To = s.to
		for at.End > at.First+1 && s.shown(at.End-1) >= s.to {
			at.End--
		}
	}
	return at
}

// shown returns when a picture is shown, in ticks since lap 0 began.
func (s segment) shown(unit loop.UnitNumber) int64 {
	return s.loop.Video.PTS(unit) - s.loop.Video.Shown()
}

// begins returns when the segment begins, in microseconds since lap 0 began,
// rounded down.
func (s segment) begins() int64 { return media.MulDiv(s.from, 1_000_000, s.scale) }

// micros is how long the segment is, in microseconds. Beginnings are rounded and
// not lengths, so that those of any number of segments add up to their sum.
func (s segment) micros() int64 { return media.MulDiv(s.to, 1_000_000, s.scale) - s.begins() }

// date is when the segment begins.
func (s segment) date() time.Time {
	return s.part.from.Add(time.Duration(s.begins()) * time.Microsecond)
}

// name is that of the segment's file in a rendition.
func (s segment) name(r *rendition) string {
	return fmt.Sprintf("%s-%s-%d%s", r.name, s.tag, s.number, r.extension)
}
