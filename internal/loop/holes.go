package loop

import (
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// holes are places of a lap at which a picture holds for so long that some are missing.
type holes struct {
	count int
	// How long they last in all, and where the first one begins in the lap, in units of the
	// track's timescale.
	total, from int64
}

// holes finds where the next picture comes later than TR 101 290 allows (5.2.2, 2.5: 700 ms), and
// than four pictures of the lap last: a slide show has none.
func (v *Video) holes() holes {
	var h holes
	usual := v.Length / int64(len(v.units))
	last := v.shown
	look := func(next int64) {
		if step := next - last; 10*step > 7*int64(v.Track.Timescale) && step > 4*usual {
			if h.count++; h.count == 1 {
				h.from = last - v.shown
			}
			h.total += step - usual
		}
		last = next
	}
	for next := range v.times() {
		look(next)
	}
	look(v.shown + v.Length)
	return h
}

// notes says where pictures are missing, but not where the asset's notes do.
func (h holes) notes(v *Video, a *media.Asset) []media.Note {
	t := v.Track
	if h.count == 0 || slices.ContainsFunc(a.Notes, func(n media.Note) bool { return n.Kind == media.NoteGaps && n.Track == t.ID }) {
		return nil
	}
	return []media.Note{media.NewNote(media.NoteGaps, t.ID,
		"video track %d: pictures are missing in %s, %.3f s in all, the first one %.3f s into the lap: the picture before each holds, for longer than the 0.7 s of TR 101 290 (PTS_error); --encode avc repeats it",
		t.ID, countOf(h.count, "1 place", "%d places"), float64(h.total)/float64(t.Timescale), float64(h.from)/float64(t.Timescale))}
}
