package mpegts

import (
	"math/bits"
	"time"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Slot is the place of one packet in a stream of constant rate, counted from 0
// at the beginning of an entry or, within a plan, of a lap. A number of packets
// is a Slot too, since each takes one.
type Slot int64

// packetCount is how many packets go before one on its PID, from the beginning of an
// entry on, modulo 2⁶⁴.
type packetCount uint64

// PCR is a time after the epoch in ticks of 27 MHz. A stream carries it modulo
// 300·2³³ (ISO/IEC 13818-1, 2.4.3.5).
type PCR int64

// ticks returns t in ticks of 90 kHz, rounded down.
func (t PCR) ticks() media.Ticks { return media.Ticks(media.FloorDiv(int64(t), 300)) }

// clock gives the departure times of packets: slots packets leave in a lap.
type clock struct {
	lap   media.Rational // in seconds
	slots Slot
}

// fits reports whether the sums of at fit: the unit of time it counts in, one
// byte's share of a tick, must have 62 bits.
func (c clock) fits() bool {
	hi, lo := bits.Mul64(uint64(c.slots)*packet.Size, uint64(c.lap.Den))
	return hi == 0 && lo < 1<<62
}

func (c clock) bitRate() media.BitRate {
	twice := media.MulDiv(2*int64(c.slots)*packet.Bits, c.lap.Den, c.lap.Num)
	return media.BitRate(twice/2 + twice%2)
}

// at returns when byte b of packet n, n ≥ 0, leaves, in ticks of rate a second,
// rounded down, and whether that is exact. Whole laps and the rest of the lap
// are brought to the denominator Den·188·slots and divided once, so that
// rounding happens once.
func (c clock) at(n Slot, b, rate int64) (ticks int64, exact bool) {
	lap := int64(n / c.slots)
	bytes := uint64(int64(n%c.slots)*packet.Size + b)
	whole := uint64(c.slots * packet.Size)
	seconds, rest := lap*c.lap.Num/c.lap.Den, uint64(lap*c.lap.Num%c.lap.Den)
	hi, lo := bits.Mul64(bytes, uint64(c.lap.Num))
	h2, l2 := bits.Mul64(rest, whole)
	lo, carry := bits.Add64(lo, l2, 0)
	hi += h2 + carry
	h3, l3 := bits.Mul64(lo, uint64(rate))
	q, r := bits.Div64(hi*uint64(rate)+h3, l3, uint64(c.lap.Den)*whole)
	return seconds*rate + int64(q), r == 0
}

// pcr returns when byte b of packet n leaves, rounded down.
func (c clock) pcr(n Slot, b int64) PCR {
	t, _ := c.at(n, b, media.PCRPerSecond)
	return PCR(t)
}

// due returns when packet n leaves, rounded up.
func (c clock) due(n Slot) time.Duration {
	t, exact := c.at(n, 0, int64(time.Second))
	if !exact {
		t++
	}
	return time.Duration(t)
}

// before returns how many packets are due before t. The estimate is off by one
// packet at most; due decides.
func (c clock) before(t time.Duration) Slot {
	if t <= 0 {
		return 0
	}
	lap := media.MulDiv(int64(t/time.Second), c.lap.Den, c.lap.Num)
	into := (t - time.Duration(media.MulDiv(lap*c.lap.Num, int64(time.Second), c.lap.Den))).Seconds()
	n := Slot(lap)*c.slots + Slot(into*float64(c.slots)*float64(c.lap.Den)/float64(c.lap.Num))
	for c.due(n) < t {
		n++
	}
	for n > 0 && c.due(n-1) >= t {
		n--
	}
	return n
}

// slotsIn returns how many whole packets leave within num ÷ den seconds.
func (c clock) slotsIn(num, den int64) Slot {
	return Slot(media.MulDiv(num*int64(c.slots), c.lap.Den, den*c.lap.Num))
}

func ceilDiv[T ~int64](a, b T) T { return (a + b - 1) / b }
