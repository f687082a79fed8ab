package mpegts

import (
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// prove goes through a lap's pictures at the draft's rate, with the sound of
// every lap at once: in any stretch of slots it takes the most that it takes
// there in any lap. It sets the marks of the blocks, or returns the first
// picture that is late.
//
// A lap begins where the lap before it has left off. The proof begins with
// nothing left over, and then with what was left over, until a lap leaves over
// no more than it began with; where it leaves less, it ends by waiting.
func (d *draft) prove() *miss {
	if d.video == nil {
		return nil
	}
	v := d.video
	q := &queue{d: d, v: v, system: d.system.tally()}
	v.marks = make([]mark, d.blocks+1)
	from := mark{left: v.unit(0)}
	const rounds = 64
	for range rounds {
		m, same := q.lap(from)
		if m != nil {
			return m
		}
		end := v.marks[d.blocks].moved(v, -1)
		if same || end.sent >= from.sent {
			v.marks[d.blocks] = from.moved(v, 1)
			return nil
		}
		from = end
	}
	return &miss{needed: 65, had: 64}
}

// queue is the pictures' way through the multiplex in the worst of all laps.
type queue struct {
	d      *draft
	v      *videoPlan
	system tally
	mark
	again bool // a whole lap has been gone through before

	now  int64 // the slot before which everything counted in need has been sent
	gone int64 // the first unit that the decoder has not yet taken out of its buffer
	held int64 // packets in the buffer

	since  int64 // the slot since which the queue has not been empty
	origin int64 // the same, blocks notwithstanding
	need   int64 // packets sent since then
	other  int64 // what system and sound had taken by then: see taken
	ticked int64 // what the system alone had taken by then
}

// lap sends what is to be sent in a lap that begins with m. It reports whether
// the lap was the same as the one before from some block on.
func (q *queue) lap(m mark) (*miss, bool) {
	q.mark = m
	q.restore()
	q.origin = 0
	for b := range q.d.blocks {
		if q.again && q.v.marks[b] == q.mark {
			return nil, true
		}
		q.v.marks[b] = q.mark
		q.begin(q.d.block(b))
		if miss := q.block(q.d.block(b + 1)); miss != nil {
			return miss, false
		}
	}
	q.v.marks[q.d.blocks] = q.mark
	q.again = true
	return nil, false
}

// restore finds what the decoder's buffer holds at the beginning of a lap.
func (q *queue) restore() {
	q.gone, q.held, q.now = q.unit, q.v.size(q.unit)-q.left, 0
	for q.v.leaves(q.gone-1) > 0 {
		q.gone--
		q.held += q.v.size(q.gone)
	}
}

// begin begins a new queue at a slot.
func (q *queue) begin(slot int64) {
	q.since, q.now, q.need = slot, slot, 0
	q.other, q.ticked = q.taken(slot, false), q.system.since(slot)
}

// block sends pictures up to the slot end.
func (q *queue) block(end int64) *miss {
	for q.now < end {
		ready, hopeless := q.ready()
		if hopeless {
			return &miss{hopeless: true}
		}
		if ready >= end {
			q.now, q.origin = end, end
			return nil
		}
		if ready > q.now {
			q.begin(ready)
			q.origin = ready
		}
		n := min(q.left, q.v.room-q.held)
		x := q.finish(n)
		if x > end {
			q.send(min(n, q.fit(end)))
			q.now = end
			return nil
		}
		q.send(n)
		q.now = x
		if q.left == 0 {
			if by := q.v.deadline(q.unit); x > by {
				// Where the level's own rate is the limit, a higher one does not help.
				return &miss{needed: x - q.origin, had: by - q.origin, hopeless: q.v.crawls()}
			}
			q.unit++
			q.left = q.v.size(q.unit)
		}
	}
	return nil
}

// ready returns the first slot, now or later, in which the next packet may be sent.
func (q *queue) ready() (slot int64, hopeless bool) {
	slot = max(q.now, q.v.release(q.unit))
	for {
		out := q.v.leaves(q.gone)
		if out > slot && q.held < q.v.room {
			return slot, false
		}
		if q.gone == q.unit {
			// The picture is late, or larger than the whole buffer.
			return slot, q.held >= q.v.room
		}
		slot = max(slot, out)
		q.held -= q.v.size(q.gone)
		q.gone++
	}
}

func (q *queue) send(n int64) {
	q.need += n
	q.left -= n
	q.sent += n
	q.held += n
}

// finish returns the slot before which n more packets have been sent in every
// lap: the first one that is far enough from the queue's beginning for them
// and for what system and sound take in between. Where the decoder's buffers
// take in packets more slowly than that, they set the pace; what they hold
// makes up for most of what keeps packets from them.
func (q *queue) finish(n int64) int64 {
	m := q.need + n
	x := max(q.now+n, q.since+q.v.mb.slots(m)+q.kept(q.v.mb))
	for {
		next := q.since + m + q.taken(x, true) - q.other
		if q.v.tb != nil {
			next = max(next, q.since+q.v.tb.slots(m)+q.kept(q.v.tb)+q.missed(x))
		}
		if next <= x {
			return x
		}
		x = next
	}
}

// fit returns how many more packets have been sent before slot end in every lap.
func (q *queue) fit(end int64) int64 {
	n := end - q.since - (q.taken(end, true) - q.other)
	n = min(n, q.v.mb.packets(end-q.since-q.kept(q.v.mb)))
	if q.v.tb != nil {
		n = min(n, q.v.tb.packets(end-q.since-q.kept(q.v.tb)-q.missed(end)))
	}
	return max(0, n-q.need)
}

// kept is how many slots the packets in a queue may be behind the pace of a
// buffer that makes up for every single one that is kept from them.
func (q *queue) kept(b *bucket) int64 {
	if b == nil {
		return 0
	}
	return q.d.guard
}

// missed is how many slots before x a transport buffer does not make up for:
// it has room for less than two packets at once, so that it makes up for a
// packet of each of a few audio tracks, but not for system packets besides.
func (q *queue) missed(x int64) int64 {
	spare := (transportBuffer - packet.Size) * q.v.tb.gap / (packet.Size << 16) // in slots
	if int64(len(q.d.audio)) > spare {
		return q.taken(x, true) - q.other
	}
	return q.system.since(x) - q.ticked
}

// taken bounds what system and sound take from slot x on (upper false) or
// before it (upper true): the difference of an upper bound for the end of a
// stretch of slots and a lower one for its beginning is the most they take
// within it, in any lap. A track's grid may be half a unit off to either side,
// its packets begin with a whole one, and one may have waited, but not for
// longer than a block's guard from one block to the next.
func (q *queue) taken(x int64, upper bool) int64 {
	sum := q.system.since(x)
	for _, a := range q.d.audio {
		if upper {
			sum += ceilDiv(a.weight(x+1, half), a.frames) + 2
		} else {
			sum += media.FloorDiv(a.weight(x-q.d.audioAhead, -half), a.frames)
		}
	}
	return sum
}
