package mpegts

import (
	"math"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// shape is what a loop asks of a multiplex, whatever its rate.
type shape struct {
	loop     *loop.Loop
	config   *Config
	sections sections
	video    *videoShape
	audio    []*audioShape
}

func newShape(l *loop.Loop, c *Config) *shape {
	s := &shape{loop: l, config: c, sections: newSections(c, l, versions{})}
	if l.Video != nil {
		s.video = newVideoShape(l.Video)
	}
	for _, a := range l.Audio {
		s.audio = append(s.audio, newAudioShape(a, c.FramesPerPES))
	}
	return s
}

// draft is a plan that is not proven yet.
type draft struct {
	Plan
	// audioAhead bounds how many slots later than planned an audio packet leaves.
	audioAhead int64
}

// blockSeconds is about how long a block is. Each costs the few slots by which
// the worst place sound may have differs from the others; and as much as one
// has to be gone through to find a packet.
const blockSeconds = 4

// draft applies a rate of slots packets a lap to the shape; nil where the rate
// has no room for the system packets and the sound.
func (s *shape) draft(slots int64, strained bool) *draft {
	c := clock{num: s.loop.Length.Num, den: s.loop.Length.Den, slots: slots}
	if slots < 1 || !c.fits() {
		return nil
	}
	sys, ok := newSystem(c, &s.sections, s.config.intervals())
	if !ok {
		return nil
	}
	d := &draft{Plan: Plan{loop: s.loop, config: *s.config, pcrPID: s.config.pcrPID(s.loop), clock: c, system: sys, sections: s.sections, Strained: strained}}
	// Audio waits for one packet of each other track and for a tick of system
	// packets, while another may come; and as long again at the end of a block,
	// where it makes room for the next.
	d.guard = int64(len(s.audio)) + 2*sys.longest() + 1
	d.audioAhead = 2 * d.guard
	d.blocks = max(1, min(c.num/c.den/blockSeconds, slots/(8*d.guard)))
	if slots < 4*d.guard && len(s.audio) > 0 {
		return nil
	}
	for _, a := range s.audio {
		d.audio = append(d.audio, newAudioPlan(a, c, s.audioDelay(), d.audioAhead+2))
	}
	if s.video != nil {
		d.video = newVideoPlan(s.video, c, strained)
	}
	if !d.audioFits() {
		return nil
	}
	return d
}

// audioDelay is when the first picture of lap 0 is shown, in ticks of 90 kHz after the epoch.
func (s *shape) audioDelay() int64 {
	if s.video == nil {
		return decodeDelay
	}
	v := s.loop.Video
	return decodeDelay + media.MulDiv(v.Shown(), media.TicksPerSecond, int64(v.Track.Timescale))
}

// audioFits reports whether the densest sound of all tracks together leaves
// the multiplex fast enough for a queue never to be longer than one packet a
// track and a tick of system packets.
func (d *draft) audioFits() bool {
	// In units of packets a lap: what a track would take if all of it were its densest.
	sum := d.system.before(d.clock.slots)
	for _, a := range d.audio {
		sum += media.MulDivCeil(a.densest, a.lapTicks(), a.frames*a.lap.Step())
	}
	return sum <= d.clock.slots
}

// plan is the proven draft, without what only the proof needed.
func (d *draft) plan() *Plan {
	p := d.Plan
	for i, a := range p.audio {
		proven, bare := *a, *a.audioShape
		bare.weights = nil
		proven.audioShape = &bare
		p.audio[i] = &proven
	}
	return &p
}

// precision is how close to the smallest rate the search comes: 1/8192.
const precision = 13

// smallest finds the smallest rate at which a plan is proven. It goes up from
// what the packets need on average, each time by what the pictures that came
// too late were short of, halves the way back, and then tries what lies just
// below: as slots are whole, a rate may do where one a hair higher does not.
func (s *shape) smallest() (*Plan, error) {
	for _, strained := range []bool{false, true} {
		low, high := s.climb(strained)
		if high == nil {
			continue
		}
		for high.clock.slots-low > 1+high.clock.slots>>precision {
			middle := low + (high.clock.slots-low)/2
			if d := s.proven(middle, strained); d != nil {
				high = d
			} else {
				low = middle
			}
		}
		for tries := s.patience(); tries > 0; tries-- {
			if d := s.proven(high.clock.slots-tries, strained); d != nil {
				high, tries = d, s.patience()
			}
		}
		return high.plan(), nil
	}
	return nil, fault.New(fault.Media, "no mux rate up to %v is enough for this file: its pictures are too large for their rate", media.BitRate(maxRate))
}

// proven returns the draft of a rate, nil where it does not hold.
func (s *shape) proven(slots int64, strained bool) *draft {
	if d := s.draft(slots, strained); d != nil && d.prove() == nil {
		return d
	}
	return nil
}

// patience is how many rates below a proven one are worth a try: many where a
// lap is short and each slot of it is much.
func (s *shape) patience() int64 {
	const pictures = 50_000 // to go through for it, some milliseconds
	if s.video == nil {
		return 64
	}
	return min(64, pictures/s.video.len)
}

// maxRate is the highest mux rate, in bit/s, that is tried.
const maxRate = 2_000_000_000

// climb returns a proven draft and a number of slots that is too low. There is
// none (nil) where a higher rate does not help. Its steps grow, for where all
// pictures are nearly of one size a rate that is too low is so by little
// everywhere, and shows it late.
func (s *shape) climb(strained bool) (low int64, proven *draft) {
	slots := s.average()
	low = slots - 1
	limit := media.MulDiv(maxRate, s.loop.Length.Num, packet.Bits*s.loop.Length.Den) + 1000
	for step := 1 + slots>>precision; slots <= limit; step *= 2 {
		next := slots + max(step, slots>>6)
		if d := s.draft(slots, strained); d != nil {
			m := d.prove()
			if m == nil {
				return low, d
			}
			if m.hopeless {
				return 0, nil
			}
			next = max(slots+step, m.better(slots))
		}
		low, slots = slots, next
	}
	return 0, nil
}

// average is a number of slots that no plan can do with less of.
func (s *shape) average() int64 {
	var sum int64
	if s.video != nil {
		sum += s.video.packets
	}
	for _, a := range s.audio {
		sum += min(a.laps[0][0], a.laps[len(a.laps)-1][0])
	}
	return sum + 1
}

// miss is a picture that would be sent too late.
type miss struct {
	needed, had int64 // slots from the beginning of the queue it waited in
	hopeless    bool  // no higher rate helps
}

// better estimates how many slots a lap must have for the miss not to happen.
// The estimate errs to the low side, for smallest to come back from.
func (m *miss) better(slots int64) int64 {
	if m.had <= 0 {
		return slots + slots/16 + 1
	}
	ratio := float64(m.needed) / float64(m.had)
	return int64(math.Ceil(float64(slots) * min(ratio, 1.5)))
}
