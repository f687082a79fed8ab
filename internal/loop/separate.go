package loop

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// shift is what separate did.
type shift struct {
	pictures int   // that are shown at another time
	from     int64 // when the first of them is shown in the lap, in units of the track's timescale
	most     int64 // by which one of them is moved, in units of the track's timescale
	later    bool  // they are shown later, not earlier
	longer   int64 // by how much the lap is longer than its samples
}

// separate gives every picture of a lap a time of its own. Where a file is cut within
// reordered pictures, those to be shown last are there and those before them are
// not: decoding the lap takes less time than showing it, and two pictures of
// adjacent laps would be shown at one instant. What is shown after the hole then
// moves into it, so that the steps from picture to picture, and from lap to lap, stay
// the usual one. Where that is impossible, the lap becomes longer.
//
// Showing a whole file takes longer than decoding it too, if its pictures are unevenly
// spaced: the decoding times follow the presentation times some pictures behind, and
// never get to the last steps. Its lap lasts until the last picture has been shown.
func (v *Video) separate() shift {
	usual := v.usualStep()
	last, apart := v.apart()
	missing := last + usual - v.shown - v.Length // from the lap, to show its last picture for as long as usual
	switch {
	case apart && missing <= usual/4:
		return shift{}
	case apart && v.uneven():
		v.Length += missing
		return shift{}
	}
	order := v.presented()
	if at := v.closeUp(order, usual); at != nil {
		return v.move(order, at)
	}
	at := v.spreadOut(order, usual)
	s := v.move(order, at)
	s.later, s.longer = true, max(0, at[len(at)-1]+usual-v.shown-v.Length)
	v.Length += s.longer
	return s
}

// usualStep returns how long the last picture of a lap is shown where nothing else
// says so: the duration of the last sample, but no more than the mean. It is 1 or more.
func (v *Video) usualStep() int64 {
	n := int64(len(v.units))
	return max(1, min((v.Length+n-1)/n, v.Length-(v.units[n-1].DTS-v.start)))
}

// uneven reports whether the pictures are spaced so unevenly that a long step from one
// to the next does not tell that some are missing: more than a sixteenth of the steps
// differ from the mean by more than half of it. Recorders that drop a few pictures
// stay below that.
func (v *Video) uneven() bool {
	n := len(v.units) - 1
	if n < 1 {
		return false
	}
	mean, odd := (v.units[n].DTS-v.start)/int64(n), 0
	for i := range n {
		if d := v.units[i+1].DTS - v.units[i].DTS - mean; max(d, -d) > mean/2 {
			odd++
		}
	}
	return odd > n/16
}

// apart returns when the last picture is shown, and whether no two pictures are shown
// at one instant and none behind a random access point that it is decoded before.
func (v *Video) apart() (last int64, apart bool) {
	last, apart, ok := v.inOrder()
	if !ok {
		last, apart = v.sorted()
	}
	shown := v.shown - 1
	for _, u := range v.units {
		if u.RandomAccess() && shown >= u.PTS() {
			return last, false
		}
		shown = max(shown, u.PTS())
	}
	return last, apart
}

// inOrder returns when the last picture is shown, and whether no two are shown at one
// instant. ok is false where they are reordered farther than times looks.
func (v *Video) inOrder() (last int64, apart, ok bool) {
	last = math.MinInt64
	for next := range v.times() {
		if next <= last {
			return last, false, next == last
		}
		last = next
	}
	return last, true, true
}

// times returns when the pictures are shown, in rising order. It looks at the pictures that a
// decoder may hold at a time: if they are reordered farther than that, a time falls.
func (v *Video) times() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		const held = 64
		window := make([]int64, 0, 32*held) // rising from head on
		head := 0
		for i := 0; i < len(v.units) || head < len(window); i++ {
			if i < len(v.units) {
				window = append(window, v.at(i).PTS())
				for j := len(window) - 1; j > head && window[j] < window[j-1]; j-- {
					window[j], window[j-1] = window[j-1], window[j]
				}
				if len(window)-head <= held {
					continue
				}
			}
			if !yield(window[head]) {
				return
			}
			if head++; len(window) == cap(window) {
				window, head = append(window[:0], window[head:]...), 0
			}
		}
	}
}

// sorted is inOrder for any order.
func (v *Video) sorted() (last int64, apart bool) {
	times := make([]int64, len(v.units))
	for i, u := range v.units {
		times[i] = u.PTS()
	}
	slices.Sort(times)
	return times[len(times)-1], len(slices.Compact(times)) == len(times)
}

// presented returns the units of a lap in the order in which they are shown. What is
// decoded before a random access point is shown before it (ISO/IEC 14496-10, C.4;
// 23008-2, C.5.2.2), whatever the times say, as where recordings are joined.
func (v *Video) presented() []int {
	order := make([]int, len(v.units))
	part := make([]int32, len(v.units)) // of the lap; one is shown after another
	shown, parts := v.shown-1, int32(0)
	for i, u := range v.units {
		if u.RandomAccess() && shown >= u.PTS() {
			shown, parts = u.PTS(), parts+1
		}
		order[i], part[i], shown = i, parts, max(shown, u.PTS())
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(part[a], part[b]), cmp.Compare(v.units[a].PTS(), v.units[b].PTS()))
	})
	return order
}

// step returns the time from unit a to unit b, which is shown next: that of the file,
// but no more than the usual one.
func (v *Video) step(a, b int, usual int64) int64 {
	if d := v.units[b].PTS() - v.units[a].PTS(); d > 0 {
		return min(d, usual)
	}
	return usual
}

// closeUp returns when the pictures are shown if those that come too late move before
// the end of the lap, and those before them as far as needed. It returns nil if the
// first one moves.
func (v *Video) closeUp(order []int, usual int64) []int64 {
	at := make([]int64, len(order))
	until := v.shown + v.Length - usual
	for i := len(order) - 1; i >= 0; i-- {
		u := order[i]
		if i < len(order)-1 {
			until = at[i+1] - v.step(u, order[i+1], usual)
		}
		at[i] = min(v.units[u].PTS(), until)
	}
	if at[0] < v.shown {
		return nil
	}
	return at
}

// spreadOut returns when the pictures are shown if none is shown earlier.
func (v *Video) spreadOut(order []int, usual int64) []int64 {
	at := make([]int64, len(order))
	for i, u := range order {
		at[i] = v.units[u].PTS()
		if i > 0 {
			at[i] = max(at[i], at[i-1]+v.step(order[i-1], u, usual))
		}
	}
	return at
}

// move shows the pictures at other times.
func (v *Video) move(order []int, at []int64) shift {
	var s shift
	first := len(v.units)
	for i, u := range order {
		if d := at[i] - v.units[u].PTS(); d != 0 {
			if s.pictures++; s.pictures == 1 {
				s.from = at[i] - at[0]
			}
			s.most, first = max(s.most, d, -d), min(first, u)
		}
	}
	v.moved = slices.Clone(v.units[first:])
	for i, u := range order {
		if u >= first {
			v.moved[u-first].CTO = int32(at[i] - v.units[u].DTS)
			v.lowest = min(v.lowest, v.moved[u-first].CTO)
		}
	}
	return s
}

// notes says what has moved.
func (s shift) notes(v *Video) []media.Note {
	t := v.Track
	seconds := float64(s.most) / float64(t.Timescale)
	switch {
	case s.later && s.pictures == 0:
		return []media.Note{media.NewNote(media.NotePictureTimes, t.ID,
			"video track %d: showing the pictures takes longer than decoding them: the last of a lap is decoded %.3f s longer than the file says; --encode avc spaces them evenly",
			t.ID, float64(s.longer)/float64(t.Timescale))}
	case s.later:
		return []media.Note{media.NewNote(media.NotePictureTimes, t.ID,
			"video track %d: %s shown up to %.3f s later, and the lap is %.3f s longer; --encode avc spaces the pictures evenly",
			t.ID, countOf(s.pictures, "1 picture collides in time with another, or with the next lap: it is", "%d pictures collide in time with others, or with the next lap: they are"), seconds, float64(s.longer)/float64(t.Timescale))}
	case s.pictures > 0:
		return []media.Note{media.NewNote(media.NotePictureTimes, t.ID,
			"video track %d: pictures are missing where the file was cut, %.3f s into the lap; the gap is closed by showing %s behind it up to %.3f s earlier",
			t.ID, float64(s.from)/float64(t.Timescale), pictureCount(s.pictures), seconds)}
	}
	return nil
}
