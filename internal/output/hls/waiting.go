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

// nearby is how far apart what a segment needs may lie to be waited for at once, in bytes.
const nearby = 1 << 18

// arrive waits until all that the segment is made of is here, so that making it
// waits for nothing.
func (s segment) arrive(ctx context.Context) error {
	w, ok := s.loop.Asset.Source.(waiter)
	if !ok {
		return nil
	}
	var from, to int64 // what is to be waited for next
	need := func(u media.AccessUnit) error {
		end := u.Offset + int64(u.Size())
		if to > from && u.Offset >= from && u.Offset <= to+nearby {
			to = max(to, end)
			return nil
		}
		err := error(nil)
		if to > from {
			err = w.Wait(ctx, from, to-from)
		}
		from, to = u.Offset, end
		return err
	}
	if err := s.units(need); err != nil || to == from {
		return err
	}
	return w.Wait(ctx, from, to-from)
}

// units goes through the access units that the segment is made of, as they lie in the file.
func (s segment) units(do func(media.AccessUnit) error) error {
	p := s.piece()
	if v := s.loop.Video; v != nil {
		for n := p.First; n < p.End; n++ {
			_, u := v.Index(n)
			if err := do(v.Stored()[u]); err != nil {
				return err
			}
		}
	}
	for _, a := range s.loop.Audio {
		if err := soundUnits(a, p, do); err != nil {
			return err
		}
	}
	return nil
}

// soundUnits does so for a track of sound, and for as many units behind the
// segment as a PES packet may hold.
func soundUnits(a *loop.Audio, p loop.Segment, do func(media.AccessUnit) error) error {
	const pes = 8
	for u := range a.Units(a.FirstUnit(p.From, p.Scale), a.FirstUnit(p.To, p.Scale)+pes) {
		if u < 0 {
			continue
		}
		if err := do(a.Track.Units[u]); err != nil {
			return err
		}
	}
	return nil
}
