package mpegts

import (
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// candidate is a plan that may not be schedulable.
type candidate struct {
	Plan
	// audioAhead is how many slots an audio packet may wait for its turn.
	audioAhead Slot
	// spacedByRate says that the test includes the spacing of pictures.
	spacedByRate bool
	interrupted  func() bool
}

// blockSeconds is about how long a block lasts: what is replayed to find a packet.
const blockSeconds = 4

// candidate applies a rate of slots packets a lap to the demand. It returns nil
// where the rate has no room for the system packets and the audio.
func (d *demand) candidate(slots Slot, keep limits) *candidate {
	c := clock{lap: d.loop.Length, slots: slots}
	if slots < 1 || !c.fits() {
		return nil
	}
	table, ok := newTimetable(c, d.tables, d.config.PCRPeriod, d.described)
	if !ok {
		return nil
	}
	p := &candidate{Plan: Plan{
		loop: d.loop, config: *d.config, pcrPID: d.config.pcrPID(d.loop),
		clock: c, timetable: table, tables: d.tables, ExceedsLevel: keep == noLimits, keeps: keep, pcrApart: d.pcrApart,
	}, interrupted: d.interrupted}
	// Audio waits for one packet of each other track and for the packets of a
	// system interval, during which another may come; and as long again at the
	// end of a block, where it makes room for the next.
	p.guard = Slot(len(d.audio)) + 2*table.longest() + 1
	p.audioAhead = 2 * p.guard
	p.blocks = max(1, min(c.lap.Num/c.lap.Den/blockSeconds, int64(slots/(8*p.guard))))
	if slots < 4*p.guard && len(d.audio) > 0 {
		return nil
	}
	for _, a := range d.audio {
		p.audio = append(p.audio, newAudioPlan(a, c, presentationDelay(d.loop), p.audioAhead+2))
	}
	if d.video != nil {
		p.video = newVideoPlan(d.video, c, keep, d.leak())
		p.video.carriesPCR = p.video.tb != nil && p.pcrPID == d.config.VideoPID
		if d.spacing == spacingByRelease {
			p.video.sendWithin(pictureLead)
		}
		p.spacedByRate = d.spacing == spacingByRate
	}
	if !p.audioFits() || d.sound == soundFits && p.overfilled() >= 0 {
		return nil
	}
	return p
}

// audioFits reports whether the multiplex is fast enough for the densest audio
// of all tracks together: no queue is longer than one packet of each track and
// the packets of a system interval.
func (p *candidate) audioFits() bool {
	// In packets a lap, if all audio were the densest.
	sum := p.timetable.perLap()
	for _, a := range p.audio {
		sum += Slot(media.MulDivCeil(int64(a.densest), a.lapTicks(), int64(a.frames)*a.audio.Step()))
	}
	return sum <= p.clock.slots
}

// plan returns the schedulable candidate as a plan, without what only the
// schedulability test needs.
func (p *candidate) plan() *Plan {
	plan := p.Plan
	for i, a := range plan.audio {
		lean := *a
		lean.audioDemand = a.withoutWeights()
		plan.audio[i] = &lean
	}
	return &plan
}

// schedulable returns the candidate at a rate, nil where it is not schedulable.
func (d *demand) schedulable(slots Slot, keep limits) *candidate {
	if p := d.candidate(slots, keep); p != nil && p.test() == nil {
		return p
	}
	return nil
}

// plan returns the plan at the configured rate, or at the smallest. Where the sound
// overfills the decoder's buffer, PES packets are made smaller, and then the rate
// higher; where pictures take so long that their PTS are too far apart, too. Where
// pictures would come before the tables, laps begin with these.
func (d *demand) plan() (*Plan, error) {
	for {
		p, err := d.search()
		if err != nil && d.relent() {
			continue
		}
		if err != nil || !d.adjust(p) {
			return p, err
		}
	}
}

// adjust changes the demand where a plan does not do what the rate alone cannot,
// and reports whether it did.
func (d *demand) adjust(p *Plan) bool {
	i := p.overfilled()
	switch {
	case i >= 0 && d.audio[i].frames > 1:
		d.audio = slices.Clone(d.audio)
		d.audio[i], d.least = newAudioDemand(d.audio[i].audio, d.audio[i].frames-1), 0
	case i >= 0 && d.sound == soundAsPlanned:
		d.sound, d.least, d.keep = soundFits, p.clock.slots, &p.keeps
	case d.spacing == spacingAsPlanned && !p.spaced():
		d.spacing, d.least, d.keep = spacingByRate, p.clock.slots, &p.keeps
	case !d.described && !p.describedFirst():
		d.described, d.least = true, p.clock.slots
	default:
		return false
	}
	return true
}

// relent gives up what no rate makes possible, and reports whether it did.
func (d *demand) relent() bool {
	switch {
	case d.spacing == spacingByRate:
		d.spacing = spacingByRelease
	case d.spacing == spacingByRelease:
		d.spacing = spacingBroken
	case d.sound == soundFits:
		d.sound = soundBreaks
	default:
		return false
	}
	d.least = 0
	return true
}

// overfilled returns the first track that overfills its buffer in the decoder, −1 if
// none does. A track that is faster than its buffer does so at every rate.
func (p *Plan) overfilled() int {
	return slices.IndexFunc(p.audio, func(a *audioPlan) bool { return !a.tooFast() && a.overfills() })
}

func (d *demand) search() (*Plan, error) {
	if rate := d.config.MuxRate; rate != 0 {
		return d.planAt(rate)
	}
	return d.smallest()
}

func (d *demand) planAt(rate media.BitRate) (*Plan, error) {
	length := d.loop.Length
	// The nearest whole number of packets a lap, or one of the following: because
	// of rounding, what is schedulable at a rate may miss by a slot at a slightly
	// higher one.
	slots := Slot(media.MulDiv(2*int64(rate), length.Num, packet.Bits*length.Den)+1) / 2
	apart := d.withPCRApart()
	for _, d := range []*demand{d.withTBEmptied(), apart.withTBEmptied(), d, apart} {
		for more := Slot(0); d != nil && more < 4; more++ {
			if p := d.schedulable(slots+more, declaredLimits); p != nil {
				return p.plan(), nil
			}
		}
	}
	if d.keep != nil {
		return nil, fault.New(fault.Rate, "a mux rate of %v is too low for the pictures and the sound of this file", rate)
	}
	auto := *d
	config := *d.config
	config.MuxRate = 0
	auto.config, auto.least = &config, 0
	least, err := auto.plan()
	if err != nil {
		return nil, err
	}
	if least.keeps > declaredLimits && least.clock.slots <= slots {
		if least.pcrApart {
			d = apart
		}
		if p := d.schedulable(slots, least.keeps); p != nil {
			return p.plan(), nil
		}
	}
	return nil, fault.New(fault.Rate, "a mux rate of %v is too low for this file: give at least --muxrate %d, or auto", rate, least.BitRate()+1)
}

// precision is the relative accuracy of the smallest rate: 1/8192.
const precision = 13

// smallest returns the plan of the smallest schedulable rate within the limits that the
// stream declares, or else within wider ones. The PCR stays on the video's PID where that
// needs no higher rate.
func (d *demand) smallest() (*Plan, error) {
	for _, keep := range []limits{declaredLimits, levelLimits, noLimits} {
		if d.keep != nil && keep != *d.keep || keep == levelLimits && (d.video == nil || d.video.buffer.Level <= d.video.buffer.Size) {
			continue
		}
		apart := d.withPCRApart()
		if apart == nil || keep == noLimits {
			apart = d
		}
		p := apart.smallestWithin(keep)
		if p == nil {
			continue
		}
		if p.pcrApart {
			if q := d.schedulable(p.clock.slots, keep); q != nil {
				p = q
			}
		}
		if q := p.withTBEmptied(d, apart, keep); q != nil {
			p = q
		}
		return p.plan(), nil
	}
	return nil, fault.New(fault.Media, "no mux rate up to %v is enough for this file: its pictures are too large for their rate", media.BitRate(maxRate))
}

// withTBEmptied returns a candidate at that rate, or at one up to an eighth higher, with
// which the transport buffer of the video is empty once a second. It returns nil where none is schedulable.
func (p *candidate) withTBEmptied(d, apart *demand, keep limits) *candidate {
	if p.video == nil || p.video.tb == nil {
		return nil
	}
	const steps = 8
	for i := range Slot(steps) {
		for _, d := range slices.Compact([]*demand{d, apart}) {
			if q := d.withTBEmptied().schedulable(p.clock.slots+p.clock.slots*i/(8*steps), keep); q != nil {
				return q
			}
		}
	}
	return nil
}

// smallestWithin returns the candidate of the smallest schedulable rate, nil where no
// rate is. It climbs from the mean rate, each time by what the first late picture was
// short of, halves the way back, and then tries rates just below: since slots are whole,
// a rate may be schedulable where a slightly higher one is not.
func (d *demand) smallestWithin(keep limits) *candidate {
	low, high := d.climb(keep)
	if high == nil {
		return nil
	}
	if high.blocks >= longLap {
		low, high = d.narrow(low, high, keep)
	}
	for high.clock.slots-low > 1+high.clock.slots>>precision {
		middle := low + (high.clock.slots-low)/2
		if p := d.schedulable(middle, keep); p != nil {
			high = p
		} else {
			low = middle
		}
	}
	budget := 1000 + high.clock.slots>>precision // so that no chain of rates goes on for ever
	for tries := d.tries(); tries > 0 && budget > 0; tries-- {
		if p := d.schedulable(high.clock.slots-tries, keep); p != nil {
			high, tries = p, d.tries()
			budget--
		}
	}
	return high
}

// longLap is how many blocks a lap has, an hour or so, for which narrow saves time.
const longLap = 1000

// narrow brings a rate that is too low and one that is schedulable nearer together in
// a long lap. It halves by the beginning of the lap alone, an eighth of it, where a rate that
// is too low mostly shows, and then tests what it has found.
func (d *demand) narrow(low Slot, high *candidate, keep limits) (Slot, *candidate) {
	slots := high.clock.slots
	for slots-low > 1+slots>>precision {
		middle := low + (slots-low)/2
		if p := d.candidate(middle, keep); p == nil || p.schedule(p.blocks/8) != nil {
			low = middle
		} else {
			slots = middle
		}
	}
	if slots == high.clock.slots {
		return low, high
	}
	if p := d.schedulable(slots, keep); p != nil {
		return low, p
	}
	return slots, high
}

// tries returns how many rates below a schedulable one are worth a try: many
// where a lap is short, so that a slot makes a difference.
func (d *demand) tries() Slot {
	const pictures = 50_000 // to go through, in some milliseconds
	if d.video == nil {
		return 64
	}
	return Slot(min(64, pictures/d.video.video.Len()))
}

// maxRate is the highest mux rate that is tried, in bit/s.
const maxRate = 2_000_000_000

// climb returns a schedulable candidate and a number of slots that is too low,
// or nil where a higher rate does not help. Its steps grow: where pictures are
// of nearly equal size, a rate that is too low is a little too low everywhere,
// and shows it late.
func (d *demand) climb(keep limits) (low Slot, found *candidate) {
	slots := max(d.mean(), d.least)
	low = slots - 1
	limit := Slot(media.MulDiv(maxRate, d.loop.Length.Num, packet.Bits*d.loop.Length.Den)) + 1000
	if d.spacing == spacingByRate {
		limit = min(limit, 2*d.least) // What takes longer then waits for room in the decoder.
	}
	for step := 1 + slots>>precision; slots <= limit; step *= 2 {
		next := slots + max(step, slots>>6)
		if p := d.candidate(slots, keep); p != nil {
			m := p.test()
			if m == nil {
				return low, p
			}
			// Just above what was possible without the tables, more is.
			if m.hopeless && slots > d.least+d.least/8 {
				return 0, nil
			}
			next = max(slots+step, m.estimate(slots))
		}
		low, slots = slots, next
	}
	return 0, nil
}

// deadlineMiss is a picture that would be sent too late.
type deadlineMiss struct {
	needed, had Slot // slots from the beginning of the queue in which it waited
	hopeless    bool // no higher rate helps
}

// estimate returns how many slots a lap must have to avoid the miss. The
// estimate errs on the low side.
func (m *deadlineMiss) estimate(slots Slot) Slot {
	if m.had <= 0 {
		return slots + slots/16 + 1
	}
	ratio := float64(m.needed) / float64(m.had)
	return Slot(math.Ceil(float64(slots) * min(ratio, 1.5)))
}
