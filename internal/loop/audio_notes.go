package loop

import (
	"fmt"
	"math"

	"github.com/lilo-live/lilo/internal/media"
)

// notes lists what of the track is not sent and where silence takes its place. At
// either end of the lap, up to a unit is nothing that anybody hears.
func (a *Audio) notes(left leftOut) []media.Note {
	var notes []media.Note
	add := func(kind media.NoteKind, format string, args ...any) {
		notes = append(notes, media.NewNote(kind, a.Track.ID, fmt.Sprintf("audio track %d: ", a.Track.ID)+format, args...))
	}
	last := a.runs[len(a.runs)-1]
	if left.early > 1 {
		add(media.NoteSoundCut, "its first %.3f s are cut off, they come before the lap", a.seconds(left.early))
	}
	if left.late > 1 {
		add(media.NoteSoundCut, "its last %.3f s are cut off, it is longer than the lap", a.seconds(left.late))
	}
	if n := a.runs[0].at; n > 1 {
		add(media.NoteSoundFilled, "%.3f s of silence are played before it, it begins later than the lap", a.seconds(n))
	}
	if n := a.Floor - last.at - last.count; n > 1 {
		add(media.NoteSoundFilled, "%.3f s of silence are played after it, it is shorter than the lap", a.seconds(n))
	}
	count, units, first := a.gaps()
	if units+left.together > 0 {
		if off, seconds := a.clock(); off != 0 {
			add(media.NoteSoundClock, "its clock is off by %+.2f %%, %.3f s in all, which clicks: --encode avc resamples it", 100*off, seconds)
		}
	}
	if count == 1 {
		add(media.NoteSoundFilled, "a gap is filled with silence, %.3f s from %.3f s into the lap on", a.seconds(units), a.seconds(first))
	} else if count > 1 {
		add(media.NoteSoundFilled, "%d gaps are filled with silence, %.3f s in all, the first one %.3f s into the lap", count, a.seconds(units), a.seconds(first))
	}
	if left.together == 1 {
		add(media.NoteSoundCut, "one of its access units is left out, it begins before the one before it ends")
	} else if left.together > 1 {
		add(media.NoteSoundCut, "%d of its access units are left out, %.3f s in all, they begin before the ones before them end", left.together, a.seconds(left.together))
	}
	return notes
}

// seconds returns how long so many units last.
func (a *Audio) seconds(units int) float64 {
	c := a.Track.Audio()
	return float64(units) * float64(c.FrameSamples()) / float64(c.SampleRate())
}

// gaps returns how many stretches of silence interrupt a lap, how many units they are
// together, and the place of the first one.
func (a *Audio) gaps() (count, units, first int) {
	for i := 1; i < len(a.runs); i++ {
		from := a.runs[i-1].at + a.runs[i-1].count
		n := a.runs[i].at - from
		if n == 0 {
			continue
		}
		if count == 0 {
			first = from
		}
		count++
		units += n
	}
	return count, units, first
}

// clock returns by which part the times of the track run slower than its samples, and
// by how many seconds in all: 0 if what the units lie apart does not say so. Steps
// that are no unit's, such as gaps, do not count.
func (a *Audio) clock() (off, seconds float64) {
	const (
		minOff  = 0.0005 // times are rounded
		maxStep = 0.1    // further from a unit, it is a gap
	)
	t := a.Track
	unit := a.seconds(1) * float64(t.Timescale)
	sum, n := 0.0, 0
	for i := 1; i < len(t.Units); i++ {
		if step := float64(t.Units[i].PTS() - t.Units[i-1].PTS()); math.Abs(step-unit) < maxStep*unit {
			sum += step
			n++
		}
	}
	if n < len(t.Units)/2 {
		return 0, 0
	}
	off = sum/(float64(n)*unit) - 1
	seconds = math.Abs(off) * a.seconds(n)
	if math.Abs(off) < minOff || seconds < a.seconds(1)/2 {
		return 0, 0
	}
	return off, seconds
}
