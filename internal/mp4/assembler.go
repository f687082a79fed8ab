package mp4

import (
	"errors"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// assembler makes the asset of the selected tracks.
type assembler struct {
	file       *fileReader
	movieScale uint32
	matrix     matrix
	code       newCodingFunc
	asset      *media.Asset
}

// skipTrackError is an error about a track without which the file can be played.
type skipTrackError struct{ err error }

func (e *skipTrackError) Error() string { return e.err.Error() }
func (e *skipTrackError) Unwrap() error { return e.err }

// add adds the selected tracks to the asset. Audio that turns out to be empty,
// or to have a configuration that cannot be carried, is left out with a note.
func (a *assembler) add(s selection) error {
	if s.video != nil {
		v, err := a.track(s.video)
		if err != nil {
			return err
		}
		a.asset.Video = v
	}
	for _, t := range s.audio {
		track, err := a.track(t)
		var skip *skipTrackError
		switch {
		case errors.As(err, &skip):
			a.note(media.NoteTrackLeftOut, t.id, "track %d (%s) is left out: %v", t.id, t.codecName(), skip.err)
		case err != nil:
			return err
		default:
			a.asset.Audio = append(a.asset.Audio, track)
		}
	}
	if a.asset.Video == nil && len(a.asset.Audio) == 0 {
		return fault.New(fault.Media, "no track can be played: %s", a.asset.Notes[len(a.asset.Notes)-1].Text)
	}
	return nil
}

// track finishes a track and notes what was adjusted.
func (a *assembler) track(t *track) (*media.Track, error) {
	if err := t.finish(); err != nil {
		return nil, err
	}
	shown, err := t.presentation(a.movieScale)
	if err != nil {
		return nil, err
	}
	coding, err := a.coding(t)
	if err != nil {
		return nil, err
	}
	changes, err := a.changes(t, coding)
	if err != nil {
		return nil, err
	}
	a.noteTimes(t)
	a.noteChanges(t, coding, changes)
	a.noteDisplay(t, coding)
	return &media.Track{
		ID: t.id, Language: t.language, Coding: following(coding, changes), Changes: changes, Entry: t.currentEntry().bytes(), Timescale: t.timescale,
		Display: t.display(a.matrix),
		Units:   t.units, LastDuration: t.lastDuration,
		From: shown.from, To: shown.to, Start: shown.start, Tail: t.tail,
	}, nil
}

// noteTimes notes where samples last otherwise than the file says.
func (a *assembler) noteTimes(t *track) {
	seconds := func(time int64) float64 { return float64(time) / float64(t.timescale) }
	first := t.units[0].DTS
	if t.empty > 0 {
		a.note(media.NoteEmptySamples, t.id, "track %d: %s skipped", t.id, countOf(int(t.empty), "sample without bytes is", "samples without bytes are"))
	}
	switch {
	case t.mended == 1 && t.firstMended >= t.units[len(t.units)-1].DTS:
		a.note(media.NoteSampleTimes, t.id, "track %d: the last sample has no duration, it lasts as long as usual (%d/%d s)", t.id, t.lastDuration, t.timescale)
	case t.mended > 0:
		a.note(media.NoteSampleTimes, t.id, "track %d: %s the decoding time of a neighbour or no duration, the first one %.3f s into the track: they share the time there is, or last as long as usual",
			t.id, countOf(t.mended, "sample has", "samples have"), seconds(t.firstMended-first))
	}
	if count, total, from := t.sumGaps(); count > 0 {
		a.note(media.NoteGaps, t.id, "track %d: %s between fragments, %.3f s in all, the first one %.3f s into the track: the picture before each holds",
			t.id, countOf(count, "gap", "gaps"), seconds(total), seconds(from-first))
	}
	if t.overlapped > 0 {
		a.note(media.NoteSampleTimes, t.id, "track %d: %s before the end of the one before, and follow it", t.id, countOf(t.overlapped, "fragment begins", "fragments begin"))
	}
}

func (a *assembler) note(kind media.NoteKind, track uint32, format string, args ...any) {
	a.asset.Notes = append(a.asset.Notes, media.NewNote(kind, track, format, args...))
}

// coding returns the coding of a finished track. Decoding begins with the first
// random access point, or the first sample if none is marked.
func (a *assembler) coding(t *track) (media.Coding, error) {
	u := t.units[max(0, slices.IndexFunc(t.units, media.AccessUnit.RandomAccess))]
	first, err := a.file.bytes(u.Offset, int64(u.Size()))
	if err != nil {
		return nil, err
	}
	t.head = first[:min(len(first), windowSize)]
	c, err := a.code(*t.currentEntry(), first)
	if err == nil {
		err = countUnits(a.file, t.units, c)
	}
	switch {
	case err == nil:
		return c, nil
	case fault.KindOf(err) == fault.Source:
		return nil, err
	case t.handler.is("soun"):
		return nil, &skipTrackError{err}
	default:
		return nil, fault.New(fault.Media, "video track %d: %w", t.id, err)
	}
}
