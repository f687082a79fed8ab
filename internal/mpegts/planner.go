package mpegts

import (
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
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
		if err != nil {
			return nil, err
		}
		adjust := d.adjustment(p)
		if adjust == nil {
			return p, nil
		}
		adjust()
	}
}

// adjustment returns the change to the demand that a plan needs where it does not do what
// the rate alone cannot, nil where it needs none.
func (d *demand) adjustment(p *Plan) func() {
	i := p.overfilled()
	switch {
	case i >= 0 && d.audio[i].frames > 1:
		return func() {
			d.audio = slices.Clone(d.audio)
			d.audio[i], d.least = newAudioDemand(d.audio[i].audio, d.audio[i].frames-1, d.audio[i].buffer), 0
		}
	case i >= 0 && d.sound == soundAsPlanned:
		return func() { d.sound, d.least, d.keep = soundFits, p.clock.slots, &p.keeps }
	case d.spacing == spacingAsPlanned && !p.spaced():
		return func() { d.spacing, d.least, d.keep = spacingByRate, p.clock.slots, &p.keeps }
	case !d.described && !p.describedFirst():
		return func() { d.described, d.least = true, p.clock.slots }
	}
	return nil
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
		if q := p.withTBEmptied(d, apart, keep); q != nil {
			p = q
		} else if p.pcrApart {
			if q := d.schedulable(p.clock.slots, keep); q != nil {
				p = q
			}
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
	if d.video != nil && d.video.video.Len() > longLap {
		return d.smallestOfLongLap(keep)
	}
	low, high := d.climb(d.start(), keep, (*candidate).test)
	if high == nil {
		return nil
	}
	_, high = d.halve(low, high, keep, (*candidate).test)
	budget := 1000 + high.clock.slots>>precision // so that no chain of rates goes on for ever
	for tries := d.tries(); tries > 0 && budget > 0; tries-- {
		if p := d.schedulable(high.clock.slots-tries, keep); p != nil {
			high, tries = p, d.tries()
			budget--
		}
	}
	return high
}

// longLap is how many pictures a lap has that takes long to go through, in milliseconds.
const longLap = 20_000

// smallestOfLongLap is smallestWithin for a lap that takes long to go through. It does
// that only at rates at which the pictures are in time that were late at lower ones, and
// those of the second that has most to send.
func (d *demand) smallestOfLongLap(keep limits) *candidate {
	hard, opens := []stretch{d.video.densest}, false
	test := func(p *candidate) *deadlineMiss {
		for _, s := range hard {
			if m := p.within(s); m != nil {
				return m
			}
		}
		if opens {
			return p.opening()
		}
		return nil
	}
	tried, slots := Slot(0), d.start() // tried is too low
	for step := Slot(1); ; step *= 2 {
		low, p := d.climb(slots, keep, test)
		if p == nil {
			return nil
		}
		low, p = d.halve(low, p, keep, test)
		if tried > 0 && low < slots { // It was not tried.
			low = tried
		}
		m := p.opening()
		if m == nil {
			m = p.test()
		}
		if m == nil {
			_, p = d.halve(low, p, keep, (*candidate).test)
			return p
		}
		tried = p.clock.slots
		slots = tried + max(1, tried*step>>(precision+3))
		switch {
		case d.interrupted() || m.hopeless && d.aboveLeast(tried):
			return nil
		case m.in != nil:
			hard = append(slices.DeleteFunc(hard, m.in.covers), *m.in)
		case opens:
			slots = max(slots, m.estimate(tried))
		default:
			opens = true
		}
	}
}

// halve halves the way from a rate that is too low, or was not tried, to a candidate that
// passes a test.
func (d *demand) halve(low Slot, high *candidate, keep limits, test func(*candidate) *deadlineMiss) (Slot, *candidate) {
	for high.clock.slots-low > 1+high.clock.slots>>precision {
		middle := low + (high.clock.slots-low)/2
		if p := d.candidate(middle, keep); p != nil && test(p) == nil {
			high = p
		} else {
			low = middle
		}
	}
	return low, high
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

// start returns the number of slots with which a search begins.
func (d *demand) start() Slot { return max(d.mean(), d.least) }

// aboveLeast reports whether a rate is so much above what was possible without the tables
// that what is hopeless there is so at any rate. Just above it, more is possible.
func (d *demand) aboveLeast(slots Slot) bool { return slots > d.least+d.least/8 }

// climb returns a candidate of slots a lap or more that passes a test and a number of slots that is too low,
// or nil where a higher rate does not help. Its steps grow: where pictures are
// of nearly equal size, a rate that is too low is a little too low everywhere,
// and shows it late.
func (d *demand) climb(slots Slot, keep limits, test func(*candidate) *deadlineMiss) (low Slot, found *candidate) {
	low = slots - 1
	limit := Slot(media.MulDiv(maxRate, d.loop.Length.Num, packet.Bits*d.loop.Length.Den)) + 1000
	if d.spacing == spacingByRate {
		limit = min(limit, 2*d.least) // What takes longer then waits for room in the decoder.
	}
	for step := 1 + slots>>precision; slots <= limit; step *= 2 {
		next := slots + max(step, slots>>6)
		if p := d.candidate(slots, keep); p != nil {
			m := test(p)
			if m == nil {
				return low, p
			}
			if m.hopeless && d.aboveLeast(slots) {
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
	needed, had Slot     // slots from the beginning of the queue in which it waited
	in          *stretch // that queue, nil where it is too long or the miss another
	hopeless    bool     // no higher rate helps
}

// stretch are the units from one of a lap to another, of the lap or the next.
type stretch struct{ first, last loop.UnitNumber }

func (s stretch) covers(t stretch) bool { return s.first <= t.first && t.last <= s.last }

// estimate returns how many slots a lap must have to avoid the miss. The
// estimate errs on the low side.
func (m *deadlineMiss) estimate(slots Slot) Slot {
	if m.had <= 0 {
		return slots + slots/16 + 1
	}
	ratio := float64(m.needed) / float64(m.had)
	return Slot(math.Ceil(float64(slots) * min(ratio, 1.5)))
}
