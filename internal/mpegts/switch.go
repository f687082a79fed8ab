package mpegts

import (
	"bytes"
	"maps"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Switch is how a stream goes from one part to the next.
type Switch struct {
	// Before is the part that ends, After the one that begins with the packet behind it.
	Before, After *Entry
	// From is the number of the first packet of Before, as it counts, that is
	// another than it would be without the switch, at the earliest.
	From int64
	// End is how many packets Before has.
	End int64
}

// Switch has the stream go on with another plan ns nanoseconds after the epoch,
// or up to 100 ms later: at the next group of tables, so that none comes late.
//
// Access units that could not be sent whole before are left out: null packets
// are in their place. So are pictures that would be shown when the new ones are,
// or that leave the decoder no room for them. The first new picture is shown
// about a second after the switch.
func (p *Entry) Switch(ns int64, next *Plan, once bool) Switch {
	end := p.groupAt(p.Before(ns))
	s := p.NewIdleMuxer()
	_ = s.Fill(nil, end) // It reads nothing, so that nothing can fail.
	t, exact := p.plan.clock.at(end, 0, media.PCRPerSecond)
	if !exact {
		t++
	}
	o := Origin{Ticks: p.origin.Ticks + t, Packets: p.origin.Packets + end, Counters: map[PID]byte{}}
	maps.Copy(o.Counters, p.origin.Counters)
	before, from := *p, end
	before.audio = make([]stop, len(p.audio))
	if s.video != nil {
		var first int64
		before.video, first = p.lastPicture(s.video, end, o.Ticks, next)
		from = min(from, first)
		o.count(s.video.pes.pid, before.video.count)
	}
	for i, a := range s.audio {
		before.audio[i] = a.stop.earlier(a.count - uint64(a.at))
		from = min(from, a.began())
		o.count(a.pes.pid, before.audio[i].count)
	}
	for k, pid := range p.plan.config.tablePIDs() {
		o.count(pid, uint64(s.system.sent(k)))
	}
	o.Versions = p.versionsOf(next)
	return Switch{Before: &before, After: next.Begin(o, once), From: max(0, from), End: end}
}

// count adds the packets of a part to a PID's continuity counter.
func (o *Origin) count(pid PID, packets uint64) {
	o.Counters[pid] = (o.Counters[pid] + byte(packets)) & 0x0f
}

// groupAt returns the first slot from n on that begins a group of tables.
func (p *Entry) groupAt(n int64) int64 {
	sys := &p.plan.system
	lap := n / sys.slots
	tick := ceilDiv((n-lap*sys.slots)*sys.ticks, sys.slots)
	return lap*sys.slots + sys.start(ceilDiv(tick, sys.group)*sys.group)
}

// versionsOf returns the versions of the tables in a part that plays another
// plan: one more than before where a table differs.
func (p *Entry) versionsOf(next *Plan) versions {
	v := p.origin.Versions
	were, are := p.plan.sections.tables(), next.sections.tables()
	for k := range v {
		if !sameTable(were[k], are[k]) {
			v[k] = (v[k] + 1) & 0x1f
		}
	}
	return v
}

func sameTable(a, b [][packet.Size]byte) bool {
	same := len(a) == len(b)
	for i := 0; same && i < len(a); i++ {
		same = bytes.Equal(a[i][:], b[i][:])
	}
	return same
}

// began is the slot that the PES packet at hand begins with, at the earliest.
func (c *audioCursor) began() int64 {
	p := c.plan
	in := c.audio.slot(c.lap, c.first, 0, c.packets)
	return c.number*p.clock.slots + in
}

// lastPicture returns how far the pictures are sent when another plan begins in
// slot end, at ticks of 27 MHz after the epoch, and the slot in which the first
// one that is left out would be sent at the earliest.
func (p *Entry) lastPicture(c *videoCursor, end, ticks int64, next *Plan) (stop, int64) {
	v := c.plan
	if c.unit < 0 {
		return c.stop.earlier(0), end
	}
	cut, count := c.unit, c.count-uint64(v.size(c.unit)-c.left)
	first := cut
	var held int64
	for first > 0 && v.leaves(first-1) > end {
		first--
		held += v.size(first)
	}
	// Until the first new picture is decoded, all of these have left the buffer.
	fits := next.video == nil || held+next.clock.slotsIn(1, 1) <= min(v.room, next.video.room)
	for u := first; u < cut; u++ {
		if !fits || p.shown(v, u) >= next.shownFrom(ticks) {
			cut = u
		}
	}
	for u := cut; u < c.unit; u++ {
		count -= uint64(v.size(u))
	}
	return c.stop.earlier(count), v.release(cut)
}

// shown is when picture u is, in ticks of 90 kHz after the epoch.
func (p *Entry) shown(v *videoPlan, u int64) int64 {
	lap, i := v.place(u)
	return v.stamp(lap*v.lap.Length+v.lap.Unit(i).PTS(), p.origin.Ticks)
}

// shownFrom is when the first picture of a part is that begins at ticks of 27
// MHz after the epoch, in ticks of 90 kHz.
func (p *Plan) shownFrom(ticks int64) int64 {
	t := ticks/300 + decodeDelay
	if v := p.loop.Video; v != nil {
		t += media.MulDiv(v.Shown(), media.TicksPerSecond, int64(v.Track.Timescale))
	}
	return t
}
