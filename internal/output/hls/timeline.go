package hls

import (
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Entry is a stretch of a channel in which one loop plays.
type Entry struct {
	// Loop is what plays. Entries of the same loop, in any number of timelines,
	// should share it.
	Loop *SegmentedLoop
	// From is when its lap 0 begins: the epoch, for the first entry.
	From time.Time
	// Laps is how many laps it plays at most, 0 for no end.
	Laps int64
	// ColdStart, of the first entry, lists no segment from before its lap 0: an
	// early player waits for the first segment, instead of seeing how a lap
	// before it would have ended.
	ColdStart bool
}

// Timeline is a channel as HLS. It is immutable, and any goroutine may use it.
//
// Its time is the channel's: the first picture of lap n is shown at From + n·L.
type Timeline struct {
	entries []*entry
	// target is EXT-X-TARGETDURATION in seconds.
	target int64
	// segments is how many a window holds at least.
	segments int64
}

// New returns the timeline of one entry or more, in rising order of From. It
// needs all entries since the epoch, because segments are numbered from there.
func New(entries ...Entry) (*Timeline, error) {
	if len(entries) == 0 {
		return nil, fault.New(fault.Internal, "a timeline needs an entry")
	}
	t := &Timeline{segments: windowSegments}
	for i, e := range entries {
		if i > 0 && !entries[i-1].From.Before(e.From) {
			return nil, fault.New(fault.Internal, "entry %d of a timeline begins at %v, which is not after the one before it", i, e.From)
		}
		// A media playlist has one segment format: the first entry's.
		l, err := e.Loop.inFormat(entries[0].Loop.format)
		if err != nil {
			return nil, err
		}
		t.entries = append(t.entries, newEntry(l, e, i))
		t.target = max(t.target, l.target)
	}
	t.numberSegments(entries[0].ColdStart)
	return t, nil
}

// numberSegments numbers the first entry's segments from 0, with enough laps
// before the epoch for a full window, and the others' after them.
func (t *Timeline) numberSegments(coldStart bool) {
	first := t.entries[0]
	if !coldStart {
		first.base = first.leadCycles(t) * first.segments()
	}
	for i, e := range t.entries {
		if i > 0 {
			e.first = t.entries[i-1].last
			e.base = e.first
		}
		if i+1 < len(t.entries) {
			e.end = min(e.end, e.ticks(t.entries[i+1].from.Sub(e.from)))
		}
		e.last = e.endNumber()
	}
}

// entryOf returns the entry of segment k, nil if there is none.
func (t *Timeline) entryOf(k int64) *entry {
	for _, e := range slices.Backward(t.entries) {
		if k >= e.first && k < e.last {
			return e
		}
	}
	return nil
}

// currentSegment returns the number of the first segment that has not ended at a time.
func (t *Timeline) currentSegment(now time.Time) int64 {
	i := len(t.entries) - 1
	for i > 0 && t.entries[i].from.After(now) {
		i--
	}
	return t.entries[i].currentSegment(now)
}
