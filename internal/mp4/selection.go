package mp4

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// selection is the tracks of a movie that are played, and notes about the others.
type selection struct {
	video *track
	audio []*track
	notes []media.Note
}

// tracks returns all selected tracks, video first.
func (s *selection) tracks() []*track {
	if s.video == nil {
		return s.audio
	}
	return append([]*track{s.video}, s.audio...)
}

// selectTracks selects the first enabled video track that can be carried, and
// all such audio tracks. Video that cannot be carried is an error, because nobody
// wants a channel with only its audio; audio that cannot be carried is left out
// with a note.
func (m *movie) selectTracks() (selection, error) {
	var s selection
	if err := s.selectVideo(m.videoTracks()); err != nil {
		return s, err
	}
	for _, t := range m.tracks {
		if t.handler.is("soun") {
			s.addAudio(t, m.fragmented)
		}
	}
	s.leaveOutOthers(m)
	switch {
	case s.video != nil || len(s.audio) > 0:
		return s, nil
	case m.sounds() == 0:
		return s, fault.New(fault.Media, "the file has neither a video nor an audio track with samples: there is nothing to play")
	default:
		return s, fault.New(fault.Media, "no track can be played: %s", s.notes[0].Text)
	}
}

// sounds counts the audio tracks.
func (m *movie) sounds() (n int) {
	for _, t := range m.tracks {
		if t.handler.is("soun") {
			n++
		}
	}
	return n
}

// videoTracks returns the video tracks except for cover art and empty ones.
func (m *movie) videoTracks() (list []*track) {
	for _, t := range m.tracks {
		if t.handler.is("vide") && !t.stillPicture() && (t.table.sizes.count > 0 || m.fragmented) {
			list = append(list, t)
		}
	}
	return list
}

func (s *selection) selectVideo(list []*track) error {
	for _, t := range list {
		if t.unsupported() == "" && (s.video == nil || !s.video.enabled && t.enabled) {
			s.video = t
		}
	}
	if s.video == nil && len(list) > 0 {
		return fault.New(fault.Media, "video track %d %s", list[0].id, list[0].unsupported())
	}
	for _, t := range list {
		if why := t.unsupported(); why != "" {
			s.leaveOut(t, why)
		} else if t != s.video {
			s.leaveOut(t, fmt.Sprintf("is a second picture; track %d is played", s.video.id))
		}
	}
	return nil
}

func (s *selection) addAudio(t *track, fragmented bool) {
	switch why := t.unsupported(); {
	case t.table.sizes.count == 0 && !fragmented:
		s.leaveOut(t, "has no samples")
	case why != "":
		s.leaveOut(t, why)
	default:
		s.audio = append(s.audio, t)
	}
}

func (s *selection) leaveOut(t *track, why string) {
	s.notes = append(s.notes, media.NewNote(media.NoteTrackLeftOut, t.id, "track %d (%s) is left out: it %s", t.id, t.codecName(), why))
}
