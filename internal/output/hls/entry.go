package hls

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

// entry is an entry of a timeline with its segments numbered.
type entry struct {
	*SegmentedLoop
	from time.Time
	// discontinuities is how many precede it: its index in the timeline.
	discontinuities int
	// base is the number of the segment with which its lap 0 begins, first that
	// of its first segment, and last the number after its last.
	base, first, last int64
	// end is when it ends, in ticks after from.
	end int64
	// tag is in the names of its segments. It keeps what is cached under a name
	// of one channel from being taken for another's.
	tag string
}

// endless is the end of an entry that has none.
const endless = math.MaxInt64

func newEntry(l *SegmentedLoop, given Entry, index int) *entry {
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, []int64{int64(l.fingerprint), given.From.UnixNano(), int64(index)}) // A hash never fails.
	e := &entry{SegmentedLoop: l, from: given.From, discontinuities: index, end: endless, tag: fmt.Sprintf("%016x", h.Sum64())}
	if given.Laps > 0 && given.Laps < endless/l.lap {
		e.end = given.Laps * l.lap
	}
	return e
}

// leadCycles returns how many cycles before the epoch fill a window.
func (e *entry) leadCycles(t *Timeline) int64 {
	cycles := (windowSegments + e.segments() - 1) / e.segments()
	return max(cycles, (windowTargets*t.target*e.scale+e.length-1)/e.length)
}

// ticks converts a time since lap 0 began, rounded down.
func (e *entry) ticks(d time.Duration) int64 {
	return media.MulDiv(int64(d), e.scale, int64(time.Second))
}

// endNumber returns the number after the last segment.
func (e *entry) endNumber() int64 {
	if e.end == endless {
		return endless
	}
	n := e.endedBy(e.end)
	if e.cut(n).start < e.end {
		n++ // It is cut short.
	}
	return max(e.first, e.base+n)
}

// currentSegment returns the number of the first segment that has not ended at a time.
func (e *entry) currentSegment(now time.Time) int64 {
	ticks := e.ticks(now.Sub(e.from))
	if ticks >= e.end {
		return e.last
	}
	return max(e.first, e.base+e.endedBy(ticks))
}

// segment returns segment k, which must be one of the entry's.
func (e *entry) segment(k int64) segment {
	n := k - e.base
	return segment{entry: e, number: k, from: e.cut(n).start, to: min(e.cut(n+1).start, e.end)}
}

// rendition returns the rendition of that name, nil if there is none.
func (e *entry) rendition(name string) *rendition {
	for i := range e.renditions {
		if e.renditions[i].name == name {
			return &e.renditions[i]
		}
	}
	return nil
}

// initName is the file name of a rendition's initialization section.
func (e *entry) initName(r *rendition) string { return r.name + "-" + e.tag + ".mp4" }
