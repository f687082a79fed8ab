package onair

import (
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
func (b *Broadcast) Snapshot() Snapshot {
	s := Snapshot{Snapshot: b.playing.Snapshot(), Source: b.source.Name(), FrameRate: b.source.PictureRate()}
	s.LapSeconds = b.source.Loop().Length.Seconds()
	s.LapPosition = max(0, s.Position.Seconds()-float64(s.Lap)*s.LapSeconds)
	s.Frames = b.source.Pictures(int64(s.Position))
	s.Fetched, s.Remote = b.source.Fetched()
	return s
}
