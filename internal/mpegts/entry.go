package mpegts

import (
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Origin is where in a stream an entry begins, and the state of the stream there.
// The zero value is the beginning of a stream.
type Origin struct {
	// Start is when the first packet of the entry leaves.
	Start PCR
	// First is the number of that packet.
	First packet.Number
	// counters are the continuity counters, 0 to 15, of the next packet with payload on each PID.
	counters map[PID]byte
	versions versions
}

// Entry is a stretch of a stream in which a plan is played from its beginning.
// It is immutable. Its packets are numbered from 0.
type Entry struct {
	plan   *Plan
	origin Origin
	begin  time.Duration // when packet 0 leaves, rounded up
	tables []table
	// video and audio are where the packets of each end.
	video cutoff
	audio []cutoff
}

// cutoff is the number of the first packet of a PID that a null packet replaces,
// like all that follow. The zero value replaces none.
type cutoff struct {
	set   bool
	count packetCount
}

// passed reports whether packet number count is replaced.
func (s cutoff) passed(count packetCount) bool { return s.set && int64(count-s.count) >= 0 }

// of returns how many of the first count packets are sent.
func (s cutoff) of(count packetCount) packetCount {
	if s.passed(count) {
		return s.count
	}
	return count
}

// earlier returns the cutoff at packet number count, or s if that comes before.
func (s cutoff) earlier(count packetCount) cutoff { return cutoff{set: true, count: s.of(count)} }

// NewEntry returns the entry that plays the plan from o on. With once it plays a
// single lap: only PCR, tables and null packets follow its last access unit.
func (p *Plan) NewEntry(o Origin, once bool) *Entry {
	e := &Entry{plan: p, origin: o, tables: p.tables, audio: make([]cutoff, len(p.audio))}
	e.begin = time.Duration(media.MulDivCeil(int64(o.Start), 1000, 27))
	if len(o.versions) > 0 {
		e.tables = newTables(&p.config, p.loop, o.versions)
	}
	if !once {
		return e
	}
	if p.video != nil {
		e.video = cutoff{set: true, count: packetCount(p.video.packets)}
	}
	for i, a := range p.audio {
		e.audio[i] = cutoff{set: true, count: a.once()}
	}
	return e
}

// NewMuxer returns a muxer of the entry that reads samples from the asset.
func (e *Entry) NewMuxer() *Muxer { return newMuxer(e, true) }

// NewIdleMuxer returns a muxer of the entry that writes PCR and tables, and null
// packets in place of video and audio. It reads nothing.
func (e *Entry) NewIdleMuxer() *Muxer { return newMuxer(e, false) }

// Due returns when packet n of the entry leaves after the epoch, rounded up.
func (e *Entry) Due(n Slot) time.Duration { return e.begin + e.plan.clock.due(n) }

// Before returns how many packets of the entry are due before t after the epoch.
func (e *Entry) Before(t time.Duration) Slot { return e.plan.clock.before(t - e.begin) }

// RTPTime returns the RTP timestamp of packet n of the entry: its departure in
// ticks of 90 kHz, modulo 2³² (RFC 2250, 2).
func (e *Entry) RTPTime(n Slot) uint32 {
	return uint32((e.origin.Start + e.plan.clock.pcr(n, 0)).ticks())
}

// Lap returns the lap in which packet n of the entry leaves.
func (e *Entry) Lap(n Slot) loop.LapNumber { return loop.LapNumber(n / e.plan.clock.slots) }

// BitRate returns the rate of the entry's plan.
func (e *Entry) BitRate() media.BitRate { return e.plan.BitRate() }
