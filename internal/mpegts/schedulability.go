package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// test returns the first picture that is late in the worst case of all laps, or
// in the laps that inTime goes through.
func (p *candidate) test() *deadlineMiss {
	if m := p.schedule(); m != nil {
		return m
	}
	if m := p.inTime(); m != nil {
		return m
	}
	if p.spacedByRate {
		return p.tooFarApart()
	}
	return nil
}

// opening is test for the part of a lap that inTime goes through.
func (p *candidate) opening() *deadlineMiss {
	m, _ := p.queue().lap(checkpoint{left: p.video.unitSize(0)}, p.blockOf(min(inTimeSlots, p.clock.slots)-1)+1)
	if m == nil {
		m = p.inTime()
	}
	return m
}

// inTimeSlots are how many slots of a lap inTime goes through, in some milliseconds.
const inTimeSlots Slot = 50_000

// inTime tests whether the pictures of some laps are sent in time. They are
// where schedule is exact: it only estimates what a slow transport buffer makes up
// for where packets of several tracks and tables come in a row.
func (p *candidate) inTime() *deadlineMiss {
	if p.video == nil || p.video.tb == nil {
		return nil
	}
	m := p.NewEntry(Origin{}, false).NewIdleMuxer()
	for i := range min(64, max(4, inTimeSlots/p.clock.slots)) {
		lap := i
		if i >= 4 { // In far laps audio and video meet otherwise.
			lap = i * i * 104_729
		}
		from := lap * p.clock.slots
		if m.seek(from) != nil || !m.inTime(from+min(p.clock.slots, inTimeSlots)) {
			return &deadlineMiss{needed: 65, had: 64}
		}
	}
	return nil
}

// inTime goes on to packet end and reports whether pictures are sent in time, and
// each block's within it.
func (m *Muxer) inTime(end Slot) bool {
	for m.n < end {
		unit := m.video.unit
		if m.write(nil, m.n+1) != nil || m.video.unit > unit && m.n > m.video.deadline(unit)+m.video.transit {
			return false
		}
		if m.n == m.blockEnd && m.video.count != m.video.until {
			return false // The next block has more to send than it can.
		}
	}
	return true
}

// schedule tests whether every picture of every lap is sent in time, and sets the
// checkpoints of the blocks. It returns the first picture that is late.
//
// It sends the video of one lap against the worst case of the audio: in any
// stretch of slots audio takes the most that it takes there in any lap. A lap
// begins with what the lap before left over. The test begins with nothing left
// over and repeats the lap until it leaves over no more than it began with.
// Where it then leaves less, it ends by waiting.
func (p *candidate) schedule() *deadlineMiss {
	if p.video == nil {
		return nil
	}
	v := p.video
	q := p.queue()
	from := checkpoint{left: v.unitSize(0)}
	if v.carriesPCR && p.timetable.spacing()<<16 < Slot(v.tb.gap) {
		return &deadlineMiss{hopeless: true} // PCRs alone fill the transport buffer faster than it empties.
	}
	const rounds = 64
	for range rounds {
		m, same := q.lap(from, p.blocks)
		if m != nil {
			return m
		}
		end := v.checkpoints[p.blocks].shifted(v, -1)
		if same || end.sent >= from.sent {
			v.checkpoints[p.blocks] = from.shifted(v, 1)
			return nil
		}
		if !q.waited { // Every lap leaves over as much more.
			return &deadlineMiss{needed: p.clock.slots + from.sent - end.sent, had: p.clock.slots}
		}
		from = end
	}
	return &deadlineMiss{needed: 65, had: 64}
}

// videoQueue sends the video packets in the worst case of all laps.
type videoQueue struct {
	plan *candidate
	*videoPlan
	system systemCounter
	unmade delays
	checkpoint
	whole    Slot // packets of the unit
	released Slot // the first slot in which it may be sent
	again    bool // a whole lap was sent before
	waited   bool // the lap has a slot in which nothing might be sent
	began    Slot // when the first packet of the unit was sent

	now   Slot            // the slot before which everything counted in need has been sent
	first loop.UnitNumber // the first unit in the decoder's buffer
	held  Slot            // packets in the buffer
	out   Slot            // the slot at whose beginning the first unit has left it

	since   Slot            // the slot since which the queue has not been empty
	origin  Slot            // the same, blocks notwithstanding
	opened  loop.UnitNumber // the unit that was sent then
	need    Slot            // packets sent since then
	base    Slot            // what system and audio had taken by then: see taken
	baseSys Slot            // what the system alone had taken by then
	basePCR Slot            // how many PCRs had gone by then
	stuffed int             // bytes of stuffing in the units sent since then
}

// delays are what makes packets of a queue late although the transport buffer has its pace.
type delays int

const (
	noDelays delays = iota
	systemDelays
	allDelays // of audio too
)

// queue returns the queue that sets the checkpoints of the plan.
func (p *candidate) queue() *videoQueue {
	p.video.checkpoints, p.video.slowest = make([]checkpoint, p.blocks+1), p.video.slowest[:0]
	return newVideoQueue(p)
}

func newVideoQueue(p *candidate) *videoQueue {
	q := &videoQueue{plan: p, videoPlan: p.video, system: p.timetable.counter()}
	if q.tb == nil {
		return q
	}
	// The buffer has room for two packets and a part of another: it makes up for as many
	// slots in a row as that part takes to leave.
	spare := (transportBuffer - packet.Size) * q.tb.gap / (packet.Size << 16) // in slots
	switch audio := int64(len(p.audio)); {
	case int64(p.timetable.longest())+2*audio <= spare:
	case audio <= spare:
		q.unmade = systemDelays
	default:
		q.unmade = allDelays
	}
	return q
}

// within returns the first picture that is late in a stretch before which everything was
// sent in time.
func (p *candidate) within(s stretch) *deadlineMiss {
	q := newVideoQueue(p)
	block := p.blockOf(min(q.release(s.first), p.clock.slots-1))
	start, first := p.blockStart(block), s.first
	for first > 0 && q.release(first-1) >= start {
		first--
	}
	for q.enter(checkpoint{unit: first, left: q.size(first)}, start); q.unit <= s.last && !p.interrupted(); {
		q.begin(q.now)
		block++
		if m := q.block(Slot(block/p.blocks)*p.clock.slots + p.blockStart(block%p.blocks)); m != nil {
			return m
		}
	}
	return nil
}

// enter begins at a checkpoint, when a block begins.
func (q *videoQueue) enter(from checkpoint, slot Slot) {
	q.checkpoint = from
	q.first, q.held = q.buffered(slot, q.unit, q.left)
	q.out = q.removal(q.first)
	q.take(q.unit)
	q.now, q.origin, q.opened, q.waited = slot, slot, q.unit, false
}

// lap sends so many blocks of a lap that begins at a checkpoint. same reports that it is
// the lap before from some block on.
func (q *videoQueue) lap(from checkpoint, blocks int64) (m *deadlineMiss, same bool) {
	q.enter(from, 0)
	for b := range blocks {
		if q.again && q.checkpoints[b] == q.checkpoint {
			return nil, true
		}
		if q.plan.interrupted() {
			return &deadlineMiss{hopeless: true}, false
		}
		q.checkpoints[b] = q.checkpoint
		q.begin(q.plan.blockStart(b))
		if m := q.block(q.plan.blockStart(b + 1)); m != nil {
			return m, false
		}
	}
	q.checkpoints[blocks] = q.checkpoint
	q.again = true
	return nil, false
}

func (q *videoQueue) begin(slot Slot) {
	q.since, q.now, q.need, q.stuffed = slot, slot, 0, 0
	q.base, q.baseSys, q.basePCR = q.taken(slot, false), q.system.before(slot), q.system.references(slot)
}

func (q *videoQueue) block(end Slot) *deadlineMiss {
	for q.now < end {
		ready, hopeless := q.ready()
		if hopeless {
			return &deadlineMiss{hopeless: true}
		}
		q.waited = q.waited || ready > q.now
		if ready >= end {
			q.now, q.origin, q.opened = end, end, q.unit
			return nil
		}
		if ready > q.now {
			q.begin(ready)
			q.origin, q.opened = ready, q.unit
		}
		if q.left == q.whole {
			q.began = q.now
		}
		n := min(q.left, q.room-q.held)
		x := q.finish(n, end)
		if x > end {
			q.send(min(n, q.fit(end)))
			q.now = end
			return nil
		}
		q.send(n)
		q.now = x
		if q.left == 0 {
			if by := q.deadline(q.unit); x > by {
				// Where the buffers alone make it late, a higher rate does not help.
				return &deadlineMiss{needed: x - q.origin, had: by - q.origin, in: q.stretch(), hopeless: q.slow() && q.passed(q.need) > by}
			}
			q.note(slowUnit{began: q.began, slots: x - q.began})
			q.stuffed += q.stuffing(q.unit)
			q.take(q.unit + 1)
			q.left = q.whole
		}
	}
	return nil
}

// stretch returns the units of the queue up to the one being sent, nil where they began
// more than a lap before.
func (q *videoQueue) stretch() *stretch {
	s := stretch{q.opened, q.unit}
	if s.first < 0 {
		lap := loop.UnitNumber(q.video.Len())
		s.first, s.last = s.first+lap, s.last+lap
	}
	if s.first < 0 {
		return nil
	}
	return &s
}

// ready returns the first slot, now or later, in which the next packet may be sent.
func (q *videoQueue) ready() (slot Slot, hopeless bool) {
	slot = max(q.now, q.released)
	for {
		if q.out > slot && q.held < q.room {
			return slot, false
		}
		if q.first == q.unit {
			// The picture is late, or larger than the whole buffer.
			return slot, q.held >= q.room
		}
		slot = max(slot, q.out)
		q.held -= q.size(q.first)
		q.first++
		q.out = q.removal(q.first)
	}
}

// take makes unit the one that is being sent.
func (q *videoQueue) take(unit loop.UnitNumber) {
	q.unit, q.whole, q.released = unit, q.size(unit), q.release(unit)
}

func (q *videoQueue) send(n Slot) {
	q.need += n
	q.left -= n
	q.sent += n
	q.held += n
}

// finish returns the slot before which n more packets have been sent in every
// lap: the first one far enough from the queue's beginning for them and for what
// system and audio take in between. Where the decoder's buffers take packets
// more slowly, they set the pace; what they hold makes up for most of the packets
// that others delay. Any slot after end stands for all of them: where system and
// audio leave next to nothing, the packets might wait for ever.
func (q *videoQueue) finish(n, end Slot) Slot {
	m := q.need + n
	x := max(q.now+n, q.since+q.mb.slots(m-q.unfilled())+q.lag(q.mb))
	for {
		next := q.since + m + q.taken(x, true) - q.base
		if q.tb != nil {
			next = max(next, q.since+q.tb.slots(m+q.references(x))+q.lag(q.tb)+q.lost(x))
		}
		if next <= x || x > end {
			return x
		}
		x = next
	}
}

// passed returns the slot before which the decoder's buffers accept m packets of the queue
// where nothing else is sent.
func (q *videoQueue) passed(m Slot) Slot {
	x := q.since + max(m, q.mb.slots(m-q.unfilled()))
	if q.tb != nil {
		x = max(x, q.since+q.tb.slots(m+q.references(x)))
	}
	return x
}

// fit returns how many more packets have been sent before slot end in every lap.
func (q *videoQueue) fit(end Slot) Slot {
	n := end - q.since - (q.taken(end, true) - q.base)
	n = min(n, q.mb.packets(end-q.since-q.lag(q.mb))+q.unfilled())
	if q.tb != nil {
		n = min(n, q.tb.packets(end-q.since-q.lag(q.tb)-q.lost(end))-q.references(end))
	}
	return max(0, n-q.need)
}

// unfilled returns how many packets the stuffing in the units sent would fill. It does
// not enter the multiplexing buffer.
func (q *videoQueue) unfilled() Slot { return Slot(q.stuffed / payloadSize) }

// lag returns how many slots the packets of a queue may be behind the pace of a
// buffer that makes up for every delayed packet.
func (q *videoQueue) lag(b *leakyBucket) Slot {
	if b == nil {
		return 0
	}
	return q.plan.guard
}

// lost returns how many slots before x a transport buffer does not make up for. PCRs
// that pass it are work for it, and counted as packets.
func (q *videoQueue) lost(x Slot) Slot {
	var lost Slot
	switch q.unmade {
	case noDelays:
		return 0
	case systemDelays:
		lost = q.system.before(x) - q.baseSys
	case allDelays:
		lost = q.taken(x, true) - q.base
	}
	if q.carriesPCR {
		lost -= q.system.references(x) - q.basePCR
	}
	return lost
}

// references returns how many PCRs the video's transport buffer takes before slot x. It
// keeps room for one that comes before a packet has left it.
func (q *videoQueue) references(x Slot) Slot {
	if !q.carriesPCR {
		return 0
	}
	return q.system.references(x+Slot(q.tb.gap>>16)+1) - q.basePCR
}

// taken bounds the slots that system and audio take: from slot x on (upper
// false), or before it (upper true). The difference of an upper bound for the
// end of a stretch and a lower bound for its beginning is the most they take
// within it in any lap. A track's grid may be off by half a unit either way,
// its packets begin with a whole unit, and one may have waited, but not longer
// than a block's guard from one block to the next.
func (q *videoQueue) taken(x Slot, upper bool) Slot {
	sum := q.system.before(x)
	for _, a := range q.plan.audio {
		if upper {
			sum += ceilDiv(a.weight(x+1, halfUnit), Slot(a.frames)) + 2
		} else {
			sum += Slot(media.FloorDiv(int64(a.weight(x-q.plan.audioAhead, -halfUnit)), int64(a.frames)))
		}
	}
	return sum
}
