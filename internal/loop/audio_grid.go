package loop

import (
	"math/bits"

	"github.com/lilo-live/lilo/internal/media"
)

// grid is how laps fall on the units of a track: unit m begins at m·step and lap
// n at n·lap − bias, in ticks of 1/rate s that hold all of them exactly.
//
// A lap's first unit is the first one that begins with it or later. With a bias of
// half a step, less the offset at which the file's audio begins, that is the unit
// nearest to its place in the file.
type grid struct {
	rate int64 // ticks a second
	step int64 // D, in ticks
	lap  int64 // L, in ticks
	bias int64 // 0 ≤ bias ≤ step
}

// first returns the number of lap n's first unit, ⌊(n·lap + bias) ÷ step⌋, and the
// rest of the division, 0 ≤ rest < step.
func (g *grid) first(n int64) (unit, rest int64) {
	q, r := media.MulDivMod(n, g.lap, g.step)
	r += g.bias
	return q + r/g.step, r % g.step
}

// lapOf returns the lap that unit m belongs to: the last n with first(n) ≤ m.
func (g *grid) lapOf(m int64) int64 {
	// first(n) ≤ m  ⇔  n·lap + bias < (m+1)·step  ⇔  n ≤ ⌊((m+1)·step − bias − 1) ÷ lap⌋.
	q, r := media.MulDivMod(m+1, g.step, g.lap)
	r -= g.bias + 1
	if r < 0 {
		// bias < step, but a lap may be shorter than a step.
		q -= (-r + g.lap - 1) / g.lap
	}
	return q
}

// laps counts the laps 0 to n−1 that begin with a unit whose number is residue
// modulo k, among those of ⌈L/D⌉ units (long) or of ⌊L/D⌋.
//
// Both conditions are about n·lap + bias modulo k·step: it is within step residue
// of the k, and for a long lap within the last lap mod step ticks of that.
func (g *grid) laps(n, residue, k int64, long bool) uint64 {
	from, to := residue*g.step, (residue+1)*g.step
	if cut := to - g.lap%g.step; long {
		from = cut
	} else {
		to = cut
	}
	m := k * g.step
	// #{x mod m ∈ [from, to)} = Σ ⌊(x − from)/m⌋ − ⌊(x − to)/m⌋; m is added to both to keep them positive.
	return floorSum(uint64(n), uint64(m), uint64(g.lap%m), uint64(g.bias+m-from)) -
		floorSum(uint64(n), uint64(m), uint64(g.lap%m), uint64(g.bias+m-to))
}

// floorSum returns Σ ⌊(a·i + b) ÷ m⌋ over 0 ≤ i < n, modulo 2⁶⁴, in as many
// steps as Euclid's algorithm takes for a and m. It counts the lattice points below
// a line: it takes whole multiples of m out of a and b, then exchanges the axes.
func floorSum(n, m, a, b uint64) uint64 {
	var sum uint64
	for n > 0 {
		sum += triangle(n)*(a/m) + n*(b/m)
		a, b = a%m, b%m
		hi, lo := bits.Mul64(a, n)
		lo, carry := bits.Add64(lo, b, 0)
		top, rest := bits.Div64(hi+carry, lo, m)
		n, m, a, b = top, a, m, rest
		if n == 0 {
			break
		}
	}
	return sum
}

// triangle returns n·(n−1)/2 modulo 2⁶⁴.
func triangle(n uint64) uint64 {
	if n%2 == 0 {
		return n / 2 * (n - 1)
	}
	return n * ((n - 1) / 2)
}
