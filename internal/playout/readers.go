package playout

import (
	"runtime"
	"sync"
	"time"
)

// readers are the goroutines that work for producers: one fewer than there are
// processors. While all processors read, nobody would wait for the scheduler's
// timer, and it would be seen only when all that are to be read for have been.
//
// There is no goroutine a channel: to wake each would cost more than its reading.
type readers struct {
	work *sync.WaitGroup

	mu    sync.Mutex
	queue []*producer
	busy  int // goroutines at work
	taken int // producers taken out of the queue, in all
	// seen is what taken was at since, when the scheduler looked last.
	seen  int
	since Instant
}

// waiter is a stream that tells whether it may have to wait for its source.
type waiter interface{ Waits() bool }

// impatience is how long the readers may take for one producer until another
// goroutine joins them: a disk that hangs for one channel hangs for that alone.
const impatience = 50 * time.Millisecond

// add has somebody work for the producers. The scheduler calls it.
func (r *readers) add(all []*producer, now Instant) {
	r.mu.Lock()
	stuck := r.stuck(now)
	for _, p := range all {
		if w, ok := p.stream.(waiter); ok && w.Waits() {
			r.work.Go(p.work)
			continue
		}
		r.queue = append(r.queue, p)
	}
	join := len(r.queue) > 0 && (stuck || r.busy < max(1, runtime.GOMAXPROCS(0)-1))
	if join {
		r.busy++
	}
	r.mu.Unlock()
	if join {
		r.work.Go(r.run)
	}
}

// stuck tells, now and then, whether nothing was taken out of the queue since it
// was asked last, and something is in it.
func (r *readers) stuck(now Instant) bool {
	if now.Sub(r.since) < impatience {
		return false
	}
	stuck := len(r.queue) > 0 && r.taken == r.seen
	r.seen, r.since = r.taken, now
	return stuck
}

// run works for producers until there are none.
func (r *readers) run() {
	for p := r.take(); p != nil; p = r.take() {
		p.work()
	}
}

// take returns the producer that has waited longest, nil where none waits.
func (r *readers) take() *producer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		r.busy--
		return nil
	}
	p := r.queue[0]
	r.queue[0] = nil
	r.queue = r.queue[1:]
	r.taken++
	return p
}
