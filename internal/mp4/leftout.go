package mp4

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"github.com/lilo-live/lilo/internal/media"
)

// readOther reads what names a track of neither pictures nor sound. Damage there costs
// only the name.
func (t *track) readOther(mdia box) {
	stbl, found, err := mdia.find("minf", "stbl")
	if err != nil || !found {
		return
	}
	_ = stbl.each(0, func(c box) error {
		switch {
		case c.kind.is("stsd") && len(c.body) >= 16:
			t.format = newFourCC(c.body[12:])
		case c.kind.is("stsz", "stz2"):
			f := fieldReader{box: c, at: 8}
			t.table.sizes.count = int(f.u32())
		}
		return nil
	})
	if t.format.is("tmcd") {
		t.readTimecodes(mdia, stbl)
	}
}

// readReferenced notes the tracks that this one names as its chapters and its timecodes
// (ISO/IEC 14496-12, 8.3.3; QuickTime File Format, chapter lists and timecode media).
func (t *track) readReferenced(tref box) {
	if tmcd, found, err := tref.find("tmcd"); err == nil && found && len(tmcd.body) >= 4 {
		t.timecodeTrack = binary.BigEndian.Uint32(tmcd.body)
	}
	chap, found, err := tref.find("chap")
	if err != nil || !found {
		return
	}
	for b := chap.body; len(b) >= 4; b = b[4:] {
		t.chapters = append(t.chapters, binary.BigEndian.Uint32(b))
	}
}

// markChapters marks the tracks that other tracks name as their chapters.
func (m *movie) markChapters() {
	named := map[uint32]bool{}
	for _, t := range m.tracks {
		for _, id := range t.chapters {
			if id != t.id {
				named[id] = true
			}
		}
	}
	for _, t := range m.tracks {
		t.chapter = named[t.id]
	}
}

// stillPicture reports whether a video track shows no moving pictures: cover art, or
// pictures of chapters.
func (t *track) stillPicture() bool {
	e := t.firstEntry()
	return t.handler.is("vide") && (t.chapter || e != nil && e.stillPicture() && t.table.sizes.count == 1)
}

// leaveOutOthers notes the tracks that hold something but moving pictures and sound.
func (s *selection) leaveOutOthers(m *movie) {
	for _, t := range m.tracks {
		if t.table.sizes.count == 0 && !m.fragmented {
			continue
		}
		name := ""
		switch {
		case t.handler.is("soun"):
		case t.stillPicture() && t.chapter:
			name = "pictures of chapters"
		case t.stillPicture():
			name = "cover art"
		case !t.handler.is("vide"):
			name = t.otherName()
		}
		if name != "" {
			s.notes = append(s.notes, media.NewNote(media.NoteTrackLeftOut, t.id, "track %d (%s) is left out: a channel carries moving pictures and sound", t.id, name))
		}
	}
}

// otherName returns what a track of neither pictures nor sound holds, for people.
func (t *track) otherName() string {
	format := t.format.String()
	formats := map[string]string{
		"tx3g": "subtitles", "text": "text", "stpp": "subtitles", "wvtt": "subtitles", "sbtt": "subtitles", "stxt": "text", "mp4s": "subtitles",
		"c608": "closed captions", "c708": "closed captions", "tmcd": "timecode", "tc64": "timecode", "gpmd": "metadata", "mebx": "metadata",
		"camm": "metadata", "mett": "metadata", "metx": "metadata", "urim": "metadata", "rtp ": "hint track", "fdp ": "hint track", "evte": "events",
	}
	handlers := map[string]string{
		"sbtl": "subtitles", "subt": "subtitles", "subp": "subtitles", "text": "text", "clcp": "closed captions", "tmcd": "timecode",
		"meta": "metadata", "hint": "hint track", "auxv": "alpha", "odsm": "MPEG-4 system data", "sdsm": "MPEG-4 system data",
	}
	kind := cmp.Or(formats[format], handlers[t.handler.String()], "data of handler "+t.handler.String())
	switch {
	case t.chapter:
		kind = "chapters"
	case t.handler.is("meta"):
		kind = "metadata"
	}
	if t.format == (fourCC{}) || kind == format {
		return kind
	}
	return kind + ", " + format
}

// readUserData notes what the movie's user data hold that a player shows: chapters
// (Nero) and cover art (iTunes).
func (m *movie) readUserData(udta box) {
	if chpl, found, err := udta.find("chpl"); err == nil && found {
		f := fieldReader{box: chpl}
		if version, _ := f.versionAndFlags(); version > 0 {
			f.skip(4)
		}
		if n := f.u8(); !f.short && n > 0 {
			m.note(media.NoteMetadataLeftOut, "the file's list of %s (chpl) is left out", countOf(int(n), "chapter", "chapters"))
		}
	}
	meta, found, err := udta.find("meta")
	if err != nil || !found {
		return
	}
	if len(meta.body) >= 12 && string(meta.body[8:12]) == "hdlr" { // A full box, except in QuickTime.
		meta.body = meta.body[4:]
	}
	if _, found, err := meta.find("ilst", "covr"); err == nil && found {
		m.note(media.NoteMetadataLeftOut, "the file's cover art (covr) is left out")
	}
}

// noteEvents notes event messages between fragments (ISO/IEC 23009-1, 5.10.3.3).
func (m *movie) noteEvents() {
	if m.events > 0 {
		m.note(media.NoteMetadataLeftOut, "%s left out", countOf(m.events, "event message (emsg) is", "event messages (emsg) are"))
	}
}

func countOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
