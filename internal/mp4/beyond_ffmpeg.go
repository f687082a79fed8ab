package mp4

import (
	"io"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// BeyondFFmpeg returns where the first recording of a file ends, and notes about what
// ffmpeg does not follow: recordings behind it, pauses, and edits that change the speed. A file
// that is damaged, or no MP4, ends at its size.
func BeyondFFmpeg(r io.ReaderAt, size int64) (end int64, notes []media.Note) {
	file := newFileReader(r, size)
	moov, _, err := findMoov(file)
	if err != nil {
		return size, nil
	}
	m, err := newMovie(moov)
	if err != nil {
		return size, nil
	}
	for _, t := range m.tracks {
		m.noteEdits(t)
	}
	if end = firstRecording(file, moov.offset); end < size {
		m.noteSecond(end, "encoded")
		return end, m.notes
	}
	return end, append(m.notes, brokenLinks(r, size)...)
}

// brokenLinks returns the notes about pictures that ffmpeg cannot decode, because what they
// refer to was cut off. Only small files are surveyed for them.
func brokenLinks(r io.ReaderAt, size int64) []media.Note {
	if size > 16*surveyBytes {
		return nil
	}
	f, err := Open(r, size)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(f.Asset.Notes, func(n media.Note) bool { return n.Kind != media.NotePicturesDropped })
}

// noteEdits notes the first edit of a track that changes the speed, and the first that
// pauses between pictures or sound.
func (m *movie) noteEdits(t *track) {
	kind := media.NotePictureTimes
	switch {
	case t.handler.is("soun"):
		kind = media.NoteSoundClock
	case !t.handler.is("vide"):
		return
	}
	opened, paused, fast := false, false, false
	for i, e := range t.edits {
		switch {
		case e.time == emptyTime && opened && !paused:
			paused = true
			m.notes = append(m.notes, media.NewNote(kind, t.id, "track %d: its edit list pauses (edit %d of %d), and ffmpeg plays the beginning of the track there: %s",
				t.id, i+1, len(t.edits), renderEdits))
		case e.time != emptyTime && e.rate != normalRate && !fast:
			fast = true
			m.notes = append(m.notes, media.NewNote(kind, t.id, "track %d: its edit list changes the speed (edit %d of %d), and ffmpeg plays it at normal speed: %s",
				t.id, i+1, len(t.edits), renderEdits))
		}
		opened = opened || e.time != emptyTime
	}
}
