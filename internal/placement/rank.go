package placement

import (
	"math/bits"

	"github.com/lilo-live/lilo/internal/media"
)

// logSteps is how many steps of log2 between 1 and 2 a ranking has.
const logSteps = 1 << 10

// ranking orders nodes for a pipeline by weighted rendezvous hashing (Schindelhauer and
// Schomaker, Weighted Distributed Hash Tables, 2005): the first is the node with the
// smallest −log2(u)/capacity, where the hash of pipeline and node makes u, a number
// between 0 and 1. A node comes first with a probability in proportion to its capacity.
type ranking struct {
	hashes  []uint64 // of each node
	inverse []uint64 // of each capacity
	log     [logSteps + 1]uint64
}

func newRanking(nodes []Node) *ranking {
	r := &ranking{hashes: make([]uint64, len(nodes)), inverse: make([]uint64, len(nodes))}
	largest := media.BitRate(1)
	for _, n := range nodes {
		largest = max(largest, bounded(n.Capacity))
	}
	for i, n := range nodes {
		r.hashes[i] = mix(hash(n.ID))
		// 2²⁰ for the largest, at most 2⁵² for small ones.
		high, low := bits.Mul64(uint64(largest), 1<<20)
		least := max(uint64(bounded(n.Capacity)), uint64(largest)>>32+1)
		r.inverse[i], _ = bits.Div64(high, low, least)
	}
	for i := range r.log {
		r.log[i] = log2(uint64(logSteps+i) << 20)
	}
	return r
}

// distance is the less, the earlier node n comes in the order of a pipeline.
func (r *ranking) distance(pipeline uint64, n int) uint64 {
	u := mix(pipeline^r.hashes[n]) | 1
	zeros := bits.LeadingZeros64(u)
	u <<= zeros + 1 // What follows the first bit, 1.
	step, rest := u>>54, u>>22&(1<<32-1)
	log := r.log[step] + (r.log[step+1]-r.log[step])*rest>>32
	high, low := bits.Mul64(uint64(zeros+1)<<32-log, r.inverse[n])
	return high<<36 | low>>28
}

// log2 returns the binary logarithm of x/2³⁰, which is between 1 and 2, times 2³², bit
// by bit. Floating-point numbers would differ between architectures.
func log2(x uint64) uint64 {
	var log uint64
	for bit := uint64(1 << 32); bit != 0; bit >>= 1 {
		if x >= 1<<31 {
			log += bit
			x >>= 1
		}
		x = x * x >> 30
	}
	return log
}

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix is the finalizer of SplitMix64: each bit of x changes half of the bits.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (k Key) hash() uint64 { return mix(hash(k.Channel) + uint64(k.Pipeline)) }
