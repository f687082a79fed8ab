package hls

import (
	"context"

	"github.com/lilo-live/lilo/internal/loop"
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
	err := s.accessUnits(func(u media.AccessUnit) error {
		end := u.Offset + int64(u.Size())
		if to > from && u.Offset >= from && u.Offset <= to+maxGap {
			to = max(to, end)
			return nil
		}
		err := flush()
		from, to = u.Offset, end
		return err
	})
	if err != nil {
		return err
	}
	return flush()
}

// accessUnits calls do for each access unit of the segment, track by track, in
// the order in which they are stored.
func (s segment) accessUnits(do func(media.AccessUnit) error) error {
	l := s.loopSegment()
	if v := s.loop.Video; v != nil {
		for n := l.First; n < l.End; n++ {
			_, u := v.Index(n)
			if err := do(v.Stored()[u]); err != nil {
				return err
			}
		}
	}
	for _, a := range s.loop.Audio {
		if err := audioUnits(a, l, do); err != nil {
			return err
		}
	}
	return nil
}

// audioUnits does so for an audio track. It adds the access units after the
// segment that its last PES packet may hold.
func audioUnits(a *loop.Audio, l loop.Segment, do func(media.AccessUnit) error) error {
	const perPES = 8
	for u := range a.Units(a.FirstUnit(l.From, l.Scale), a.FirstUnit(l.To, l.Scale)+perPES) {
		if u < 0 {
			continue
		}
		if err := do(a.Track.Units[u]); err != nil {
			return err
		}
	}
	return nil
}
