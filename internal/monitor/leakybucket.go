package monitor

import "github.com/lilo-live/lilo/internal/media"

// unit is one byte in the unit of fills: a leak of 1 bit/s drains one unit a
// tick, so that every fill is an integer.
const unit = 8 * second

// tbSize is the size of TB and TBsys, in bytes (ISO/IEC 13818-1, 2.4.2.3).
const tbSize = 512

// leakyBucket is a buffer that empties at a constant rate.
type leakyBucket struct {
	rate, size int64
	fill, max  int64
	at         int64
	emptied    int64 // when it was last empty
}

// newLeakyBucket returns an empty bucket with a rate in bit/s and a size in bytes.
func newLeakyBucket(rate media.BitRate, size int) leakyBucket {
	return leakyBucket{rate: max(int64(rate), 1), size: int64(size) * unit}
}

// restart empties the bucket at time t.
func (b *leakyBucket) restart(t int64) { b.fill, b.at, b.emptied = 0, t, t }

// drain removes what leaves until t.
func (b *leakyBucket) drain(t int64) {
	dt := t - b.at
	if dt <= 0 {
		return
	}
	b.at = t
	if dt > second && dt > b.fill/b.rate { // The product below might overflow.
		b.fill = 0
	} else {
		b.fill = max(b.fill-b.rate*dt, 0)
	}
	if b.fill == 0 {
		b.emptied = t
	}
}

// put adds a byte at t and reports whether the bucket overflows. The oldest
// byte then leaves early, so that one error does not cause others.
func (b *leakyBucket) put(t int64) (overflow bool) {
	b.drain(t)
	b.fill += unit
	b.max = max(b.max, b.fill)
	if b.fill > b.size {
		b.fill -= unit
		return true
	}
	return false
}

// leaves returns when the last byte leaves, rounded up to a tick.
func (b *leakyBucket) leaves() int64 { return b.at + (b.fill+b.rate-1)/b.rate }

// maxBytes returns the highest fill so far in bytes, rounded up.
func (b *leakyBucket) maxBytes() int64 { return (b.max + unit - 1) / unit }

// stuck reports, once a second, that the bucket has not been empty for a second.
func (b *leakyBucket) stuck() bool {
	if b.at-b.emptied <= second {
		return false
	}
	b.emptied = b.at
	return true
}
