package source

import (
	"context"
	"slices"
	"sync"
)

// blockSize is the unit in which an object is fetched and kept, in bytes. At
// 10 Mb/s it is 50 ms: no read waits much longer than its bytes take.
const blockSize = 64 << 10

// run is some blocks in a row, the last one excluded.
type run [2]int

// want is what somebody waits for.
type want struct {
	run
	urgent bool // a reader, not who wants all of it some time
}

// blocks knows which blocks of an object are here, and who waits for which.
// The fetcher adds, readers wait; any goroutine may ask.
type blocks struct {
	mu    sync.Mutex
	have  []bool
	count int
	wants []*want       // of those who wait, the longest waiting first
	moved chan struct{} // closed, and made anew, when a reader may go on
	asked chan struct{} // holds a token when a reader has begun to wait
	err   error         // no more will come
}

func newBlocks(size int64) *blocks {
	return &blocks{
		have:  make([]bool, (size+blockSize-1)/blockSize),
		moved: make(chan struct{}), asked: make(chan struct{}, 1),
	}
}

// add says that a block is here.
func (b *blocks) add(i int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.have[i] {
		b.have[i] = true
		b.count++
	}
	b.wake()
}

// fail says that no more blocks will come.
func (b *blocks) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
	b.wake()
}

// wake has everybody look who waits. It is called with the lock held.
func (b *blocks) wake() {
	close(b.moved)
	b.moved = make(chan struct{})
}

// wait returns when the blocks of the run are all here, or the error why they
// will not be.
func (b *blocks) wait(ctx context.Context, r run, urgent bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missing(r) < 0 {
		return nil
	}
	w := &want{r, urgent}
	b.wants = append(b.wants, w)
	defer func() {
		b.wants = slices.DeleteFunc(b.wants, func(other *want) bool { return other == w })
	}()
	select {
	case b.asked <- struct{}{}:
	default:
	}
	for b.missing(r) >= 0 {
		if b.err != nil {
			return b.err
		}
		if err := b.sleep(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sleep waits for something to happen. It is called with the lock held, and
// does without meanwhile.
func (b *blocks) sleep(ctx context.Context) error {
	moved := b.moved
	b.mu.Unlock()
	defer b.mu.Lock()
	select {
	case <-moved:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// calm forgets that a reader has begun to wait: of interest is who begins now.
func (b *blocks) calm() {
	select {
	case <-b.asked:
	default:
	}
}

// waiting tells whether anybody waits for blocks.
func (b *blocks) waiting() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.wants) > 0
}

// missing returns the first block of the run that is not here, -1 if all are.
// It is called with the lock held.
func (b *blocks) missing(r run) int {
	if i := slices.Index(b.have[r[0]:r[1]], false); i >= 0 {
		return r[0] + i
	}
	return -1
}

// wanted returns the blocks that a reader waits for, from the first one that
// is not here on; ok is false if none waits. Who wants all of it gets it with
// what is brought in order.
func (b *blocks) wanted() (r run, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.wants {
		if i := b.missing(w.run); i >= 0 && w.urgent {
			return run{i, w.run[1]}, true
		}
	}
	return run{}, false
}

// next returns the first block from i on that is not here, or else the first
// of all, -1 if all are.
func (b *blocks) next(i int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := run{0, len(b.have)}
	if i > 0 && i < all[1] {
		if j := b.missing(run{i, all[1]}); j >= 0 {
			return j
		}
	}
	return b.missing(all)
}

// gap returns where the gap ends that block i is in, at most so many blocks on.
func (b *blocks) gap(i, most int) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := i + 1
	for end < len(b.have) && end-i < most && !b.have[end] {
		end++
	}
	return end
}

// has tells whether block i is here.
func (b *blocks) has(i int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.have[i]
}

// progress returns how many blocks are here, and of how many.
func (b *blocks) progress() (have, all int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count, len(b.have)
}

// runs lists what is here.
func (b *blocks) runs() []run {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []run{}
	for i := 0; i < len(b.have); i++ {
		if !b.have[i] {
			continue
		}
		from := i
		for i < len(b.have) && b.have[i] {
			i++
		}
		list = append(list, run{from, i})
	}
	return list
}

// adopt adds all blocks of the list.
func (b *blocks) adopt(list []run) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range list {
		for i := r[0]; i < r[1]; i++ {
			if !b.have[i] {
				b.have[i] = true
				b.count++
			}
		}
	}
	b.wake()
}
