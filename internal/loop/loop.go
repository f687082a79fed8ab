package loop

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Loop is one lap of an asset, ready to repeat. It is immutable.
type Loop struct {
	// Asset is what is played.
	Asset *media.Asset
	// Length is L, the exact duration of a lap in seconds, in lowest terms.
	Length media.Rational
	// Video is nil for an asset that has only sound.
	Video *Video
	// Audio holds the tracks of the asset, in its order.
	Audio []*Audio
	// Notes says what was adjusted so that the asset loops, one sentence each.
	Notes []string
}

// New plans the lap of an asset. It reads the samples that a lap may begin
// with, to see how their pictures depend on others. Faults are of kind Media
// and Source.
func New(a *media.Asset) (*Loop, error) {
	l := &Loop{Asset: a}
	var zero media.Rational
	switch {
	case a.Video != nil:
		v, notes, err := newVideo(a)
		if err != nil {
			return nil, err
		}
		l.Video, l.Notes = v, notes
		l.Length = media.Rational{Num: v.Length, Den: int64(v.Track.Timescale)}.Reduce()
		zero = v.movieTime()
	case len(a.Audio) > 0:
		l.Length, zero = soundLength(a.Audio[0])
	default:
		return nil, fault.New(fault.Media, "the file has neither video nor audio that a transport stream can carry")
	}
	for _, t := range a.Audio {
		u, notes, err := newAudio(t, l.Length, zero)
		if err != nil {
			return nil, err
		}
		l.Audio = append(l.Audio, u)
		l.Notes = append(l.Notes, notes...)
	}
	return l, nil
}
