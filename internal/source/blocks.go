package source

import (
	"context"
	"slices"
	"sync"
)

// blockSize is the unit in which an object is fetched and cached, in bytes: 50 ms
// at 10 Mb/s, so that no read waits much longer than its bytes take.
const blockSize = 64 << 10

// blockRange is a first block and the block after the last one.
type blockRange [2]int

// blocksOf returns the blocks that hold the bytes from off up to end.
func blocksOf(off, end int64) blockRange {
	return blockRange{int(off / blockSize), int((end + blockSize - 1) / blockSize)}
}

// waiter is a call that waits for blocks.
type waiter struct {
	blockRange
	reader bool // needs the blocks now; Download needs all of them eventually
}

// blocks records which blocks of an object are present and who waits for
// others. It is safe for concurrent use.
type blocks struct {
	mu      sync.Mutex
	have    []bool
	count   int
	waiters []*waiter     // the longest waiting first
	changed chan struct{} // closed and replaced whenever waiters must check again
	wanted  chan struct{} // holds a token after a waiter was added
	err     error         // no more blocks will come
}

func newBlocks(size int64) *blocks {
	return &blocks{
		have:    make([]bool, blocksOf(0, size)[1]),
		changed: make(chan struct{}), wanted: make(chan struct{}, 1),
	}
}

func (b *blocks) add(ranges ...blockRange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range ranges {
		for i := r[0]; i < r[1]; i++ {
			if !b.have[i] {
				b.have[i] = true
				b.count++
			}
		}
	}
	b.broadcast()
}

// fail records that no more blocks will come. The first error counts.
func (b *blocks) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
	b.broadcast()
}

// broadcast wakes all waiters. The caller holds the lock.
func (b *blocks) broadcast() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// wait waits until all blocks of the range are present. It returns an error if
// ctx is done or they will not come.
func (b *blocks) wait(ctx context.Context, r blockRange, reader bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missing(r) < 0 {
		return nil
	}
	w := &waiter{r, reader}
	b.waiters = append(b.waiters, w)
	defer func() {
		b.waiters = slices.DeleteFunc(b.waiters, func(other *waiter) bool { return other == w })
	}()
	select {
	case b.wanted <- struct{}{}:
	default:
	}
	for b.missing(r) >= 0 {
		if b.err != nil {
			return b.err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		changed := b.changed
		b.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		b.mu.Lock()
	}
	return nil
}

// clearWanted removes the token, so that the next one means a new waiter.
func (b *blocks) clearWanted() {
	select {
	case <-b.wanted:
	default:
	}
}

// waiting reports whether anybody waits for blocks.
func (b *blocks) waiting() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiters) > 0
}

// missing returns the first missing block of the range, -1 if there is none.
// The caller holds the lock.
func (b *blocks) missing(r blockRange) int {
	if i := slices.Index(b.have[r[0]:r[1]], false); i >= 0 {
		return r[0] + i
	}
	return -1
}

// nextRead returns the blocks that the longest waiting reader needs, from the
// first missing one on; false if no reader waits.
func (b *blocks) nextRead() (r blockRange, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.waiters {
		if i := b.missing(w.blockRange); i >= 0 && w.reader {
			return blockRange{i, w.blockRange[1]}, true
		}
	}
	return blockRange{}, false
}

// next returns the first missing block from i on, or else the first of all, -1
// if none is missing.
func (b *blocks) next(i int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := blockRange{0, len(b.have)}
	if i > 0 && i < all[1] {
		if j := b.missing(blockRange{i, all[1]}); j >= 0 {
			return j
		}
	}
	return b.missing(all)
}

// gapEnd returns the end of the gap that begins with block i, at most limit blocks further.
func (b *blocks) gapEnd(i, limit int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := i + 1
	for end < len(b.have) && end-i < limit && !b.have[end] {
		end++
	}
	return end
}

func (b *blocks) has(i int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.have[i]
}

// progress returns how many blocks are present, and the number of all blocks.
func (b *blocks) progress() (have, all int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count, len(b.have)
}

func (b *blocks) ranges() []blockRange {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []blockRange{}
	for i, have := range b.have {
		switch {
		case !have:
		case len(list) > 0 && list[len(list)-1][1] == i:
			list[len(list)-1][1]++
		default:
			list = append(list, blockRange{i, i + 1})
		}
	}
	return list
}
