package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// audioPlan is how an audio track is sent at a rate.
type audioPlan struct {
	*audioDemand
	clock clock
	// delay is the time from the beginning of an entry to the presentation of
	// unit 0 of the grid.
	delay media.Ticks
	// lead is how long before its PTS the last byte of a PES packet is planned to
	// leave, in ticks of the track's grid. It leaves time to yield to other packets.
	lead int64
	// perSlot is how many units last as long as a slot, in 2⁻³² units.
	perSlot int64
	// opening is the slot of a lap in which its first unit begins to be sent when
	// that unit begins exactly with the lap.
	opening Slot
}

func newAudioPlan(d *audioDemand, c clock, delay media.Ticks, leadSlots Slot) *audioPlan {
	a := &audioPlan{audioDemand: d, clock: c, delay: delay}
	step := d.audio.Step()
	a.lead = media.MulDivCeil(int64(leadSlots), a.lapTicks(), int64(c.slots))
	a.perSlot = int64(float64(a.lapTicks()) / float64(step) / float64(c.slots) * (1 << 32))
	a.opening = a.slotOf(a.delayTicks() - a.lead - int64(d.frames)*step)
	return a
}

// lapTicks returns the duration of a lap in ticks of the track's grid.
func (a *audioPlan) lapTicks() int64 {
	return media.MulDiv(a.audio.Rate(), a.clock.lap.Num, a.clock.lap.Den)
}

// delayTicks returns delay in ticks of the track's grid.
func (a *audioPlan) delayTicks() int64 {
	return media.MulDiv(int64(a.delay), a.audio.Rate(), media.TicksPerSecond)
}

// slotOf returns the slot at a time in ticks of the track's grid.
func (a *audioPlan) slotOf(t int64) Slot {
	return Slot(media.MulDiv(t, int64(a.clock.slots), a.lapTicks()))
}

// slot returns the slot, counted from the beginning of a lap, that is planned
// for packet i of packets of a PES packet that begins with unit first of the
// lap. The packets are spread over the duration of the units, just before their
// presentation.
func (a *audioPlan) slot(lap loop.Lap, first int, i, packets Slot) Slot {
	step := a.audio.Step()
	duration := int64(a.frames) * step
	t := lap.Lead + int64(first)*step + a.delayTicks()
	return a.slotOf(t + int64(i)*duration/int64(packets) - duration - a.lead)
}

// halfUnit is half a unit in 2⁻³² units.
const halfUnit = 1 << 31

// weight adds up what the units before slot x of a lap take at most, times
// frames. ahead moves the slot by so many 2⁻³² units. A unit's packets count as
// spread evenly over its duration, and a lap as having all Floor + 1 units.
func (a *audioPlan) weight(x Slot, ahead int64) Slot {
	x -= a.opening
	var lap Slot
	if x < 0 || x >= a.clock.slots { // Most are of lap 0, and dividing takes time.
		lap = Slot(media.FloorDiv(int64(x), int64(a.clock.slots)))
	}
	units := a.weights.len()
	at := int64(x-lap*a.clock.slots)*a.perSlot + ahead
	i := at >> 32
	for i < 0 {
		i, lap = i+units, lap-1
	}
	for i >= units {
		i, lap = i-units, lap+1
	}
	before := a.weights.of(i)
	part := (a.weights.of(i+1) - before) * Slot(at&(1<<32-1)) >> 32
	return lap*a.weights.of(units) + before + part
}

// overfills reports whether what is planned does not fit the decoder's buffer B, at
// any place of any lap. Packets may be sent later than planned, but not earlier.
func (a *audioPlan) overfills() bool {
	size := a.buffer.Size
	// What comes while the units of a PES packet wait to be decoded: packets of this size.
	next := int(media.MulDivCeil(a.lead, int64(a.densest), int64(a.frames)*a.audio.Step())) + 2
	if pesHeaderPTS+a.frames*int(a.largest)+next*payloadSize <= size {
		return false
	}
	for units := a.audio.Floor; units <= a.audio.Floor+1; units++ {
		for i := range units {
			if a.fullest(i, units) > size {
				return true
			}
		}
	}
	return false
}

// fullest returns the most bytes in B while the units of the PES packet that begins
// with unit i of a lap are decoded. B is fullest just before a unit leaves it.
func (a *audioPlan) fullest(i, units int) int {
	step := a.audio.Step()
	slot := media.MulDivCeil(1, a.lapTicks(), int64(a.clock.slots)) // Packets are planned for the slot before their time.
	held, most := pesHeaderPTS, 0
	for f := range a.frames {
		held += a.unitSize(i+f, units)
	}
	for f := range a.frames {
		sum, ahead := held, a.lead+slot+int64(f)*step
		for next := i + a.frames; ahead > 0; next += a.frames {
			sum += a.arrived(next, units, ahead)
			ahead -= int64(a.frames) * step
		}
		most = max(most, sum)
		held -= a.unitSize(i+f, units)
		if f == 0 {
			held -= pesHeaderPTS
		}
	}
	return most
}

// arrived returns how many bytes of the PES packet that begins with unit i are
// planned within so many ticks of the track's grid from its first packet on.
func (a *audioPlan) arrived(i, units int, ticks int64) int {
	n := pesHeaderPTS
	for f := range a.frames {
		n += a.unitSize(i+f, units)
	}
	packets := int64(n+payloadSize-1) / payloadSize
	return min(n, int(media.MulDivCeil(ticks, packets, int64(a.frames)*a.audio.Step()))*payloadSize)
}

// tooFast reports whether the track takes more than the transport buffer passes on.
func (a *audioPlan) tooFast() bool {
	rate := media.MulDiv(int64(a.densest)*packet.Bits, a.audio.Rate(), int64(a.frames)*a.audio.Step())
	return rate > int64(a.buffer.Leak)
}
