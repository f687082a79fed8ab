package mpegts

import (
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// transportBuffer is the size of TB in bytes (ISO/IEC 13818-1, 2.4.2.3).
const transportBuffer = 512

// leakyBucket is a buffer of the system target decoder that every packet of a
// stream passes through and that empties at a constant rate. Levels are in
// 1/65536 bytes. A nil bucket never delays a packet.
type leakyBucket struct {
	size int64
	adds int64 // by a packet
	leak int64 // in a slot
	gap  int64 // slots that a packet takes to leave, in 1/65536
}

// newLeakyBucket returns a bucket of size bytes to which a packet adds bytes and
// that empties at rate. It is nil where the multiplex does not fill it any
// faster, so that it never holds more than one packet.
func newLeakyBucket(c clock, size, adds int, rate media.BitRate) *leakyBucket {
	in := media.MulDivCeil(int64(c.bitRate()), int64(adds), packet.Size)
	if in <= int64(rate) {
		return nil
	}
	b := &leakyBucket{size: int64(size) << 16, adds: int64(adds) << 16}
	b.gap = media.MulDivCeil(in, 1<<16, int64(rate))
	b.leak = (b.adds << 16) / b.gap
	return b
}

// slots returns how many slots n packets in a row need to pass.
func (b *leakyBucket) slots(n Slot) Slot {
	if b == nil {
		return n
	}
	return (n*Slot(b.gap)+1<<16-1)>>16 + 1
}

// packets returns how many packets pass in so many slots.
func (b *leakyBucket) packets(slots Slot) Slot {
	if b == nil {
		return slots
	}
	return (slots - 1) << 16 / Slot(b.gap)
}

// transit returns how many slots a byte stays in the bucket at most, beyond the
// time that the byte itself takes.
func (b *leakyBucket) transit() Slot {
	if b == nil {
		return 0
	}
	return Slot(ceilDiv(b.size, b.leak)) + 1
}

// full returns the level of a bucket that is full at a slot.
func (b *leakyBucket) full(slot Slot) bucketLevel {
	l := bucketLevel{leakyBucket: b, slot: slot}
	if b != nil {
		l.level = b.size
	}
	return l
}

// bucketLevel is a bucket with its level at a slot.
type bucketLevel struct {
	*leakyBucket
	level int64
	slot  Slot
}

// ready returns the first slot from n on in which the bucket has room for a packet.
func (l *bucketLevel) ready(n Slot) Slot {
	if l.leakyBucket == nil {
		return n
	}
	over := l.level + l.adds - l.size
	if over <= 0 {
		return n
	}
	return max(n, l.slot+Slot(ceilDiv(over, l.leak)))
}

// readyBefore is like ready and leaves room for another packet in slot next. It returns
// next where there is none.
func (l *bucketLevel) readyBefore(n, next Slot) Slot {
	n = l.ready(n)
	if l.leakyBucket == nil || n >= next {
		return n
	}
	if over := l.level + 2*l.adds - l.size; over > 0 && next-l.slot < Slot(ceilDiv(over, l.leak)) {
		return next
	}
	return n
}

// add adds a packet. Only a bucket that was assumed to be full overflows, and holds less
// than its level says.
func (l *bucketLevel) add(n Slot) {
	if l.leakyBucket == nil {
		return
	}
	l.level = min(l.size, max(0, l.level-int64(n-l.slot)*l.leak)+l.adds)
	l.slot = n
}

// withdraw takes back bytes of the last packet, which are stuffing.
func (l *bucketLevel) withdraw(bytes int) {
	if l.leakyBucket != nil {
		l.level -= int64(bytes) << 16
	}
}
