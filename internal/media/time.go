package media

import (
	"fmt"
	"math/bits"
)

// Clock rates, in ticks a second.
const (
	// TicksPerSecond is the rate of PTS, DTS and RTP timestamps (ISO/IEC 13818-1, 2.4.3.7).
	TicksPerSecond = 90_000
	// PCRPerSecond is the rate of the program clock reference (ISO/IEC 13818-1, 2.4.3.5).
	PCRPerSecond = 27_000_000
)

// Ticks is a time or duration in ticks of 90 kHz. A stream carries times modulo 2³³.
type Ticks int64

// Rational is an exact number of seconds, Num ÷ Den. Den is 1 or more.
type Rational struct{ Num, Den int64 }

// Reduce returns the same number in lowest terms.
func (r Rational) Reduce() Rational {
	if g := GCD(r.Num, r.Den); g > 1 {
		return Rational{r.Num / g, r.Den / g}
	}
	return r
}

// Seconds returns the nearest float64.
func (r Rational) Seconds() float64 { return float64(r.Num) / float64(r.Den) }

// Nanoseconds returns the whole nanoseconds in r, for |r| below 292 years.
func (r Rational) Nanoseconds() int64 { return MulDiv(r.Num, 1_000_000_000, r.Den) }

// String returns the number in seconds, with the fraction where six decimals are not exact.
func (r Rational) String() string {
	if q := r.Reduce(); 1_000_000%q.Den != 0 {
		return fmt.Sprintf("%.6f s (%d/%d)", r.Seconds(), q.Num, q.Den)
	}
	return fmt.Sprintf("%.6f s", r.Seconds())
}

// MulDiv returns ⌊a·b ÷ c⌋, exact through 128 bits. c must be positive and the
// result must fit an int64; where it does not, the result is meaningless.
func MulDiv(a, b, c int64) int64 {
	q, _ := MulDivMod(a, b, c)
	return q
}

// MulDivCeil returns ⌈a·b ÷ c⌉, under the conditions of MulDiv.
func MulDivCeil(a, b, c int64) int64 {
	q, r := MulDivMod(a, b, c)
	if r > 0 {
		q++
	}
	return q
}

// MulDivMod returns ⌊a·b ÷ c⌋ and the rest, 0 ≤ r < c, under the conditions of MulDiv.
func MulDivMod(a, b, c int64) (q, r int64) {
	negative := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	var uq, ur uint64
	if hi == 0 {
		uq, ur = lo/uint64(c), lo%uint64(c)
	} else {
		uq, ur = bits.Div64(hi%uint64(c), lo, uint64(c))
	}
	q, r = int64(uq), int64(ur)
	if negative {
		q = -q
		if r > 0 {
			q, r = q-1, c-r
		}
	}
	return q, r
}

// FloorDiv returns ⌊a ÷ b⌋. b must be positive.
func FloorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// GCD returns the greatest common divisor of a and b, 0 or more.
func GCD(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	if a < 0 {
		return -a
	}
	return a
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return uint64(-v)
	}
	return uint64(v)
}
