package mp4

import (
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// maxTime bounds every time on a media timeline, so that no sum of two overflows.
const maxTime = 1 << 60

// index gathers the access units of one track in decoding order, from its
// sample tables and then from its fragments.
type index struct {
	units        []media.AccessUnit
	samples      int64  // so far, those without bytes too
	empty        int64  // samples without bytes, which are passed over
	end          int64  // the DTS at which the next sample would follow
	used         uint32 // the number of the sample entry, 0 before the first sample
	lastDuration int64
	stretched    bool // the last duration was 0 and is taken from the one before it
}

// sample is one row of a table or a run.
type sample struct {
	offset   int64
	duration uint32
	size     uint32
	cto      int32
	sync     bool
}

// add checks the next sample and appends it. A sample without bytes only takes
// its time: a transport stream has no empty access unit.
func (t *track) add(file *source, s sample) error {
	t.samples++
	dts := t.end
	t.end += int64(s.duration)
	if s.size == 0 {
		t.empty++
		return nil
	}
	if s.offset < 0 || s.offset > file.size-int64(s.size) || s.size > media.MaxUnitSize {
		return t.beyond(file, s)
	}
	if n := len(t.units); n > 0 && dts <= t.units[n-1].DTS {
		return t.unordered(dts)
	}
	if t.end > maxTime || s.duration > math.MaxInt32 {
		return damaged("track %d, sample %d lasts %d units of 1/%d s, up to %d", t.id, t.samples, s.duration, t.timescale, t.end)
	}
	t.units = append(t.units, media.NewAccessUnit(s.offset, dts, s.cto, int(s.size), s.sync))
	return nil
}

func (t *track) beyond(file *source, s sample) error {
	return fault.New(fault.Media, "track %d, sample %d lies at byte %d and has %d bytes, beyond the end of the file at %d: the file is cut off; get it again",
		t.id, t.samples, s.offset, s.size, file.size)
}

func (t *track) unordered(dts int64) error {
	last := t.units[len(t.units)-1].DTS
	if dts == last {
		return damaged("track %d, sample %d has the decoding time of the sample before it, %d, which lasts 0", t.id, t.samples, dts)
	}
	return damaged("track %d, sample %d goes back in decoding time, from %d to %d", t.id, t.samples, last, dts)
}

// reserve makes room for n more samples and, when there is none left, for as
// many as the rest of the file will hold if it goes on as it began. That spares
// the copies of an index that grows, of which a long fragmented file makes many.
// Beyond n, a track takes no more than its share of what the file has bytes for.
func (t *track) reserve(file *source, at int64, n, tracks int) {
	if cap(t.units)-len(t.units) >= n {
		return
	}
	ahead := media.MulDiv(int64(len(t.units)), file.size-at, max(at, 1))
	ahead = min(ahead+ahead/8, file.room/int64(tracks))
	t.units = slices.Grow(t.units, max(n, int(ahead)))
}

// close finds out how long the last unit lasts. Many writers give it no
// duration: it then lasts as long as the one before it.
func (t *track) close() error {
	t.units = clip(t.units)
	n := len(t.units)
	if n == 0 {
		return &passedOverError{fault.New(fault.Media, "track %d has no samples: the recording was not finished; get the file again", t.id)}
	}
	t.lastDuration = t.end - t.units[n-1].DTS
	if t.lastDuration > 0 {
		return nil
	}
	if n == 1 {
		return damaged("track %d has a single sample, which lasts 0", t.id)
	}
	t.lastDuration, t.stretched = t.units[n-1].DTS-t.units[n-2].DTS, true
	return nil
}

// clip returns units without the spare room that appending leaves.
func clip(units []media.AccessUnit) []media.AccessUnit {
	if cap(units)-len(units) < len(units)/64 {
		return units
	}
	return append(make([]media.AccessUnit, 0, len(units)), units...)
}

// span returns the smallest PTS and the end of the media (see the package's comment).
func (t *track) span() (first, end int64) {
	first, last := int64(math.MaxInt64), int64(math.MinInt64)
	for _, u := range t.units {
		first, last = min(first, u.PTS()), max(last, u.PTS())
	}
	n := len(t.units)
	end = first + t.units[n-1].DTS + t.lastDuration - t.units[0].DTS
	if end <= last {
		end = last + t.lastDuration
	}
	return first, end
}
