package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// segmentAudio goes through the PES packets of a track that begin in a segment.
type segmentAudio struct {
	pesPosition
	pid    PID
	delay  media.Ticks
	left   int64 // PES packets still to come
	pts    media.Ticks
	reader *media.Reader
}

func newSegmentAudio(s *Segments, i int, at loop.Segment) *segmentAudio {
	d := s.demand.audio[i]
	a := &segmentAudio{pid: s.demand.config.audioPID(i), delay: s.delay}
	a.audioDemand = d
	from, to := d.pesFrom(at.From, at.Scale), d.pesFrom(at.To, at.Scale)
	a.left = to - from
	a.seek(loop.UnitNumber(from*int64(d.frames)), s.audio[i])
	return a
}

// seek goes to the PES packet that begins with a unit of the grid.
func (a *segmentAudio) seek(unit loop.UnitNumber, sums audioSums) {
	a.enter(a.audio.LapOf(unit))
	a.count = a.sent(a.number)
	known := sums[a.residue(a.lap.First)][a.lap.Len-a.audio.Floor]
	if n := int(unit-a.gridUnit()) / a.frames / stride; n < len(known) {
		a.unit += n * stride * a.frames
		a.count += packetCount(known[n])
	}
	for ; a.gridUnit() < unit; a.unit += a.frames {
		a.count += packetCount(a.size())
	}
	a.settle()
	a.setPTS()
}

func (a *segmentAudio) next(packets Slot) {
	a.count += packetCount(packets)
	a.left--
	a.advance()
	a.setPTS()
}

func (a *segmentAudio) setPTS() { a.pts = a.timestamp(a.gridUnit(), 0) + a.delay }

// pesFrom returns the number of the first PES packet that begins at time t or
// after it, in ticks of 1/scale s from the presentation of lap 0 on.
func (d *audioDemand) pesFrom(t, scale int64) int64 {
	return -media.FloorDiv(-int64(d.audio.FirstUnit(t, scale)), int64(d.frames))
}

// maxPackets bounds the packets that the PES packets of a segment take in any
// lap, wherever the grid puts them.
func (d *audioDemand) maxPackets(at loop.Segment) int64 {
	c := d.audio.Track.Audio()
	frame := at.Scale * int64(c.FrameSamples())
	from := media.MulDiv(at.From, int64(c.SampleRate()), frame) - 1
	to := int64(d.audio.FirstUnit(at.To, at.Scale)) + 1
	frames := int64(d.frames)
	return ceilDiv(int64(d.weighed(to+frames-1)-d.weighed(from)), frames)
}

// weighed adds up the weights of the units before unit i of a lap, for any i.
func (d *audioDemand) weighed(i int64) Slot {
	units := d.weights.len()
	lap := media.FloorDiv(i, units)
	return Slot(lap)*d.weights.of(units) + d.weights.of(i-lap*units)
}
