package player

import (
	"errors"
	"sort"
	"time"

	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/packet"
)

// entry plays an input from its beginning.
type entry struct {
	// at is the instant, counted from the epoch.
	at    time.Duration
	input *input
	// once plays the input a single time; null packets follow.
	once bool
}

// placedEntry is an entry with its packets. It is immutable.
type placedEntry struct {
	entry
	// mux are its packets; openEnded are those if no entry followed.
	mux, openEnded *mpegts.Entry
	// first is the number of its first packet, end that of the next entry's.
	first, end packet.Number
	// settled is the first packet that would differ without this entry.
	settled packet.Number
	// pictures is how many were due before it.
	pictures int64
}

// never is a packet number that is not reached.
const never = packet.Number(1) << 62

// minEntry is the shortest time from one entry to the next.
const minEntry = time.Second

// place appends entries to those that have begun. It returns the result and the
// entries it left out because they are past. Packets before fixed do not change.
func place(begun []placedEntry, entries []entry, fixed packet.Number) (placed []placedEntry, past []entry) {
	placed = append(placed, begun...)
	last := &placed[len(placed)-1]
	last.mux, last.end = last.openEnded, never
	since := last.at
	for _, e := range entries {
		if len(begun) > 1 && e.at <= since {
			past = append(past, e)
			continue
		}
		placed = append(placed, placed[len(placed)-1].follow(e, fixed))
	}
	return placed, past
}

// follow ends p where e begins and returns e in its place.
func (p *placedEntry) follow(e entry, fixed packet.Number) placedEntry {
	if p.first > 0 {
		e.at = max(e.at, p.at+minEntry)
	}
	s := p.openEnded.Switch(e.at, e.input.plan, e.once)
	for p.first+packet.Number(s.From) < fixed {
		// Packets before fixed have been read, and pictures are sent up to a second ahead.
		e.at = max(e.at+minEntry/10, p.due(fixed)+minEntry)
		s = p.openEnded.Switch(e.at, e.input.plan, e.once)
	}
	p.mux, p.end = s.Before, p.first+packet.Number(s.End)
	next := placedEntry{entry: e, mux: s.After, openEnded: s.After, first: p.end, end: never, settled: p.first + packet.Number(s.From)}
	next.pictures = p.picturesAt(s.After.Due(0))
	return next
}

func entriesOf(placed []placedEntry) []entry {
	var all []entry
	for i := range placed {
		all = append(all, placed[i].entry)
	}
	return all
}

// entryOf returns the entry that packet n belongs to.
func entryOf(entries []placedEntry, n packet.Number) *placedEntry {
	if len(entries) == 1 {
		return &entries[0]
	}
	return &entries[sort.Search(len(entries)-1, func(i int) bool { return n < entries[i+1].first })]
}

func (p *placedEntry) due(n packet.Number) time.Duration { return p.mux.Due(mpegts.Slot(n - p.first)) }

// picturesAt returns how many pictures were due from the epoch to t after it.
func (p *placedEntry) picturesAt(t time.Duration) int64 {
	n := p.input.pictures(int64(t - p.mux.Due(0)))
	if v := p.input.loop.Video; v != nil && p.once {
		n = min(n, int64(v.Len()))
	}
	return p.pictures + n
}

func closeInputs(entries []entry) error {
	var errs []error
	for _, e := range entries {
		errs = append(errs, e.input.Close())
	}
	return errors.Join(errs...)
}
