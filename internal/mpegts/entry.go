package mpegts

import "github.com/lilo-live/lilo/internal/media"

// Origin is where in a stream a plan begins: what all before it has come to.
// The zero value is the beginning of a stream.
type Origin struct {
	// Ticks is the instant of its first packet, in ticks of 27 MHz after the epoch.
	Ticks int64 `json:"ticks"`
	// Packets is how many packets of the stream go before it.
	Packets int64 `json:"packets"`
	// Counters are the continuity counters of the next packet with payload of
	// each PID that had any, 0 to 15.
	Counters map[PID]byte `json:"counters,omitempty"`
	// Versions are the version numbers of PAT, PMT and SDT, 0 to 31.
	Versions [3]byte `json:"versions"`
}

// Entry is a stretch of a stream in which one plan is played, from its beginning
// on. It is immutable. Packets of a part count from its own first one.
type Entry struct {
	plan     *Plan
	origin   Origin
	begins   int64 // when packet 0 leaves, in nanoseconds after the epoch, rounded up
	sections sections
	tables   [3]byte // the first continuity counters of PAT, PMT and SDT
	// video and audio are how far pictures and sound are sent.
	video stop
	audio []stop
}

// stop is the number of the first packet of a PID that is not sent any more, in
// whose place and those behind it are null packets; there is none if it is not set.
type stop struct {
	set   bool
	count uint64
}

// passed reports whether packet number count is not sent.
func (s stop) passed(count uint64) bool { return s.set && int64(count-s.count) >= 0 }

// of is how many of the first count packets are sent.
func (s stop) of(count uint64) uint64 {
	if s.passed(count) {
		return s.count
	}
	return count
}

// earlier returns the stop at packet number count, or s if that is before it.
func (s stop) earlier(count uint64) stop { return stop{set: true, count: s.of(count)} }

// Begin returns the part that plays the plan from o on. once has it play a
// single lap: behind its last access unit come PCR, tables and null packets.
func (p *Plan) Begin(o Origin, once bool) *Entry {
	part := &Entry{plan: p, origin: o, begins: media.MulDivCeil(o.Ticks, 1000, 27), sections: p.sections, audio: make([]stop, len(p.audio))}
	if o.Versions != (versions{}) {
		part.sections = newSections(&p.config, p.loop, o.Versions)
	}
	for k, pid := range p.config.tablePIDs() {
		part.tables[k] = o.Counters[pid]
	}
	if !once {
		return part
	}
	if p.video != nil {
		part.video = stop{set: true, count: uint64(p.video.packets)}
	}
	for i, a := range p.audio {
		part.audio[i] = stop{set: true, count: a.once()}
	}
	return part
}

// once is how many packets those PES packets take that hold nothing but units of lap 0.
func (s *audioShape) once() uint64 {
	lap, count := s.lap.Lap(0), s.before(1)
	units := int64(lap.Len)
	first := s.first(lap.First)
	if first >= units {
		return count
	}
	if over := (units - first) % s.frames; over > 0 {
		count -= uint64(s.packets(units-over, units))
	}
	return count
}

// Origin returns where the part begins.
func (p *Entry) Origin() Origin { return p.origin }

// Plan returns what it plays.
func (p *Entry) Plan() *Plan { return p.plan }

// NewMuxer returns a stream of the part that reads the samples it carries from
// the asset.
func (p *Entry) NewMuxer() *Muxer { return newMuxer(p, true) }

// NewIdleMuxer returns a stream of the part that carries PCR and tables alone,
// and null packets in place of pictures and sound. It reads nothing.
func (p *Entry) NewIdleMuxer() *Muxer { return newMuxer(p, false) }

// Due returns when packet n of the part leaves, in nanoseconds after the epoch, rounded up.
func (p *Entry) Due(n int64) int64 { return p.begins + p.plan.clock.due(n) }

// Before returns how many packets of the part are due before ns nanoseconds after the epoch.
func (p *Entry) Before(ns int64) int64 { return p.plan.clock.before(ns - p.begins) }

// RTPTime returns the RTP timestamp of packet n of the part (see Plan.RTPTime).
func (p *Entry) RTPTime(n int64) uint32 {
	t, _ := p.plan.clock.at(n, 0, media.PCRPerSecond)
	return uint32((p.origin.Ticks + t) / 300)
}

// stamp returns the time t ÷ scale seconds after origin, which is in ticks of 27
// MHz, in ticks of 90 kHz, rounded down once.
func stamp(t, scale, origin int64) int64 {
	return media.FloorDiv(origin+media.MulDiv(t, media.PCRPerSecond, scale), 300)
}
