package player

import (
	"slices"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// Snapshot is the condition of a channel at one moment.
type Snapshot struct {
	playout.Snapshot
	// Source is the name of what plays now, without secrets.
	Source string
	// LapSeconds is its loop length, LapPosition the time since the lap began, in seconds.
	LapSeconds, LapPosition float64
	// Frames counts the pictures due since the epoch; FrameRate is in pictures a second.
	Frames    int64
	FrameRate float64
	// Paused reports whether the schedule pauses the outputs now.
	Paused bool
	// Skipped reports that an entry is not played, since its source could not be
	// opened. SetSchedule tries again.
	Skipped bool
	// Fetched is how much of a remote source is in the cache, if Remote is set.
	Fetched source.Progress
	Remote  bool
	// Notes are those of the sources that play now or later, each once.
	Notes []SourceNote
}

// SourceNote is a note about a source of a channel.
type SourceNote struct {
	Source string // its name without secrets
	media.Note
}

// String returns the note with the name of its source.
func (n SourceNote) String() string { return n.Source + ": " + n.Text }

// Snapshot returns the condition of the channel now.
func (c *Channel) Snapshot() Snapshot {
	s := Snapshot{Snapshot: c.playing.Snapshot()}
	at := c.playlist.position(s.Packet)
	in := at.input
	s.Source, s.LapSeconds, s.Frames, s.FrameRate = in.name(), in.loop.Length.Seconds(), at.pictures, in.pictureRate()
	s.LapPosition = max(0, at.elapsed.Seconds()-float64(s.Lap)*s.LapSeconds)
	s.Paused, _ = within(*c.pauses.scheduled.Load(), s.Packet)
	s.Skipped = c.playlist.skipped.Load()
	s.Fetched, s.Remote = in.fetched()
	s.Notes = c.playlist.notes(s.Packet)
	return s
}

// notes returns the notes of the sources that play at packet n or later.
func (p *Playlist) notes(n packet.Number) (all []SourceNote) {
	var seen []*openedSource
	for _, e := range p.all() {
		s := e.input.openedSource
		if e.end <= n || slices.Contains(seen, s) {
			continue
		}
		seen = append(seen, s)
		for _, note := range e.input.notes() {
			if n := (SourceNote{e.input.name(), note}); !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// Lateness returns a histogram of how late the channel's trains have been.
func (c *Channel) Lateness() *playout.LatenessHistogram { return c.playing.LatenessHistogram() }
