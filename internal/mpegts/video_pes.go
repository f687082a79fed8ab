package mpegts

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// appendPES appends the PES packet of a unit, numbered from lap 0 on, which
// begins at origin, in ticks of 27 MHz after the epoch. It is as long as the transport packets that the unit takes want it to be.
func (s *videoShape) appendPES(b []byte, r *media.Reader, unit, origin int64) ([]byte, error) {
	lap, u := s.place(unit)
	at, x := s.lap.Place(u), s.lap.Unit(u)
	sample, err := r.Sample(u)
	if err != nil {
		return b, fault.Of(fault.Source, err)
	}
	from := len(b)
	dts := lap*s.lap.Length + x.DTS
	b = appendHeader(b, s.lap.Track.Coding.StreamID(), 0, s.stamp(dts+int64(x.CTO), origin), s.stamp(dts, origin), x.CTO != 0)
	if b, err = s.lap.Track.Coding.AppendUnit(b, sample, at); err != nil {
		return b, fault.New(fault.Media, "video track %d, at byte %d of the file: %w", s.lap.Track.ID, x.Offset, err)
	}
	// Zero bytes may follow any access unit (trailing_zero_8bits, stuffing); a
	// packet without payload could not be counted.
	for packets := int(s.size(unit)); len(b)-from < packets; {
		b = append(b, 0)
	}
	return b, nil
}

// place returns the lap of a unit and its number in that lap.
func (s *videoShape) place(unit int64) (lap int64, u int) {
	lap = media.FloorDiv(unit, s.len)
	return lap, int(unit - lap*s.len)
}

// random reports whether decoding can begin with a unit.
func (s *videoShape) random(unit int64) bool {
	_, u := s.place(unit)
	return s.lap.Place(u)&media.RandomAccess != 0
}

// size returns how many packets a unit takes.
func (s *videoShape) size(unit int64) int64 {
	_, u := s.place(unit)
	return s.unit(int64(u))
}

// stamp converts a time since lap 0 began, at origin, to a time stamp in ticks of 90 kHz.
func (s *videoShape) stamp(t, origin int64) int64 {
	return stamp(t, int64(s.lap.Track.Timescale), origin) + decodeDelay
}
