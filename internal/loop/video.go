package loop

import (
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Video is the video of one lap.
type Video struct {
	Track *media.Track
	// Length is the lap's duration in units of the track's timescale: the sum of the
	// units' own durations.
	Length int64
	// Open says that the lap does not begin with a media.Refresh.
	Open bool
	// units are the access units of a lap in decoding order, with the file's times.
	units []media.AccessUnit
	// first is the index in the track of the first unit, lost those of the units that
	// are left out after it, rising.
	first int
	lost  []int
	// start is the DTS of the first unit, lowest the smallest composition offset or 0.
	start  int64
	lowest int32
	// shown is the smallest PTS on the media's timeline.
	shown int64
}

// Shown returns the time from the DTS of the lap's first unit to the presentation
// of its first picture, in units of the track's timescale.
func (v *Video) Shown() int64 { return v.shown - v.start - int64(v.lowest) }

// Len returns the number of access units in a lap.
func (v *Video) Len() int { return len(v.units) }

// Index returns the lap of a unit and its index in that lap.
func (v *Video) Index(unit UnitNumber) (LapNumber, int) {
	lap := media.FloorDiv(int64(unit), int64(len(v.units)))
	return LapNumber(lap), int(unit) - int(lap)*len(v.units)
}

// DTS returns when a unit is decoded after the beginning of lap 0, in units of the
// track's timescale.
func (v *Video) DTS(unit UnitNumber) int64 {
	lap, u := v.Index(unit)
	return int64(lap)*v.Length + v.units[u].DTS - v.start
}

// PTS returns when a unit is presented after the beginning of lap 0, in units of
// the track's timescale.
func (v *Video) PTS(unit UnitNumber) int64 {
	_, u := v.Index(unit)
	return v.DTS(unit) + int64(v.units[u].CTO-v.lowest)
}

// LongestWait returns the longest time between random access points, across the lap
// too: how long a receiver that joins waits at most.
func (v *Video) LongestWait() media.Rational {
	var last, longest int64
	for _, u := range v.units {
		if u.RandomAccess() {
			longest, last = max(longest, u.DTS-v.start-last), u.DTS-v.start
		}
	}
	return media.Rational{Num: max(longest, v.Length-last), Den: int64(v.Track.Timescale)}
}

// Unit returns access unit u of a lap, 0 ≤ u < Len, in decoding order. Its DTS is
// 0 for the first one, in units of the track's timescale. Its PTS is never before
// its DTS: ISO/IEC 13818-1, 2.4.3.7 has no negative composition offsets, so where
// a file has them its pictures are decoded earlier.
func (v *Video) Unit(u int) media.AccessUnit {
	x := v.units[u]
	x.DTS -= v.start
	x.CTO -= v.lowest
	return x
}

// Stored returns the access units of a lap with the file's times. Use only their
// offsets and sizes.
func (v *Video) Stored() []media.AccessUnit { return v.units }

// Marks returns the marks of unit u of a lap, 0 ≤ u < Len.
func (v *Video) Marks(u int) media.Marks {
	var marks media.Marks
	if v.units[u].RandomAccess() {
		marks = media.RandomAccess
	}
	if u == 0 {
		marks |= media.LapStart
	}
	if u == len(v.units)-1 {
		marks |= media.LapEnd
	}
	return marks
}

// Place returns the place of a unit in the stream.
func (v *Video) Place(unit UnitNumber) media.Place {
	lap, u := v.Index(unit)
	return media.Place{
		Marks: v.Marks(u), Lap: int64(lap), Sample: v.sample(u),
		Time: int64(lap)*v.Length + v.units[u].PTS() - v.shown,
	}
}

// sample returns the index in the track of unit u of a lap.
func (v *Video) sample(u int) int {
	i := v.first + u
	for _, lost := range v.lost {
		if lost <= i {
			i++
		}
	}
	return i
}

// movieTime returns when the first picture is presented on the movie's timeline.
func (v *Video) movieTime() media.Rational {
	return media.Rational{Num: v.Track.Start + v.shown - v.Track.From, Den: int64(v.Track.Timescale)}
}

// newVideo finds the units of a lap: from the first random access point that the
// file presents to the last picture that can be decoded and is presented.
func newVideo(a *media.Asset) (*Video, []media.Note, error) {
	t := a.Video
	first, picture, err := firstRefresh(a)
	if err != nil {
		return nil, nil, err
	}
	end := lapEnd(t, first)
	v := &Video{Track: t, Open: picture != media.Refresh, first: first, units: t.Units[first:end:end]}
	if v.Open {
		if v.units, v.lost, err = dropLeading(a, first, end); err != nil {
			return nil, nil, err
		}
	}
	v.start = v.units[0].DTS
	v.Length = t.Units[end-1].DTS + t.Duration(end-1) - v.start
	v.shown = v.units[0].PTS()
	for _, u := range v.units {
		v.lowest = min(v.lowest, u.CTO)
		v.shown = min(v.shown, u.PTS())
	}
	return v, videoNotes(t, first, end, len(v.lost)), nil
}

// firstRefresh returns the first unit that a lap can begin with: a recovery point
// only where the file has no other random access point.
func firstRefresh(a *media.Asset) (int, media.Picture, error) {
	t := a.Video
	open := -1
	var buf []byte
	for i, u := range t.Units {
		if !u.RandomAccess() || u.PTS() < t.From || u.PTS() >= t.To {
			continue
		}
		var err error
		if buf, err = a.ReadUnit(t, i, buf); err != nil {
			return 0, 0, fault.Of(fault.Source, err)
		}
		p, err := t.Video().Picture(buf)
		if err != nil {
			return 0, 0, fault.New(fault.Media, "video track %d, sample %d: %w", t.ID, i+1, err)
		}
		switch {
		case p == media.Refresh || p == media.OpenRefresh:
			return i, p, nil
		case (p == media.RecoveryPoint || p == media.IntraOnly) && open < 0:
			open = i
		}
	}
	if open < 0 {
		return 0, 0, fault.New(fault.Media,
			"video track %d has no picture that decoding can begin with: it cannot repeat without encoding (--encode)", t.ID)
	}
	return open, media.RecoveryPoint, nil
}

// lapEnd returns the index after the last unit of the lap: the first unit, in
// decoding order, that the file no longer presents. Later units may depend on it.
func lapEnd(t *media.Track, first int) int {
	for i := first + 1; i < len(t.Units); i++ {
		if t.Units[i].PTS() >= t.To {
			return i
		}
	}
	return len(t.Units)
}

// dropLeading returns the units first to end without the leading pictures of the
// first one that refer to the GOP before it, and the indices of these. The remaining units take the last of
// the decoding times, so that the steps between them do not change.
func dropLeading(a *media.Asset, first, end int) ([]media.AccessUnit, []int, error) {
	t := a.Video
	lost, err := undecodable(a, first, end)
	if err != nil || len(lost) == 0 {
		return t.Units[first:end:end], nil, err
	}
	last := lost[len(lost)-1]
	kept := make([]media.AccessUnit, 0, end-first-len(lost))
	for i := first; i <= last; i++ {
		if !slices.Contains(lost, i) {
			kept = append(kept, t.Units[i])
		}
	}
	takeLastTimes(kept, t.Units[first:last+1])
	return append(kept, t.Units[last+1:end]...), lost, nil
}

// undecodable returns the indices of the leading pictures of unit first that
// refer to pictures before it, in rising order.
func undecodable(a *media.Asset, first, end int) ([]int, error) {
	t := a.Video
	var lost []int
	var buf []byte
	for i := first + 1; i < min(end, first+maxLeading); i++ {
		if t.Units[i].PTS() >= t.Units[first].PTS() {
			continue
		}
		var err error
		if buf, err = a.ReadUnit(t, i, buf); err != nil {
			return nil, fault.Of(fault.Source, err)
		}
		if p, err := t.Video().Picture(buf); err != nil || p != media.DecodableLeading {
			lost = append(lost, i)
		}
	}
	return lost, nil
}

// maxLeading bounds how far after a random access point its leading pictures are
// searched: a decoded picture buffer holds at most 16 pictures (H.264, A.3.1;
// HEVC, A.4.2), and fields double them.
const maxLeading = 64

// takeLastTimes gives the kept units the last decoding times of all, unless one
// would be decoded after its presentation.
func takeLastTimes(kept, all []media.AccessUnit) {
	shift := len(all) - len(kept)
	moved := make([]media.AccessUnit, len(kept))
	for i, u := range kept {
		pts := u.PTS()
		u.DTS = all[shift+i].DTS
		u.CTO = int32(pts - u.DTS)
		if u.CTO < 0 {
			return
		}
		moved[i] = u
	}
	copy(kept, moved)
}

func videoNotes(t *media.Track, first, end, dropped int) []media.Note {
	var notes []media.Note
	seconds := func(from, to int) float64 {
		return float64(t.Units[to].DTS-t.Units[from].DTS) / float64(t.Timescale)
	}
	if first > 0 {
		notes = append(notes, media.NewNote(media.NoteLapStart, t.ID,
			"video track %d: the lap begins with picture %d, %.3f s into the file, the first one that decoding can begin with",
			t.ID, first+1, seconds(0, first)))
	}
	if dropped > 0 {
		notes = append(notes, media.NewNote(media.NotePicturesDropped, t.ID,
			"video track %d: %d leading pictures of the open GOP at the start are dropped, they cannot be decoded after the end of a lap", t.ID, dropped))
	}
	if end < len(t.Units) {
		notes = append(notes, media.NewNote(media.NoteLapEnd, t.ID,
			"video track %d: the edit list ends the lap %d pictures before the end of the file", t.ID, len(t.Units)-end))
	}
	return notes
}
