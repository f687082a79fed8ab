package player

import (
	"time"

	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// Snapshot is how a broadcast fares.
type Snapshot struct {
	playout.Snapshot
	// Source is the name of what plays now, as it may be shown.
	Source string
	// LapSeconds is its loop length, LapPosition where in the lap it is, in seconds.
	LapSeconds, LapPosition float64
	// Frames counts the pictures due since the epoch; FrameRate is in pictures a second.
	Frames    int64
	FrameRate float64
	// Paused tells that nothing is sent now.
	Paused bool
	// Fetched tells how much of a remote source is here, where Remote is set.
	Fetched source.Progress
	Remote  bool
}

// Snapshot returns how the broadcast fares now.
func (b *Channel) Snapshot() Snapshot {
	s := Snapshot{Snapshot: b.playing.Snapshot()}
	now := b.playlist.At(s.Packet)
	c := now.Input
	s.Source, s.LapSeconds, s.Frames, s.FrameRate = c.Name(), c.Loop().Length.Seconds(), now.Pictures, c.PictureRate()
	s.LapPosition = max(0, now.Position.Seconds()-float64(s.Lap)*s.LapSeconds)
	s.Paused = b.paused(b.channel.Spec.Epoch.Add(s.Position))
	s.Fetched, s.Remote = c.Fetched()
	return s
}

// Tally returns how late the broadcast's trains have been.
func (b *Channel) Tally() *playout.LatenessHistogram { return b.playing.LatenessHistogram() }

// paused tells whether nothing is sent at a time.
func (b *Channel) paused(now time.Time) bool {
	for _, p := range *b.pauses.Load() {
		if !now.Before(p.From) && (p.To.IsZero() || now.Before(p.To)) {
			return true
		}
	}
	return false
}
