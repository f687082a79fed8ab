package loop

import (
	"fmt"
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
	// KeepES asks for the bytes of the samples as they are: see media.Place. Set it before
	// the loop is shared.
	KeepES bool
	// Open says that the lap does not begin with a media.Refresh.
	Open bool
	// units are the access units of a lap in decoding order, with the file's times.
	// The last ones are shown at the times of moved, if there are any.
	units, moved []media.AccessUnit
	// first is the index in the track of the first unit, lost those of the units that
	// are left out after it, rising.
	first int
	lost  []int
	// seam is 1 more than the idr_pic_id that the last picture takes, 0 to keep its own.
	seam uint32
	// start is the DTS of the first unit, lowest the smallest composition offset or 0.
	start  int64
	lowest int32
	// shown is the smallest PTS on the media's timeline.
	shown int64
	// count is how far a lap counts that begins with no refresh, or how far the units
	// before the first refresh in it, which is unit refresh if that is not 0, are behind
	// the end of the lap.
	count   media.Count
	refresh int
	head    media.Head
}

// Shown returns the time from the DTS of the lap's first unit to the presentation
// of its first picture, in units of the track's timescale.
func (v *Video) Shown() int64 { return v.shown - v.start - int64(v.lowest) }

// Len returns the number of access units in a lap.
func (v *Video) Len() int { return len(v.units) }

// Index returns the lap of a unit and its index in that lap.
func (v *Video) Index(unit UnitNumber) (LapNumber, int) {
	if uint64(unit) < uint64(len(v.units)) { // Planning asks for lap 0 most of the time.
		return 0, int(unit)
	}
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
	return v.DTS(unit) + int64(v.at(u).CTO-v.lowest)
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
	x := v.at(u)
	x.DTS -= v.start
	x.CTO -= v.lowest
	return x
}

// at returns unit u of a lap with the times at which it is played, on the media's timeline.
func (v *Video) at(u int) media.AccessUnit {
	if i := u - len(v.units) + len(v.moved); i >= 0 {
		return v.moved[i]
	}
	return v.units[u]
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
		if v.seam > 0 && !v.KeepES {
			marks |= media.Renumbered
		}
	}
	return marks
}

// Place returns the place of a unit in the stream.
func (v *Video) Place(unit UnitNumber) media.Place {
	lap, u := v.Index(unit)
	begin, marks := int64(lap)*v.Length, v.Marks(u)
	return media.Place{
		Marks: marks, PictureID: v.pictureID(lap, marks), Lap: int64(lap), Sample: v.sample(u),
		Time: begin + v.at(u).PTS() - v.shown, LapTime: begin, Timescale: int64(v.Track.Timescale),
		KeepES: v.KeepES, Count: v.counted(lap, u), HeadFrame: v.headFrame(u),
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

// newVideo finds the units of a lap and when they are shown. by is what says which part of the
// file is presented.
func newVideo(a *media.Asset, by string) (*Video, []media.Note, error) {
	from, end := shownUnits(a.Video)
	s := starter{asset: a, track: a.Video, end: end}
	begin, err := s.lapStart(from)
	if err != nil {
		return nil, nil, err
	}
	v, shift := newLap(a.Video, begin, end)
	if begin.counts() {
		if err := v.countOn(&s); err != nil {
			return nil, nil, err
		}
	}
	if begin.counts() && v.count == (media.Count{}) {
		if begin, err = s.refresh(begin); err != nil {
			return nil, nil, err
		}
		v, shift = newLap(a.Video, begin, end)
	}
	notes := slices.Concat(v.notes(from, end, by), shift.notes(v), v.holes().notes(v, a))
	if begin.counts() && v.count == (media.Count{}) {
		notes = append(notes, v.seamNote())
	}
	return v, notes, v.numberSeam(a)
}

// newLap returns the lap from a start to unit end − 1 of a track.
func newLap(t *media.Track, s start, end int) (*Video, shift) {
	end = max(end, s.unit+1)
	v := &Video{Track: t, Open: s.picture != media.Refresh, first: s.unit, units: t.Units[s.unit:end:end]}
	if len(s.lost) > 0 {
		v.units, v.lost = without(v.units, s.unit, s.lost), s.lost
	}
	v.start = v.units[0].DTS
	v.Length = t.Units[end-1].DTS + t.Duration(end-1) - v.start
	v.shown = v.units[0].PTS()
	for _, u := range v.units {
		v.lowest = min(v.lowest, u.CTO)
		v.shown = min(v.shown, u.PTS())
	}
	return v, v.separate()
}

// seamCoding is a coding in which two pictures in a row that reset the decoder must
// differ in their number.
type seamCoding interface {
	// SeamID returns the number that the last sample of a lap must have, given the first
	// one and the one before it. ok is false if it may keep its own.
	SeamID(first, before, last []byte) (id uint32, ok bool)
}

// numberSeam finds the number of the last picture.
func (v *Video) numberSeam(a *media.Asset) error {
	c, ok := v.Track.Coding.(seamCoding)
	n := len(v.units)
	if !ok || !v.units[0].RandomAccess() || !v.units[n-1].RandomAccess() {
		return nil
	}
	var samples [3][]byte
	for i, u := range [...]int{0, n - 2, n - 1} {
		if u < 0 {
			continue
		}
		var err error
		if samples[i], err = a.ReadUnit(v.Track, v.sample(u), nil); err != nil {
			return fault.Of(fault.Source, err)
		}
	}
	if id, ok := c.SeamID(samples[0], samples[1], samples[2]); ok {
		v.seam = id + 1
	}
	return nil
}

// pictureID returns the PictureID of a unit. The only picture of a lap changes its number
// in every other lap.
func (v *Video) pictureID(lap LapNumber, marks media.Marks) uint32 {
	if marks&media.Renumbered == 0 || len(v.units) == 1 && lap&1 == 0 {
		return 0
	}
	return v.seam
}

// shownUnits returns the first of the units that the file presents, and the index
// after the last one, in decoding order.
func shownUnits(t *media.Track) (first, end int) {
	first = -1
	for i, u := range t.Units {
		if pts := u.PTS(); pts >= t.From && pts < t.To {
			if end = i + 1; first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return 0, len(t.Units)
	}
	return first, end
}

// seamNote says which pictures a receiver may lose where a lap begins with a
// picture that does not reset its decoder.
func (v *Video) seamNote() media.Note {
	next := 1
	for next < len(v.units) && !v.units[next].RandomAccess() {
		next++
	}
	return media.NewNote(media.NoteLapSeam, v.Track.ID,
		"video track %d: the lap begins with a recovery point, not with an IDR picture: from the second lap on, receivers may not show %s, up to the next random access point; --encode avc shows all",
		v.Track.ID, countOf(next, "its first picture", "some of its first %d pictures"))
}

// countOf returns one, or many with the number n in it.
func countOf(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}

func pictureCount(n int) string { return countOf(n, "1 picture", "%d pictures") }

// notes says what of the file a lap does not show as its edit list says, or by in its place.
// The file presents units from to end − 1.
func (v *Video) notes(from, end int, by string) []media.Note {
	t := v.Track
	var notes []media.Note
	note := func(kind media.NoteKind, format string, args ...any) {
		notes = append(notes, media.NewNote(kind, t.ID, "video track %d: "+format, append([]any{t.ID}, args...)...))
	}
	seconds := func(ticks int64) float64 { return float64(ticks) / float64(t.Timescale) }
	if v.first > from {
		note(media.NoteLapStart, "the lap begins with picture %d, %.3f s into the file, the first one that decoding can begin with",
			v.first+1, seconds(t.Units[v.first].DTS-t.Units[0].DTS))
	}
	lost := slices.DeleteFunc(slices.Clone(v.lost), func(i int) bool { return t.Units[i].PTS() < t.From || t.Units[i].PTS() >= t.To })
	if n := len(lost); n > 0 {
		note(media.NotePicturesDropped, "%s cannot be decoded after the end of a lap",
			countOf(n, "1 leading picture of the open GOP at the start is dropped, it", "%d leading pictures of the open GOP at the start are dropped, they"))
	}
	exactly := "--encode avc cuts exactly"
	if by != editList {
		exactly = "clip it at random access points to leave them out"
	}
	before, after, begin := 0, 0, t.To
	for _, u := range v.units {
		switch pts := u.PTS(); {
		case pts < t.From:
			before++
		case pts >= t.To:
			after++
		default:
			begin = min(begin, pts)
		}
	}
	if before > 0 {
		note(media.NotePicturesAdded, "the %s begins within a GOP: the lap shows %s (%.3f s) before it too, from the random access point on; %s",
			by, pictureCount(before), seconds(begin-v.shown), exactly)
	}
	if after > 0 {
		note(media.NotePicturesAdded, "the %s ends within a GOP: the lap shows %s; %s",
			by, countOf(after, "1 picture after it too, because others refer to it", "%d pictures after it too, because others refer to them"), exactly)
	}
	if by == editList && end < len(t.Units) {
		note(media.NoteLapEnd, "the edit list ends the lap %s before the end of the file", pictureCount(len(t.Units)-end))
	}
	return notes
}
