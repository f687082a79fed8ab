package mpegts

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// appendPES appends the PES packet that begins with unit first of a lap. delay
// is when unit 0 of the grid is played, in ticks of 90 kHz after origin, which
// is in ticks of 27 MHz after the epoch.
func (s *audioShape) appendPES(b []byte, r *media.Reader, lap loop.Lap, first, delay, origin int64) ([]byte, error) {
	from := len(b)
	pts := s.stamp(lap.First+first, origin) + delay
	b = appendHeader(b, s.lap.Track.Coding.StreamID(), 0, pts, pts, false)
	for f := range s.frames {
		var err error
		if b, err = s.appendUnit(b, r, lap, first+f); err != nil {
			return b, err
		}
	}
	length := len(b) - from - 6
	b[from+4], b[from+5] = byte(length>>8), byte(length)
	return b, nil
}

// stamp returns when a unit of the grid begins that has unit 0 at origin, in ticks of 90 kHz.
func (s *audioShape) stamp(unit, origin int64) int64 {
	c := s.lap.Track.Audio()
	return stamp(unit*int64(c.FrameSamples()), int64(c.SampleRate()), origin)
}

// appendUnit appends unit i of the lap; units behind the lap are the next lap's.
func (s *audioShape) appendUnit(b []byte, r *media.Reader, lap loop.Lap, i int64) ([]byte, error) {
	for i >= int64(lap.Len) && lap.Len > 0 {
		i -= int64(lap.Len)
	}
	t := s.lap.Track
	u, ok := s.lap.Unit(int(i), lap.Len)
	if !ok {
		return t.Coding.AppendUnit(b, t.Audio().Silence(), media.RandomAccess)
	}
	sample, err := r.Sample(u)
	if err != nil {
		return b, fault.Of(fault.Source, err)
	}
	if b, err = t.Coding.AppendUnit(b, sample, media.RandomAccess); err != nil {
		return b, fault.New(fault.Media, "audio track %d, sample %d at byte %d of the file: %w", t.ID, u+1, t.Units[u].Offset, err)
	}
	return b, nil
}
