package player

import (
	"fmt"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// TestNotesOfAPlaylist: each note of each source that plays now or later, once.
func TestNotesOfAPlaylist(t *testing.T) {
	source := func(name string, texts ...string) *input {
		a := &media.Asset{}
		for _, text := range texts {
			a.Notes = append(a.Notes, media.NewNote(media.NoteTrackLeftOut, 3, "%s", text))
		}
		return &input{spec: channel.Spec{Source: name}, openedSource: &openedSource{file: &mp4.File{Asset: a}}}
	}
	past, a, b := source("past.mp4", "one"), source("a.mp4", "two", "three"), source("b.mp4", "two")
	p := &Playlist{}
	p.entries.Store(&[]placedEntry{
		{entry: entry{input: past}, end: 100},
		{entry: entry{input: a}, first: 100, end: 200},
		{entry: entry{input: b}, first: 200, end: 300},
		{entry: entry{input: a}, first: 300, end: 400},
		{entry: entry{input: source("a.mp4", "two", "three")}, first: 400, end: never},
	})
	got := fmt.Sprint(p.notes(100))
	if want := "[a.mp4: two a.mp4: three b.mp4: two]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
