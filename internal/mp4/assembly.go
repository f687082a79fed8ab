package mp4

import (
	"errors"
	"fmt"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// assembly puts the finished tracks together.
type assembly struct {
	file       *source
	movieScale uint32
	code       coder
	asset      *media.Asset
}

// add finishes the chosen tracks. Sound that turns out to be empty, or to have a
// configuration that cannot be carried, is left out with a note; what is damaged is an error.
func (a *assembly) add(c choice) error {
	if c.video != nil {
		v, err := a.finish(c.video)
		if err != nil {
			return err
		}
		a.asset.Video = v
	}
	for _, t := range c.audio {
		s, err := a.finish(t)
		var passed *passedOverError
		switch {
		case errors.As(err, &passed):
			a.note("track %d (%s) is left out: %v", t.id, t.name(), passed.err)
		case err != nil:
			return err
		default:
			a.asset.Audio = append(a.asset.Audio, s)
		}
	}
	if a.asset.Video == nil && len(a.asset.Audio) == 0 {
		return fault.New(fault.Media, "no track can be played: %s", a.asset.Notes[len(a.asset.Notes)-1])
	}
	return nil
}

// passedOverError is what is wrong with a track that a file can be played without.
type passedOverError struct{ err error }

func (e *passedOverError) Error() string { return e.err.Error() }
func (e *passedOverError) Unwrap() error { return e.err }

// finish makes a track of what was gathered of it.
func (a *assembly) finish(t *track) (*media.Track, error) {
	if err := t.close(); err != nil {
		return nil, err
	}
	shown, err := t.present(a.movieScale)
	if err != nil {
		return nil, err
	}
	coding, err := a.coding(t)
	if err != nil {
		return nil, err
	}
	a.describe(t)
	return &media.Track{
		ID: t.id, Language: t.language, Coding: coding, Entry: t.entries[max(1, t.used)-1].stored(), Timescale: t.timescale,
		Units: t.units, LastDuration: t.lastDuration,
		From: shown.from, To: shown.to, Start: shown.start, Tail: t.tail,
	}, nil
}

// describe notes what was adjusted in a track.
func (a *assembly) describe(t *track) {
	if t.empty > 0 {
		a.note("track %d: %d samples without bytes are passed over", t.id, t.empty)
	}
	if t.stretched {
		a.note("track %d: the last sample has no duration, it lasts as long as the one before it (%d/%d s)", t.id, t.lastDuration, t.timescale)
	}
}

func (a *assembly) note(format string, args ...any) {
	a.asset.Notes = append(a.asset.Notes, fmt.Sprintf(format, args...))
}

// coding returns the coding of a track whose units are known.
func (a *assembly) coding(t *track) (media.Coding, error) {
	e := t.entries[max(1, t.used)-1]
	s := samples{file: a.file, track: t}
	first, err := s.first()
	if err != nil {
		return nil, err
	}
	c, err := a.code(e, first, s)
	switch {
	case err == nil:
		return c, nil
	case fault.KindOf(err) == fault.Source:
		return nil, err
	case t.handler.is("soun"):
		return nil, &passedOverError{err}
	default:
		return nil, fault.New(fault.Media, "video track %d: %w", t.id, err)
	}
}
