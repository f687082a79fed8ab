package mpegts

import (
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// transportBuffer is the size of TB in bytes (ISO/IEC 13818-1, 2.4.2.3).
const transportBuffer = 512

// bucket is a buffer of the system target decoder that every packet of a
// stream goes through, and that empties at a rate of its own. Levels are in
// 1/65536 bytes.
type bucket struct {
	size int64
	adds int64 // by a packet
	leak int64 // in a slot
	gap  int64 // slots that a packet takes to leave, in 1/65536
}

// newBucket returns the bucket of size bytes to which a packet adds bytes, and
// that empties at rate; nil where the multiplex does not fill it any faster,
// so that it never holds more than one packet.
func newBucket(c clock, size, adds int, rate media.BitRate) *bucket {
	in := media.MulDivCeil(c.bitRate(), int64(adds), packet.Size)
	if in <= int64(rate) {
		return nil
	}
	b := &bucket{size: int64(size) << 16, adds: int64(adds) << 16}
	b.gap = media.MulDivCeil(in, 1<<16, int64(rate))
	b.leak = (b.adds << 16) / b.gap
	return b
}

// slots is how many slots n packets need to go through, one after another.
func (b *bucket) slots(n int64) int64 {
	if b == nil {
		return n
	}
	return (n*b.gap+1<<16-1)>>16 + 1
}

// packets is how many packets go through in so many slots.
func (b *bucket) packets(slots int64) int64 {
	if b == nil {
		return slots
	}
	return (slots - 1) << 16 / b.gap
}

// transit is how many slots a byte stays in the bucket at most, beyond the
// time that the byte itself takes.
func (b *bucket) transit() int64 {
	if b == nil {
		return 0
	}
	return ceilDiv(b.size, b.leak) + 1
}

// level is what a bucket holds.
type level struct {
	*bucket
	holds int64
	at    int64 // the slot of it
}

// full is a full bucket at a slot.
func (b *bucket) full(slot int64) level {
	l := level{bucket: b, at: slot}
	if b != nil {
		l.holds = b.size
	}
	return l
}

// ready returns the first slot from n on in which the bucket has room for a packet.
func (l *level) ready(n int64) int64 {
	if l.bucket == nil {
		return n
	}
	over := l.holds + l.adds - l.size
	if over <= 0 {
		return n
	}
	return max(n, l.at+ceilDiv(over, l.leak))
}

// add puts a packet in, in slot n.
func (l *level) add(n int64) {
	if l.bucket == nil {
		return
	}
	l.holds = max(0, l.holds-(n-l.at)*l.leak) + l.adds
	l.at = n
}
