package mp4

import (
	"fmt"
	"sort"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// entryRange is where the units of a sample entry begin.
type entryRange struct {
	unit  int
	entry uint32 // its number, from 1
}

const (
	// maxEntries is how many different sample entries the samples of a track may have.
	maxEntries = 64
	// maxRanges is how often they may change.
	maxRanges = 10_000
)

// useEntry says that sample entry n applies from the next sample on. Equal entries
// are one.
func (t *track) useEntry(n uint32) error {
	n += t.entryBase
	if n == 0 || uint64(n) > uint64(len(t.entries)) {
		return damaged("track %d, sample %d has sample entry %d of %d", t.id, t.samples+1, n, len(t.entries))
	}
	e := &t.entries[n-1]
	if e.first == 0 {
		if e.first = t.equalEntry(n); e.first == n {
			t.used = append(t.used, n)
		}
	}
	last := len(t.ranges) - 1
	switch {
	case last >= 0 && t.ranges[last].entry == e.first:
		return nil
	case last >= 0 && t.ranges[last].unit == len(t.units):
		t.ranges[last].entry = e.first
	case len(t.used) > maxEntries || last == maxRanges:
		return fault.New(fault.Media, "track %d changes its coding parameters more often than LILO follows, at sample %d again: --encode avc makes it one stream", t.id, t.samples+1)
	default:
		t.ranges = append(t.ranges, entryRange{len(t.units), e.first})
	}
	return nil
}

// equalEntry returns the number of an entry in use that equals entry n, n if there is none.
func (t *track) equalEntry(n uint32) uint32 {
	for _, used := range t.used[:min(len(t.used), maxEntries)] {
		if t.entries[used-1].equal(&t.entries[n-1]) {
			return used
		}
	}
	return n
}

// currentEntry returns the sample entry that the track's samples begin with.
func (t *track) currentEntry() *sampleEntry {
	if len(t.ranges) == 0 {
		return &t.entries[0]
	}
	return &t.entries[t.ranges[0].entry-1]
}

// changes returns where the coding of the track changes, which is first before. An
// error says why no receiver could follow.
func (a *assembler) changes(t *track, first media.Coding) ([]media.CodingChange, error) {
	if len(t.ranges) < 2 {
		return nil, nil
	}
	codings := map[uint32]media.Coding{t.ranges[0].entry: first}
	changes := make([]media.CodingChange, 0, len(t.ranges)-1)
	for _, r := range t.ranges[1:] {
		if r.unit == len(t.units) {
			break
		}
		e := &t.entries[r.entry-1]
		if codings[r.entry] == nil {
			c, err := a.codingFrom(t, e, r.unit)
			if err != nil {
				return nil, err
			}
			codings[r.entry] = c
		}
		if why := cannotFollow(t, first, codings[r.entry], r.unit); why != "" {
			return nil, fault.New(fault.Media, "track %d changes its coding parameters at sample %d (sample entry %d), %s: --encode avc makes it one stream", t.id, r.unit+1, r.entry, why)
		}
		if c, ok := codings[r.entry].(unitCounter); ok { // Its lengths are those of first.
			c.SetMaxUnits(first.(unitCounter).MaxUnits())
		}
		changes = append(changes, media.CodingChange{Unit: r.unit, Coding: codings[r.entry], Entry: e.bytes()})
	}
	return changes, nil
}

// codingFrom returns the coding of units with a sample entry, which begin at unit.
func (a *assembler) codingFrom(t *track, e *sampleEntry, unit int) (media.Coding, error) {
	if e.unsupported != "" {
		return nil, fault.New(fault.Media, "track %d changes its coding parameters at sample %d: what follows %s", t.id, unit+1, e.unsupported)
	}
	u := t.units[unit]
	sample, err := a.file.bytes(u.Offset, int64(u.Size()))
	if err != nil {
		return nil, err
	}
	return a.code(*e, sample)
}

// cannotFollow says why a receiver cannot follow a change of coding at a unit, "" if it can.
func cannotFollow(t *track, before, after media.Coding, unit int) string {
	if before.StreamType() != after.StreamType() {
		return fmt.Sprintf("from %s to %s", before, after)
	}
	if x, ok := before.(media.AudioCoding); ok {
		y, ok := after.(media.AudioCoding)
		if !ok || x.SampleRate() != y.SampleRate() || x.FrameSamples() != y.FrameSamples() || x.Channels() != y.Channels() {
			return fmt.Sprintf("from %s to %s", before, after)
		}
		return ""
	}
	x, ok := before.(unitCounter)
	if !ok {
		return ""
	}
	if y := after.(unitCounter); x.LengthSize() != y.LengthSize() {
		return "and the lengths of its NAL units with them"
	}
	if !t.units[unit].RandomAccess() {
		return "where decoding cannot begin"
	}
	return ""
}

// changingVideo is the coding of a video track whose parameter sets change: each
// unit has those of its own range.
type changingVideo struct {
	media.VideoCoding // of the units before the first change
	changes           []media.CodingChange
}

// following returns a coding that follows the changes, first if there are none. Sound
// says in each frame how it is coded.
func following(first media.Coding, changes []media.CodingChange) media.Coding {
	if v, ok := first.(media.VideoCoding); ok && len(changes) > 0 {
		return &changingVideo{v, changes}
	}
	return first
}

// of returns the coding of a unit.
func (c *changingVideo) of(sample int) media.VideoCoding {
	i := sort.Search(len(c.changes), func(i int) bool { return c.changes[i].Unit > sample })
	if i == 0 {
		return c.VideoCoding
	}
	return c.changes[i-1].Coding.(media.VideoCoding)
}

// AppendUnit appends the unit in the coding of its range.
func (c *changingVideo) AppendUnit(dst, sample []byte, at media.Place) ([]byte, error) {
	return c.of(at.Sample).AppendUnit(dst, sample, at)
}

// AppendSample appends the sample in the coding of its range.
func (c *changingVideo) AppendSample(dst, sample []byte, at media.Place) ([]byte, error) {
	return c.of(at.Sample).AppendSample(dst, sample, at)
}

// Extra is the most of all ranges.
func (c *changingVideo) Extra(marks media.Marks) int {
	n := c.VideoCoding.Extra(marks)
	for _, r := range c.changes {
		n = max(n, r.Coding.Extra(marks))
	}
	return n
}

// Buffer is large and fast enough for all ranges.
func (c *changingVideo) Buffer() media.Buffer {
	b := c.VideoCoding.Buffer()
	for _, r := range c.changes {
		o := r.Coding.Buffer()
		b = media.Buffer{Leak: max(b.Leak, o.Leak), Size: max(b.Size, o.Size), Drain: max(b.Drain, o.Drain), Mux: max(b.Mux, o.Mux)}
	}
	return b
}

// SegmentFormat is the one whose segments hold parameter sets.
func (c *changingVideo) SegmentFormat() media.SegmentFormat { return media.TransportStream }

// noteChanges notes where the coding of a track changes.
func (a *assembler) noteChanges(t *track, first media.Coding, changes []media.CodingChange) {
	if len(changes) == 0 {
		return
	}
	c := changes[0]
	a.note(media.NoteCodingChange, t.id, "track %d: its coding parameters change %s, first %.3f s into the track (sample %d, %s to %s): receivers are told in the stream",
		t.id, countOf(len(changes), "time", "times"), float64(t.units[c.Unit].DTS-t.units[0].DTS)/float64(t.timescale), c.Unit+1, first, c.Coding)
}
