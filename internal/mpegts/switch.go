package mpegts

import (
	"maps"
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Switch is the transition from one entry of a stream to the next.
type Switch struct {
	// Before is the entry that ends, After the one that follows.
	Before, After *Entry
	// From is the first packet of Before that may differ from what it would be
	// without the switch.
	From Slot
	// End is how many packets Before has.
	End Slot
}

// Switch ends the entry at an instant after the epoch or up to 100 ms later, at the next
// group of tables, so that no table comes late. next follows.
//
// Null packets replace access units that could not be sent whole before the end,
// and pictures that would be presented together with the new ones or leave the
// decoder no room for them. The first new picture is presented about a second
// after the switch.
func (e *Entry) Switch(at time.Duration, next *Plan, once bool) Switch {
	end := e.plan.timetable.nextGroup(e.Before(at))
	m := e.NewIdleMuxer()
	_ = m.Fill(nil, end) // An idle muxer reads nothing and cannot fail.
	t, exact := e.plan.clock.at(end, 0, media.PCRPerSecond)
	if !exact {
		t++
	}
	o := Origin{Start: e.origin.Start + PCR(t), First: e.origin.First + packet.Number(end), counters: map[PID]byte{}}
	maps.Copy(o.counters, e.origin.counters)
	before, from := *e, end
	before.audio = make([]cutoff, len(e.audio))
	if m.video != nil {
		var first Slot
		before.video, first = e.cutVideo(m.video, end, o.Start, next)
		from = min(from, first)
		o.count(m.video.pes.pid, before.video.count)
	}
	for i, a := range m.audio {
		before.audio[i] = a.cutoff.earlier(a.count - packetCount(a.at))
		from = min(from, a.firstSlot())
		o.count(a.pes.pid, before.audio[i].count)
	}
	for k := range e.tables {
		o.count(e.tables[k].pid, packetCount(m.system.sent(k)))
	}
	o.versions = changedVersions(e.origin.versions, e.plan.tables, next.tables)
	return Switch{Before: &before, After: next.NewEntry(o, once), From: max(0, from), End: end}
}

// OnceLength returns how long after an entry that plays the plan once another of its kind may
// begin without costing it a picture or a sound: a lap, the time in which its last pictures are
// sent and make room for others and its last sound is sent, and a group of tables, by which it may
// begin late itself.
func (p *Plan) OnceLength() time.Duration {
	e := p.NewEntry(Origin{}, true)
	end := p.clock.slots
	step := max(1, p.clock.slotsIn(1, 100))
	for last := end + p.clock.slotsIn(3, 1); end < last && !e.Switch(e.Due(end), p, true).Before.endsLike(e); end += step {
	}
	group := Slot(ceilDiv(p.timetable.group*int64(p.clock.slots), p.timetable.intervals))
	return e.Due(end + group)
}

// endsLike reports whether an entry sends as many packets of video and audio as another of its
// plan.
func (e *Entry) endsLike(other *Entry) bool {
	return e.video.count == other.video.count &&
		slices.EqualFunc(e.audio, other.audio, func(a, b cutoff) bool { return a.count == b.count })
}

// count advances a PID's continuity counter by the packets of an entry.
func (o *Origin) count(pid PID, packets packetCount) {
	o.counters[pid] = (o.counters[pid] + byte(packets)) & 0x0f
}

// cutVideo returns where the video ends when another plan begins in slot end, at
// start, and the first slot in which a picture that is left out might be sent.
func (e *Entry) cutVideo(c *videoCursor, end Slot, start PCR, next *Plan) (cutoff, Slot) {
	if c.unit < 0 {
		return c.cutoff.earlier(0), end
	}
	cut, count := c.unit, c.count-packetCount(c.size(c.unit)-c.left)
	first := cut
	var held Slot
	for first > 0 && c.removal(first-1) > end {
		first--
		held += c.size(first)
	}
	// All of these leave the buffer before the first new picture is decoded.
	fits := next.video == nil || held+next.clock.slotsIn(1, 1) <= min(c.room, next.video.room)
	for u := first; u < cut; u++ {
		if pts, _ := c.timestamps(u, e.origin.Start); !fits || pts >= next.presentationStart(start) {
			cut = u
		}
	}
	for u := cut; u < c.unit; u++ {
		count -= packetCount(c.size(u))
	}
	return c.cutoff.earlier(count), c.release(cut)
}
