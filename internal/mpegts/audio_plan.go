package mpegts

import (
	"slices"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// audioShape is what one track of sound asks of a multiplex, whatever its rate.
//
// PES packet j holds the units j·frames to j·frames + frames − 1 of the track's
// grid. As a lap may begin with any of a PES packet's units, the same unit of a
// lap falls into different company in different laps.
type audioShape struct {
	lap    *loop.Audio
	frames int64
	// laps[r][n] is how many packets the PES packets take that begin in a lap
	// whose first unit is the r-th of a PES packet, and that holds Floor + n units.
	laps [][2]int64
	// weights[i] is the sum over the units before i of a lap, 0 ≤ i ≤ Floor + 1,
	// of the packets of the largest PES packet the unit may be in: frames times
	// what it takes of the multiplex at most.
	weights []int64
	densest int64 // the largest of these
	// sizes is what lap.Size gives for laps of Floor and of Floor + 1 units, while the shape is made.
	sizes [2][]int32
}

func newAudioShape(a *loop.Audio, frames int) *audioShape {
	s := &audioShape{lap: a}
	for long := range s.sizes {
		s.sizes[long] = make([]int32, 0, a.Floor+1)
		for i := range a.Floor + 1 {
			s.sizes[long] = append(s.sizes[long], int32(a.Size(i, a.Floor+long)))
		}
	}
	// A PES packet spans two laps at the most, and of the second one only what
	// is the same in all laps.
	frames = max(1, min(frames, a.Floor-a.Tail))
	s.frames = framesWithin(max(slices.Max(s.sizes[0]), slices.Max(s.sizes[1])), a.Track.Coding.Buffer().Size, frames)
	s.laps = make([][2]int64, s.frames)
	for r := range s.laps {
		s.laps[r] = [2]int64{s.lapPackets(int64(r), 0), s.lapPackets(int64(r), 1)}
	}
	s.weigh()
	s.sizes = [2][]int32{}
	return s
}

// framesWithin returns the most units a PES packet may hold, up to frames, so
// that a PES packet and as much as arrives while it waits fit the decoder's
// buffer. largest is the size of the largest unit, in bytes like buffer.
func framesWithin(largest int32, buffer, frames int) int64 {
	for frames > 1 && int(largest)*(frames+1)+packet.Size > buffer {
		frames--
	}
	return int64(frames)
}

// unit returns the size of a lap's unit i; units behind the lap are the next lap's.
func (s *audioShape) unit(i, lapUnits int64) int64 {
	for i >= lapUnits && lapUnits > 0 {
		i -= lapUnits
	}
	if sizes := s.sizes[lapUnits-int64(s.lap.Floor)]; sizes != nil {
		return int64(sizes[i])
	}
	return int64(s.lap.Size(int(i), int(lapUnits)))
}

// packets returns how many packets a PES packet takes that begins with unit i of a lap of lapUnits.
func (s *audioShape) packets(i, lapUnits int64) int64 {
	n := int64(pesHeaderPTS)
	for f := range s.frames {
		n += s.unit(i+f, lapUnits)
	}
	return ceilDiv(n, payloadSize)
}

// first returns which unit of a lap is the first to begin a PES packet, when
// the lap's own first unit is number unit on the grid.
func (s *audioShape) first(unit int64) int64 { return (s.frames - unit%s.frames) % s.frames }

// lapPackets adds up the PES packets that begin in a lap of Floor + long units
// whose first unit is the r-th of a PES packet.
func (s *audioShape) lapPackets(r, long int64) int64 {
	var sum int64
	units := int64(s.lap.Floor) + long
	for i := s.first(r); i < units; i += s.frames {
		sum += s.packets(i, units)
	}
	return sum
}

// before returns how many packets were sent before those of the PES packets
// that begin in lap n, modulo 2⁶⁴.
func (s *audioShape) before(n int64) uint64 {
	var sum uint64
	for r, packets := range s.laps {
		sum += s.lap.Laps(n, int64(r), s.frames, false) * uint64(packets[0])
		sum += s.lap.Laps(n, int64(r), s.frames, true) * uint64(packets[1])
	}
	return sum
}

// weigh fills weights and densest. A unit near the ends of a lap may share a
// PES packet with units of the next lap, whichever of both lengths this one has.
func (s *audioShape) weigh() {
	n := int64(s.lap.Floor) + 1
	heaviest := make([]int64, n)
	note := func(from, lapUnits int64) {
		p := s.packets(from, lapUnits)
		for f := range s.frames {
			i := from + f
			for i >= lapUnits {
				i -= lapUnits
			}
			heaviest[i] = max(heaviest[i], p)
		}
	}
	for i := range n {
		note(i, n)
		if i+s.frames+int64(s.lap.Tail) >= n && i < n-1 {
			note(i, n-1)
		}
	}
	s.weights = make([]int64, n+1)
	for i, w := range heaviest {
		s.weights[i+1] = s.weights[i] + w
		s.densest = max(s.densest, w)
	}
}

// audioPlan is how the sound of a track is sent at a rate.
type audioPlan struct {
	*audioShape
	clock clock
	// delay is how long after the epoch the grid's unit 0 is played, in ticks of
	// 90 kHz: when the first picture of lap 0 is.
	delay int64
	// lead is how long before its PTS the last byte of a PES packet is planned
	// to have left, in ticks of the track's grid: time for it to give way.
	lead int64
	// perSlot is how many units pass in a slot, in 2⁻³² units.
	perSlot int64
	// opening is the slot, counted from the beginning of a lap, in which the
	// lap's own first unit begins to be sent when it lies exactly on the lap.
	opening int64
}

func newAudioPlan(s *audioShape, c clock, delay, leadSlots int64) *audioPlan {
	a := &audioPlan{audioShape: s, clock: c, delay: delay}
	rate, step := s.lap.Rate(), s.lap.Step()
	a.lead = media.MulDivCeil(leadSlots, a.lapTicks(), c.slots)
	a.perSlot = int64(float64(a.lapTicks()) / float64(step) / float64(c.slots) * (1 << 32))
	start := media.MulDiv(delay, rate, media.TicksPerSecond) - a.lead - s.frames*step
	a.opening = media.MulDiv(start, c.slots, a.lapTicks())
	return a
}

// lapTicks is L in ticks of the track's grid.
func (a *audioPlan) lapTicks() int64 { return media.MulDiv(a.lap.Rate(), a.clock.num, a.clock.den) }

// slot returns the slot that packet i of packets is planned for, of a PES
// packet that begins with unit first of a lap. It counts from the beginning of
// that lap. The packets are spread over the time that the units themselves last,
// just before they are played.
func (a *audioPlan) slot(lap loop.Lap, first, i, packets int64) int64 {
	step := a.lap.Step()
	t := lap.Lead + first*step + media.MulDiv(a.delay, a.lap.Rate(), media.TicksPerSecond)
	t += i*a.frames*step/packets - a.frames*step - a.lead
	return media.MulDiv(t, a.clock.slots, a.lapTicks())
}

// half is half a unit in 2⁻³² units.
const half = 1 << 31

// weight adds up what the units before slot x take at most, times frames, where
// ahead moves the slot by so many 2⁻³² units; x counts from the beginning of a
// lap. What a unit takes is spread evenly over its time. A lap is taken to end
// with its unit Floor as a whole.
func (a *audioPlan) weight(x, ahead int64) int64 {
	x -= a.opening
	lap := media.FloorDiv(x, a.clock.slots)
	units := int64(len(a.weights)) - 1
	at := (x-lap*a.clock.slots)*a.perSlot + ahead
	i := at >> 32
	for i < 0 {
		i, lap = i+units, lap-1
	}
	for i >= units {
		i, lap = i-units, lap+1
	}
	part := (a.weights[i+1] - a.weights[i]) * (at & (1<<32 - 1)) >> 32
	return lap*a.weights[units] + a.weights[i] + part
}
