package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// videoPlan is how the video of a lap is sent at a rate. Slots count from the
// beginning of lap 0.
type videoPlan struct {
	*videoDemand
	clock clock
	// room is how many packets the decoder's buffer holds.
	room Slot
	// tb and mb are the buffers before the elementary stream buffer (2.4.2.3),
	// where the multiplex may fill them faster than they empty; nil otherwise.
	tb, mb *leakyBucket
	// carriesPCR says that PCRs have the PID of the video and pass tb too.
	carriesPCR bool
	// transit is how many slots a packet takes through those buffers at most.
	transit Slot
	// released, complete and decoded are the times from a unit's DTS in the lap to
	// when it may be sent, must have arrived, and is decoded, in units of the track's
	// timescale divided by finer.
	released, complete, decoded int64
	finer                       int64
	// slowest are the slowest units in the worst case of all laps, the slowest first.
	slowest []slowUnit
	// checkpoints are the states at the beginning of each block, and at the end of a lap.
	checkpoints []checkpoint
}

// checkpoint is how far the video is sent when a block begins.
type checkpoint struct {
	unit loop.UnitNumber // the unit being sent
	left Slot            // its packets still to be sent, 1 or more
	sent Slot            // packets sent since the lap's first one; negative while laps before are being sent
}

func (m checkpoint) shifted(v *videoPlan, laps loop.LapNumber) checkpoint {
	return checkpoint{unit: m.unit + loop.UnitNumber(int(laps)*v.video.Len()), left: m.left, sent: m.sent + Slot(laps)*v.packets}
}

// limits are the buffers of the decoder that a plan keeps to.
type limits int

const (
	// declaredLimits are the buffers that the stream declares, or else its level's.
	declaredLimits limits = iota
	// levelLimits are those of the level, for a stream that breaks what it declares.
	levelLimits
	// noLimits leaves only the deadlines, for a stream that breaks its level.
	noLimits
)

// newVideoPlan applies the rate of a clock to the video. Its transport buffer empties at
// leak.
func newVideoPlan(d *videoDemand, c clock, keep limits, leak media.BitRate) *videoPlan {
	v := &videoPlan{videoDemand: d, clock: c, room: 1 << 40, finer: 1}
	// A DTS is rounded down by up to a tick of 90 kHz.
	slack := media.Ticks(1)
	if keep < noLimits {
		size := d.buffer.Size
		if keep == levelLimits {
			size = max(size, d.buffer.Level)
		}
		v.room = Slot(size / payloadSize)
		v.tb = newLeakyBucket(c, transportBuffer, packet.Size, leak)
		// A larger MB is not used: units are decoded from EB, and those that wait
		// in a large MB arrive there late.
		v.mb = newLeakyBucket(c, min(d.buffer.Mux, media.MuxBuffer(d.buffer.Drain)), payloadSize, d.buffer.Drain)
		v.transit = v.tb.transit() + v.mb.transit()
		// The last byte passes from one buffer to the next twice.
		slack += media.Ticks(media.MulDivCeil(2*8, media.TicksPerSecond, int64(min(d.buffer.Leak, d.buffer.Drain))))
	}
	scale := int64(d.video.Track.Timescale)
	if media.MulDiv(int64(decodeDelay-slack), scale, media.TicksPerSecond) < 1 {
		v.finer = media.TicksPerSecond // The timescale counts whole seconds.
		scale *= v.finer
	}
	v.complete = media.MulDiv(int64(decodeDelay-slack), scale, media.TicksPerSecond)
	v.decoded = media.MulDivCeil(int64(decodeDelay), scale, media.TicksPerSecond)
	return v
}

// sendWithin lets no unit be sent earlier than lead before it is decoded.
func (v *videoPlan) sendWithin(lead media.Ticks) {
	v.released = media.MulDivCeil(int64(decodeDelay-lead), int64(v.video.Track.Timescale)*v.finer, media.TicksPerSecond)
}

// release returns the first slot in which a unit may be sent: that of its DTS in
// the lap, decodeDelay before it is decoded, unless the plan has another one.
func (v *videoPlan) release(unit loop.UnitNumber) Slot {
	lap, t := v.time(unit)
	if v.released > 0 {
		return Slot(lap)*v.clock.slots + Slot(media.MulDivCeil(t*v.finer+v.released, int64(v.clock.slots), v.video.Length*v.finer))
	}
	return Slot(lap)*v.clock.slots + Slot(media.MulDivCeil(t, int64(v.clock.slots), v.video.Length))
}

// deadline returns the slot before which all packets of a unit must be sent, so
// that its last byte is in the elementary stream buffer at its DTS.
func (v *videoPlan) deadline(unit loop.UnitNumber) Slot {
	lap, t := v.time(unit)
	return Slot(lap)*v.clock.slots + Slot(media.MulDiv(t*v.finer+v.complete, int64(v.clock.slots), v.video.Length*v.finer)) - v.transit
}

// removal returns the first slot at whose beginning a unit has left the
// elementary stream buffer.
func (v *videoPlan) removal(unit loop.UnitNumber) Slot {
	lap, t := v.time(unit)
	return Slot(lap)*v.clock.slots + Slot(media.MulDivCeil(t*v.finer+v.decoded, int64(v.clock.slots), v.video.Length*v.finer))
}

func (v *videoPlan) time(unit loop.UnitNumber) (lap loop.LapNumber, dts int64) {
	lap, u := v.video.Index(unit)
	return lap, v.video.Unit(u).DTS
}

// still reports whether the next unit comes so much later that PTS are as far apart
// as they may be, or farther.
func (v *videoPlan) still(unit loop.UnitNumber) bool {
	lap, t := v.time(unit)
	next, u := v.time(unit + 1)
	step := int64(next-lap)*v.video.Length + u - t
	return step*media.TicksPerSecond >= int64(maxPTSSpacing)*int64(v.video.Track.Timescale)
}

// buffered returns the first unit in the decoder's buffer at the beginning of a
// slot, and how many packets the buffer holds, when left packets of a unit are
// still to be sent.
func (v *videoPlan) buffered(slot Slot, unit loop.UnitNumber, left Slot) (first loop.UnitNumber, held Slot) {
	first, held = unit, v.size(unit)-left
	for v.removal(first-1) > slot {
		first--
		held += v.size(first)
	}
	return first, held
}

// slow reports whether the buffers are so much slower than the multiplex that they
// set the pace.
func (v *videoPlan) slow() bool {
	const factor = 4 << 16
	return v.tb != nil && v.tb.gap > factor || v.mb != nil && v.mb.gap > factor
}
