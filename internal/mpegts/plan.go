package mpegts

import (
	"context"
	"fmt"
	"slices"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Plan is the multiplex of a loop at a constant rate. It is immutable. Channels
// that play the same loop at the same rate share it.
type Plan struct {
	loop      *loop.Loop
	config    Config
	pcrPID    PID
	clock     clock
	timetable timetable
	tables    []table
	blocks    int64 // in a lap
	guard     Slot  // slots at the end of a block for which no audio is planned
	video     *videoPlan
	audio     []*audioPlan
	// ExceedsLevel says that the video does not keep to the decoder buffer of its
	// level. Every picture is still in time.
	ExceedsLevel bool
	keeps        limits
	pcrApart     bool
}

// New plans the multiplex of a loop. It returns a fault of kind Rate, which names
// the smallest possible rate, when c.MuxRate is below that. The search takes time
// in proportion to the lap, and ends early when ctx is done.
func New(ctx context.Context, l *loop.Loop, c Config) (*Plan, error) {
	c = c.withDefaults()
	if err := c.validate(l); err != nil {
		return nil, err
	}
	d := newDemand(l, &c)
	d.interrupted = func() bool { return ctx.Err() != nil }
	p, err := d.plan()
	if d.interrupted() {
		return nil, fmt.Errorf("the search for a mux rate was interrupted: %w", ctx.Err())
	}
	return p, err
}

// describedFirst reports whether an entry sends PAT and PMT before pictures and
// sound: a receiver drops what comes before the tables that describe it.
func (p *Plan) describedFirst() bool {
	m := p.NewEntry(Origin{}, false).NewIdleMuxer()
	_ = m.Fill(nil, p.timetable.described(p.tables)) // An idle muxer reads nothing and cannot fail.
	for _, a := range m.audio {
		if a.count > 0 {
			return false
		}
	}
	return m.video == nil || m.video.unit < 0 || m.video.unit == 0 && m.video.left == m.video.size(0)
}

// With returns the plan with other names and PIDs, sharing everything that was
// planned. It returns nil where c differs in anything that was.
func (p *Plan) With(c Config) (*Plan, error) {
	c = c.withDefaults()
	if c.MuxRate != p.config.MuxRate || c.AudioFramesPerPES != p.config.AudioFramesPerPES || c.PCRPeriod != p.config.PCRPeriod {
		return nil, nil
	}
	if err := c.validate(p.loop); err != nil {
		return nil, err
	}
	other := *p
	if other.pcrApart = p.pcrApart && c.PCRPID == 0; other.pcrApart {
		c.PCRPID = c.freePID(p.loop)
	}
	if v := p.video; v != nil && v.tb != nil && v.carriesPCR != (c.pcrPID(p.loop) == c.VideoPID) {
		return nil, nil
	}
	for _, a := range p.audio {
		if a.buffer != c.audioBuffer(a.audio.Track.Coding) {
			return nil, nil
		}
	}
	other.config, other.pcrPID, other.tables = c, c.pcrPID(p.loop), newTables(&c, p.loop, nil)
	same := func(a, b table) bool { return a.interval == b.interval && a.size() == b.size() }
	if !slices.EqualFunc(p.tables, other.tables, same) {
		return nil, nil
	}
	return &other, nil
}

// BitRate returns the rate, rounded to whole bit/s.
func (p *Plan) BitRate() media.BitRate { return p.clock.bitRate() }

// PCRApart returns the PID of the PCR where it has one of its own because the video's
// transport buffer has no room for it, 0 elsewhere.
func (p *Plan) PCRApart() PID {
	if p.pcrApart {
		return p.pcrPID
	}
	return 0
}

// Slots returns the number of packets in a lap.
func (p *Plan) Slots() Slot { return p.clock.slots }

// PIDs returns the PID of the video, 0 without one, and of each audio track.
func (p *Plan) PIDs() (video PID, audio []PID) {
	if p.video != nil {
		video = p.config.VideoPID
	}
	for i := range p.audio {
		audio = append(audio, p.config.audioPID(i))
	}
	return video, audio
}

// StreamTypes returns the stream_type of the video, 0 without one, and of each audio track.
func (p *Plan) StreamTypes() (video byte, audio []byte) {
	for _, e := range p.config.elements(p.loop) {
		if p.video != nil && e.pid == p.config.VideoPID {
			video = e.streamType
			continue
		}
		audio = append(audio, e.streamType)
	}
	return video, audio
}

// presentationStart returns when the first picture, or audio, of an entry that
// begins at start is presented.
func (p *Plan) presentationStart(start PCR) media.Ticks {
	return start.ticks() + presentationDelay(p.loop)
}

// blockStart returns the first slot of a block of a lap, 0 ≤ block ≤ blocks.
func (p *Plan) blockStart(block int64) Slot { return Slot(block) * p.clock.slots / Slot(p.blocks) }

func (p *Plan) blockOf(slot Slot) int64 {
	b := int64(slot) * p.blocks / int64(p.clock.slots)
	for b+1 < p.blocks && p.blockStart(b+1) <= slot {
		b++
	}
	for p.blockStart(b) > slot {
		b--
	}
	return b
}
