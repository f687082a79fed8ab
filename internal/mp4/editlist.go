package mp4

import (
	"math"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// edit is a row of an edit list (ISO/IEC 14496-12, 8.6.6).
type edit struct {
	duration uint64 // in the movie's timescale
	time     int64  // in the track's timescale, emptyTime for an empty edit
	rate     int32  // 16.16
}

const (
	emptyTime  = -1      // media_time of an empty edit
	normalRate = 1 << 16 // media_rate of normal speed
)

// presentation is the part of a track that is shown, in the track's timescale.
type presentation struct{ from, to, start int64 }

// readEdits reads edts.
func (t *track) readEdits(edts box) error {
	elst, found, err := edts.find("elst")
	if err != nil || !found {
		return err
	}
	f := fieldReader{box: elst}
	version, _ := f.versionAndFlags()
	width := 12
	if version != 0 {
		width = 20
	}
	rows, err := f.table(width)
	t.edits = make([]edit, rows.count)
	for i := range t.edits {
		at := width * i
		if version == 0 {
			t.edits[i] = edit{uint64(rows.u32(at)), int64(int32(rows.u32(at + 4))), int32(rows.u32(at + 8))}
		} else {
			t.edits[i] = edit{rows.u64(at), int64(rows.u64(at + 8)), int32(rows.u32(at + 16))}
		}
	}
	return err
}

// presentation applies the edit list to the track's access units.
func (t *track) presentation(movieScale uint32) (presentation, error) {
	first, end := t.span()
	if len(t.edits) == 0 {
		from := min(0, first)
		return presentation{from: from, to: end, start: from}, nil
	}
	l := editList{track: t, movieScale: movieScale, end: end}
	if movieScale == 0 {
		return presentation{}, damaged("the box moov/mvhd gives a timescale of 0, which the edit list of track %d is measured in", t.id)
	}
	l.tolerance = max(t.lastDuration, l.scaled(1))
	for i, e := range t.edits {
		if err := l.add(i, e); err != nil {
			return presentation{}, err
		}
	}
	return l.result()
}

// editList follows an edit list that shows one contiguous part of the media.
type editList struct {
	presentation
	track      *track
	movieScale uint32
	end        int64 // of the media
	tolerance  int64 // smaller differences are rounding: a sample, or a tick of the movie's timescale
	opened     bool  // a media edit was seen
	closed     bool  // no further media edit may follow
}

// scaled converts a time from the movie's timescale to the track's, rounded to nearest.
func (l *editList) scaled(duration uint64) int64 {
	timescale, movieScale := int64(l.track.timescale), int64(l.movieScale)
	if float64(duration)/float64(movieScale)*float64(timescale) > maxTime {
		return maxTime
	}
	q, r := media.MulDivMod(int64(duration), timescale, movieScale)
	if r >= movieScale-r {
		q++
	}
	return q
}

// add applies the next edit.
func (l *editList) add(i int, e edit) error {
	switch {
	case e.time == emptyTime && !l.opened:
		l.start = min(maxTime, l.start+l.scaled(e.duration))
		return nil
	case e.time == emptyTime:
		l.closed = true // A pause after the last sample shows nothing.
		return nil
	case e.time < 0 || e.time > maxTime:
		return damaged("the edit list of track %d begins edit %d at media time %d", l.track.id, i+1, e.time)
	case e.rate != normalRate:
		return l.unsupported(i, "changes the speed", renderEdits)
	case l.closed:
		return l.unsupported(i, "shows a second part of the media, after a pause", renderEdits)
	case !l.opened:
		l.opened, l.from = true, e.time
	case max(e.time-l.to, l.to-e.time) >= l.tolerance:
		return l.unsupported(i, "shows a second part of the media", encodeEdits)
	}
	l.to = e.time + l.scaled(e.duration)
	if e.duration == 0 { // To the end of the media, as in fragmented files.
		l.to = l.end
	}
	return nil
}

// What to do about edits. Neither --encode nor ffmpeg follows pauses and changes of speed.
const (
	encodeEdits = "try --encode avc, or ffmpeg -i IN OUT.mp4"
	renderEdits = "export the file from the program that edited it as a new one, without edits"
)

func (l *editList) unsupported(i int, what, advice string) error {
	return fault.New(fault.Media, "the edit list of track %d %s (edit %d of %d), which LILO does not follow: %s",
		l.track.id, what, i+1, len(l.track.edits), advice)
}

// result returns the part that all edits together show.
func (l *editList) result() (presentation, error) {
	if !l.opened || l.to > l.end-l.tolerance {
		l.to = l.end
	}
	if l.track.handler.is("vide") {
		l.from = l.track.snap(l.from, l.scaled(1))
	}
	for _, u := range l.track.units {
		if pts := u.PTS(); pts >= l.from && pts < l.to {
			return l.presentation, nil
		}
	}
	return presentation{}, damaged("the edit list of track %d shows media time %d to %d, where it has no sample", l.track.id, l.from, l.to)
}

// snap returns the PTS of the picture that is on the screen at media time from
// if it began less than a tick of the movie's timescale earlier: a writer that
// rounds to that timescale meant to begin with that picture.
func (t *track) snap(from, tick int64) int64 {
	best := int64(math.MinInt64)
	for _, u := range t.units {
		if pts := u.PTS(); pts <= from {
			best = max(best, pts)
		}
	}
	if best > from-min(tick, t.lastDuration) {
		return best
	}
	return from
}
