package mp4

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/media"
)

// join continues the selected tracks with those of a further moov box, h: a second
// recording behind the first one. It returns false if that cannot be.
func (m *movie) join(file *fileReader, h boxHeader) (joined bool, err error) {
	if h.truncated(file) {
		m.note(media.NoteCutOff, "the file ends at byte %d, within a second moov box at byte %d: only the recording before it is played", file.size, h.offset)
		return false, nil
	}
	moov, err := file.load(h)
	if err != nil {
		return false, err
	}
	if moov, err = decompressed(moov); err != nil {
		return false, err
	}
	next, err := newMovie(moov)
	if err != nil {
		return false, err
	}
	s, err := next.selectTracks()
	why := "it cannot be played"
	if err == nil {
		why = m.differs(s)
	}
	if why != "" {
		m.noteSecond(max(m.origin, firstRecording(file, m.offset)), "played, because "+why)
		return false, nil
	}
	m.continueWith(s)
	m.note(media.NoteJoined, "a second recording begins at byte %d: it is played after the first one", h.offset)
	return true, nil
}

// noteSecond notes a second recording that begins at a byte of the file and is not
// played or encoded.
func (m *movie) noteSecond(at int64, what string) {
	m.note(media.NoteJoined, "a second recording begins at byte %d and is not %s: cut the file there, with head -c %d IN > 1.mp4 and tail -c +%d IN > 2.mp4, and play both as a playlist",
		at, what, at, at+1)
}

// firstRecording returns where the recording ends whose moov box is at an offset: where
// another moov box with its media begins, or the ftyp box before them.
func firstRecording(file *fileReader, moov int64) (end int64) {
	second, described, media := int64(-1), false, false
	for h, err := range file.boxes(moov) {
		switch {
		case err != nil:
			return file.size
		case h.offset == moov:
			continue
		case h.kind.is("ftyp"):
			second, described, media = h.offset, false, false
		case h.kind.is("moov") && second < 0:
			second, described, media = h.offset, true, false
		case h.kind.is("moov"):
			described = true
		case h.kind.is("moof", "mdat"):
			media = true
		}
		if second >= 0 && described && media {
			return second
		}
	}
	return file.size
}

// differs says why the tracks of a selection cannot continue those of the movie, "" if they can.
func (m *movie) differs(s selection) string {
	old, next := m.selection.tracks(), s.tracks()
	if (m.selection.video == nil) != (s.video == nil) || len(old) != len(next) {
		return "it has other tracks"
	}
	for i, t := range old {
		n := next[i]
		switch {
		case n.table.sizes.count > 0:
			return "its samples do not lie in fragments"
		case n.timescale != t.timescale:
			return fmt.Sprintf("its track %d counts in 1/%d s instead of 1/%d s", n.id, n.timescale, t.timescale)
		case n.firstEntry().codec != t.firstEntry().codec:
			return fmt.Sprintf("its track %d is %s instead of %s", n.id, n.codecName(), t.codecName())
		}
	}
	return ""
}

// continueWith lets fragments for the tracks of the selection continue the movie's.
func (m *movie) continueWith(s selection) {
	clear(m.selected)
	old, next := m.selection.tracks(), s.tracks()
	for i, t := range old {
		t.entryBase = uint32(len(t.entries))
		t.entries = append(t.entries, next[i].entries...)
		t.defaults = next[i].defaults
		m.selected[next[i].id] = t
	}
}

// begin is where a fragment of a track begins, by its tfdt.
type begin struct {
	track *track
	time  int64
}

// align finds out whether the times of a movie fragment begin anew, as they do in
// files that were put together. If so, its tracks are moved to where the pictures
// end, all by the same time.
func (m *movie) align(moof box) error {
	begins, err := m.begins(moof)
	if err != nil || len(begins) == 0 {
		return err
	}
	leader := begins[0]
	for _, b := range begins {
		if b.track == m.selection.video {
			leader = b
		}
	}
	anew := leader.track.goesBack(leader.time, leader.track.slack())
	for _, b := range begins {
		anew = anew || b.track.goesBack(b.time, int64(b.track.timescale))
	}
	if !anew {
		return nil
	}
	shift := leader.track.end - leader.time
	for _, t := range m.selected {
		t.shift = media.MulDiv(shift, int64(t.timescale), int64(leader.track.timescale))
	}
	if m.fragments > 0 && (len(m.notes) == 0 || m.notes[len(m.notes)-1].Kind != media.NoteJoined) {
		m.note(media.NoteJoined, "the times of the fragments begin anew at byte %d: what follows is played after what comes before it", moof.offset)
	}
	return nil
}

// begins returns where the fragments of the selected tracks in a moof box begin.
func (m *movie) begins(moof box) (list []begin, err error) {
	err = moof.each(0, func(traf box) error {
		if !traf.kind.is("traf") {
			return nil
		}
		var t *track
		return traf.each(0, func(c box) error {
			f := fieldReader{box: c}
			switch version, _ := f.versionAndFlags(); {
			case c.kind.is("tfhd"):
				t = m.selected[f.u32()]
			case c.kind.is("tfdt") && t != nil:
				if time := f.versioned(version); !f.short && time <= maxTime {
					list = append(list, begin{t, int64(time)})
				}
			}
			return nil
		})
	})
	return list, err
}

// slack is how far a fragment may begin before the end of the one before it by
// rounding, in the track's timescale: a sample, or 50 ms.
func (t *track) slack() int64 { return max(t.lastDuration, int64(t.timescale)/20) }

// goesBack reports whether a fragment at that time begins more than slack before the end.
func (t *track) goesBack(time, slack int64) bool {
	return len(t.units) > 0 && time+t.shift < t.end-slack
}

// gap is time between fragments that no sample covers.
type gap struct {
	unit int   // the index of the unit after it
	from int64 // when it begins, in the track's timescale
}

// resume lets a fragment begin at a time of its tfdt. One that begins a little early
// follows the one before it; of sound, what was there already is left out.
func (t *track) resume(time int64) {
	time += t.shift
	n := len(t.units)
	switch {
	case n == 0:
	case t.handler.is("soun"):
		t.earliest = t.end
	case time < t.end && time <= t.units[n-1].DTS:
		t.overlapped++
		time = t.end
	case t.lastDuration > 0 && time-t.end > t.lastDuration/2:
		t.gaps = append(t.gaps, gap{n, t.end})
	}
	t.end = time
}

// sumGaps returns how many gaps there are, how long they are together and where the
// first one begins, once the times of all units are known.
func (t *track) sumGaps() (count int, total, first int64) {
	for _, g := range t.gaps {
		if g.unit == len(t.units) || t.units[g.unit].DTS <= g.from {
			continue
		}
		if count == 0 {
			first = g.from
		}
		count++
		total += t.units[g.unit].DTS - g.from
	}
	return count, total, first
}
