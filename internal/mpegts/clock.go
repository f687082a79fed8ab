package mpegts

import (
	"math/bits"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// clock is when packets leave: slots packets in a lap of num ÷ den seconds.
type clock struct {
	num, den int64
	slots    int64
}

// fits reports whether the clock's sums fit: the unit of time it counts in,
// one byte's share of a tick, must have 62 bits.
func (c clock) fits() bool {
	hi, lo := bits.Mul64(uint64(c.slots)*packet.Size, uint64(c.den))
	return hi == 0 && lo < 1<<62
}

// bitRate is the exact rate in bit/s, rounded to the nearest.
func (c clock) bitRate() int64 {
	return media.MulDiv(2*c.slots*packet.Bits, c.den, c.num)/2 + media.MulDiv(2*c.slots*packet.Bits, c.den, c.num)%2
}

// at returns when byte b of packet n leaves, in ticks of rate a second from the
// epoch on, rounded down, and whether there was something to round. n is 0 or
// more. The laps before and the rest of the lap are brought to one denominator,
// den·188·slots, and divided once, so that nothing is rounded twice.
func (c clock) at(n, b, rate int64) (ticks int64, exact bool) {
	lap := n / c.slots
	bytes := uint64(n%c.slots*packet.Size + b)
	whole := uint64(c.slots * packet.Size)
	seconds, rest := lap*c.num/c.den, uint64(lap*c.num%c.den)
	hi, lo := bits.Mul64(bytes, uint64(c.num))
	h2, l2 := bits.Mul64(rest, whole)
	lo, carry := bits.Add64(lo, l2, 0)
	hi += h2 + carry
	h3, l3 := bits.Mul64(lo, uint64(rate))
	q, r := bits.Div64(hi*uint64(rate)+h3, l3, uint64(c.den)*whole)
	return seconds*rate + int64(q), r == 0
}

// due returns when packet n leaves, in nanoseconds after the epoch, rounded up.
func (c clock) due(n int64) int64 {
	t, exact := c.at(n, 0, 1_000_000_000)
	if !exact {
		t++
	}
	return t
}

// before returns how many packets are due before ns nanoseconds after the
// epoch. The estimate is off by one packet at most; due decides.
func (c clock) before(ns int64) int64 {
	if ns <= 0 {
		return 0
	}
	lap := media.MulDiv(ns/1_000_000_000, c.den, c.num)
	into := float64(ns-media.MulDiv(lap*c.num, 1_000_000_000, c.den)) / 1e9
	n := lap*c.slots + int64(into*float64(c.slots)*float64(c.den)/float64(c.num))
	for c.due(n) < ns {
		n++
	}
	for n > 0 && c.due(n-1) >= ns {
		n--
	}
	return n
}

// slotsIn returns the whole packets that leave within num ÷ den seconds.
func (c clock) slotsIn(num, den int64) int64 {
	return media.MulDiv(num*c.slots, c.den, den*c.num)
}
