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

func newPieceSound(p *Segments, i int, at loop.Segment) *pieceSound {
	a := p.shape.audio[i]
	s := &pieceSound{audioShape: a, pid: p.shape.config.audioPID(i), delay: p.delay}
	from, to := a.pesFrom(at.From, at.Scale), a.pesFrom(at.To, at.Scale)
	s.left = to - from
	s.seek(from*a.frames, p.sounds[i])
	return s
}

// seek goes to the PES packet that begins with a unit of the grid.
func (s *pieceSound) seek(unit int64, sums soundSums) {
	s.number = s.lap.LapOf(unit)
	s.now = s.lap.Lap(s.number)
	s.count = s.sent(s.number)
	s.first = s.audioShape.first(s.now.First)
	known := sums[s.residue(s.now.First)][s.now.Len-s.lap.Floor]
	if n := (unit - s.now.First - s.first) / s.frames / stride; n < int64(len(known)) {
		s.first += n * stride * s.frames
		s.count += uint64(known[n])
	}
	for ; s.now.First+s.first < unit; s.first += s.frames {
		s.count += uint64(s.packets(s.first, int64(s.now.Len)))
	}
	s.settle()
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

// most bounds the packets that the PES packets of a piece take in any lap,
// wherever the grid puts them.
func (s *audioShape) most(at loop.Segment) int64 {
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
