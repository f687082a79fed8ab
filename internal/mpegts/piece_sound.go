package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// pieceSound goes through the PES packets of one track that begin in a piece.
type pieceSound struct {
	*audioShape
	pid    PID
	delay  int64
	number int64 // the lap in which the PES packet begins
	now    loop.Lap
	first  int64  // the lap's unit it begins with
	left   int64  // PES packets still to come
	count  uint64 // packets sent before, modulo 2⁶⁴
	pts    int64
	reader *media.Reader
}

func newPieceSound(a *audioShape, pid PID, delay int64, at Piece) *pieceSound {
	s := &pieceSound{audioShape: a, pid: pid, delay: delay}
	from, to := a.pesFrom(at.From, at.Scale), a.pesFrom(at.To, at.Scale)
	s.left = to - from
	unit := from * a.frames
	s.number = a.lap.LapOf(unit)
	s.now = a.lap.Lap(s.number)
	s.count = a.sent(s.number)
	for s.first = a.first(s.now.First); s.now.First+s.first < unit; s.first += a.frames {
		s.count += uint64(a.packets(s.first, int64(s.now.Len)))
	}
	s.settle()
	return s
}

// pesFrom returns the number of the first PES packet that begins at a time or behind it.
func (s *audioShape) pesFrom(t, scale int64) int64 {
	c := s.lap.Track.Audio()
	unit := media.MulDivCeil(t, int64(c.SampleRate()), scale*int64(c.FrameSamples()))
	return -media.FloorDiv(-unit, s.frames)
}

// settle moves on to the lap that the PES packet begins in.
func (s *pieceSound) settle() {
	for s.first >= int64(s.now.Len) {
		s.first -= int64(s.now.Len)
		s.number++
		s.now = s.lap.Lap(s.number)
	}
	s.pts = s.stamp(s.now.First+s.first, 0) + s.delay
}

// next goes to the next PES packet.
func (s *pieceSound) next(packets int64) {
	s.count += uint64(packets)
	s.left--
	s.first += s.frames
	s.settle()
}

// sent is before for any lap: those before lap 0 count backwards.
func (s *audioShape) sent(n int64) uint64 {
	if n >= 0 {
		return s.before(n)
	}
	var sum uint64
	for ; n < 0; n++ {
		lap := s.lap.Lap(n)
		residue := lap.First - media.FloorDiv(lap.First, s.frames)*s.frames
		sum -= uint64(s.laps[residue][lap.Len-s.lap.Floor])
	}
	return sum
}

// most bounds the packets that the PES packets of a piece take in any lap,
// wherever the grid puts them.
func (s *audioShape) most(at Piece) int64 {
	c := s.lap.Track.Audio()
	frame := at.Scale * int64(c.FrameSamples())
	from := media.MulDiv(at.From, int64(c.SampleRate()), frame) - 1
	to := media.MulDivCeil(at.To, int64(c.SampleRate()), frame) + 1
	return ceilDiv(s.weighed(to+s.frames-1)-s.weighed(from), s.frames)
}

// weighed adds up the weights of the units before unit i of a lap, for any i.
func (s *audioShape) weighed(i int64) int64 {
	units := int64(len(s.weights)) - 1
	lap := media.FloorDiv(i, units)
	return lap*s.weights[units] + s.weights[i-lap*units]
}
