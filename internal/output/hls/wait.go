package hls

import (
	"context"
	"iter"

	"github.com/lilo-live/lilo/internal/media"
)

// waiter is a source whose bytes may not be here yet. Wait returns when n bytes
// at off are, without reading them.
type waiter interface {
	Wait(ctx context.Context, off, n int64) error
}

// maxGap is how many bytes may lie between access units that one Wait covers.
const maxGap = 1 << 18

// waitForSource waits until all bytes of the segment are here, so that rendering
// it does not wait.
func (s segment) waitForSource(ctx context.Context) error {
	w, ok := s.loop.Asset.Source.(waiter)
	if !ok {
		return nil
	}
	var from, to int64 // the range to wait for next
	flush := func() error {
		if to == from {
			return nil
		}
		return w.Wait(ctx, from, to-from)
	}
	for u := range s.accessUnits() {
		end := u.Offset + int64(u.Size())
		if to > from && u.Offset >= from && u.Offset <= to+maxGap {
			to = max(to, end)
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		from, to = u.Offset, end
	}
	return flush()
}

// accessUnits returns the access units that rendering the segment reads, track
// by track, each in the order in which they are stored. Of audio, they include
// those after the segment that its last PES packet may hold.
func (s segment) accessUnits() iter.Seq[media.AccessUnit] {
	const perPES = 8
	l := s.loopSegment()
	return func(yield func(media.AccessUnit) bool) {
		for n := l.First; n < l.End; n++ {
			_, u := s.loop.Video.Index(n)
			if !yield(s.loop.Video.Stored()[u]) {
				return
			}
		}
		for _, a := range s.loop.Audio {
			for u := range a.Units(a.FirstUnit(l.From, l.Scale), a.FirstUnit(l.To, l.Scale)+perPES) {
				if u >= 0 && !yield(a.Track.Units[u]) {
					return
				}
			}
		}
	}
}
