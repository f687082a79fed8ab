package loop

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// LapNumber is the number of a lap, from 0. Laps before the beginning have
// negative numbers.
type LapNumber int64

// UnitNumber is the number of an access unit of a track over all laps: for video
// in decoding order from the first of lap 0 on, for audio on the sample grid.
// Units before these have negative numbers.
type UnitNumber int64

// Loop is one lap of an asset, ready to repeat. It is immutable.
type Loop struct {
	// Asset is the source of the samples.
	Asset *media.Asset
	// Length is the exact duration of a lap in seconds, in lowest terms.
	Length media.Rational
	// Video is nil for an asset without video.
	Video *Video
	// Audio holds the audio tracks in the asset's order.
	Audio []*Audio
	// Notes lists what was adjusted so that the asset loops.
	Notes []media.Note
}

// New plans the lap of an asset. It reads the samples that a lap may begin with,
// to see how their pictures depend on others. Faults are of kind Media and Source.
func New(a *media.Asset) (*Loop, error) { return newLoop(a, editList) }

// editList is what says which part of a file is presented.
const editList = "edit list"

// newLoop plans the lap of an asset. by is what says which part of it is presented.
func newLoop(a *media.Asset, by string) (*Loop, error) {
	l := &Loop{Asset: a}
	var start media.Rational // of a lap's audio on the movie's timeline
	switch {
	case a.Video != nil:
		v, notes, err := newVideo(a, by)
		if err != nil {
			return nil, err
		}
		l.Video, l.Notes = v, notes
		l.Length = media.Rational{Num: v.Length, Den: int64(v.Track.Timescale)}.Reduce()
		start = v.movieTime()
	case len(a.Audio) > 0:
		l.Length, start = audioLength(a.Audio[0])
	default:
		return nil, fault.New(fault.Media, "the file has neither video nor audio that a transport stream can carry")
	}
	if err := l.checkBounds(); err != nil {
		return nil, err
	}
	for _, t := range a.Audio {
		u, notes, err := newAudio(t, l.Length, start, by == editList)
		if err != nil {
			return nil, err
		}
		l.Audio = append(l.Audio, u)
		l.Notes = append(l.Notes, notes...)
	}
	return l, nil
}

// Segment is a stretch of a loop that is published by itself.
type Segment struct {
	// Number counts the segments of a stream.
	Number int64
	// First and End bound its video: units First to End − 1.
	First, End UnitNumber
	// From and To bound the time at which its audio units begin, in ticks of
	// 1/Scale s after the presentation of the first picture of lap 0.
	From, To, Scale int64
}
