package mp4

import (
	"io"

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
		m.note(media.NoteJoined, "a second recording begins at byte %d and is not encoded: cut the file there, with head -c %d IN > 1.mp4 and tail -c +%d IN > 2.mp4, and play both as a playlist",
			end, end, end+1)
	}
	return end, m.notes
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

// firstRecording returns where the recording ends whose moov box is at an offset: where
// another moov box with its media begins, or the ftyp box before them.
func firstRecording(file *fileReader, moov int64) (end int64) {
	second, described, media := int64(-1), false, false
	for h, err := range file.boxes() {
		switch {
		case err != nil:
			return file.size
		case h.offset <= moov:
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
