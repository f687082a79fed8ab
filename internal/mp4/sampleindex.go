package mp4

import (
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// maxTime bounds every time on a media timeline, so that no sum of two overflows.
const maxTime = 1 << 60

// sampleIndex collects the access units of one track in decoding order, first
// from its sample table and then from fragments.
type sampleIndex struct {
	units        []media.AccessUnit
	samples      int64    // so far, including those left out
	empty        int64    // samples without bytes, which are skipped
	end          int64    // DTS of the next sample
	lastDuration int64    // of the last sample
	usual        majority // of the durations that are not 0
	ranges       []entryRange
	used         []uint32 // numbers of the different sample entries in use
	entryBase    uint32   // what fragments' numbers of sample entries count from
	together     int      // samples with the decoding time of the one before, before spread
	mended       int      // samples whose times spread changed
	moved        []moved
	firstMended  int64 // DTS of the first of them

	// In fragments:
	fragmented bool  // samples that the file cuts off are left out
	lost       int64 // how many
	earliest   int64 // DTS of the next sample of sound; what comes before is there already
	gaps       []gap
	overlapped int   // fragments that began before the end of the one before
	shift      int64 // from the times of fragments to those of units
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
// time: a transport stream has no empty access unit.
func (t *track) add(file *fileReader, s sample) error {
	t.samples++
	dts := t.end
	if s.duration > math.MaxInt32 { // Written as a signed difference, which must not go back.
		s.duration = t.insteadOfNegative(dts)
	}
	if t.lastDuration = int64(s.duration); t.lastDuration > 0 {
		t.usual.add(t.lastDuration)
	}
	t.end += t.lastDuration
	if s.size == 0 {
		t.empty++
		return nil
	}
	if s.offset < 0 || s.offset > file.size-int64(s.size) || s.size > media.MaxUnitSize {
		return t.beyond(file, s)
	}
	if dts+t.lastDuration/2 < t.earliest || t.lost > 0 {
		return nil
	}
	if n := len(t.units); n > 0 && dts <= t.units[n-1].DTS {
		if dts < t.units[n-1].DTS {
			return damaged("track %d, sample %d goes back in decoding time, from %d to %d", t.id, t.samples, t.units[n-1].DTS, dts)
		}
		t.together++
	}
	if t.end > maxTime {
		return damaged("track %d, sample %d lasts %d units of 1/%d s, up to %d", t.id, t.samples, s.duration, t.timescale, t.end)
	}
	t.units = append(t.units, media.NewAccessUnit(s.offset, dts, s.cto, int(s.size), s.sync))
	return nil
}

// insteadOfNegative returns how long a sample lasts whose duration is no duration: as
// long as most before it.
func (t *track) insteadOfNegative(dts int64) uint32 {
	if t.mended == 0 {
		t.firstMended = dts
	}
	t.mended++
	return uint32(t.usual.value)
}

// beyond returns an error about a sample that does not lie in the file. In
// fragments, the recording may have been cut off.
func (t *track) beyond(file *fileReader, s sample) error {
	if t.fragmented && s.offset >= 0 {
		t.lost++
		t.end -= t.lastDuration
	}
	return &beyondError{fault.New(fault.Media, "track %d, sample %d lies at byte %d and has %d bytes, beyond the end of the file at %d: the file is cut off; get it again",
		t.id, t.samples, s.offset, s.size, file.size)}
}

// beyondError is an error about a sample that lies beyond the end of the file.
type beyondError struct{ error }

func (e *beyondError) Unwrap() error { return e.error }

// reserve makes room for n more samples. If none is left, it makes room for as
// many as the rest of the file will hold if it continues as it began, which
// saves most copies of the growing index of a long fragmented file. Beyond n, a
// track takes no more than its share of the file's sample budget.
func (t *track) reserve(file *fileReader, at int64, n, tracks int) {
	if cap(t.units)-len(t.units) >= n {
		return
	}
	ahead := media.MulDiv(int64(len(t.units)), file.size-at, max(at, 1))
	ahead = min(ahead+ahead/8, file.sampleBudget/int64(tracks))
	t.units = slices.Grow(t.units, max(n, int(ahead)))
}

// finish completes the units: no two are decoded at one time, and the last one lasts.
func (t *track) finish() error {
	t.units = shrink(t.units)
	n := len(t.units)
	switch {
	case n == 0 && t.lost > 0:
		return &skipTrackError{fault.New(fault.Media, "track %d has no whole sample: the file is cut off; get it again", t.id)}
	case n == 0:
		return &skipTrackError{fault.New(fault.Media, "track %d has no samples: the recording was not finished; get the file again", t.id)}
	}
	t.lastDuration = t.end - t.units[n-1].DTS
	if t.together == 0 && t.lastDuration > 0 {
		return nil
	}
	return t.spread()
}

// shrink returns units without the spare capacity that appending leaves.
func shrink(units []media.AccessUnit) []media.AccessUnit {
	if cap(units)-len(units) < len(units)/64 {
		return units
	}
	return append(make([]media.AccessUnit, 0, len(units)), units...)
}

// span returns the smallest PTS and the end of the media (see the package comment).
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
