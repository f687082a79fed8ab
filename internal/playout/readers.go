package playout

import (
	"runtime"
	"sync"
	"time"
)

// readers work for producers: the second hand between trains, and where there
// are more processors than hands, a goroutine for each of these while there is
// something to read. One for each channel would cost more to wake than it reads.
type readers struct {
	joined *sync.WaitGroup // the goroutines

	mu    sync.Mutex
	queue []turn
	busy  int // goroutines at work
	taken int // producers taken out of the queue, in all
	// seen is what taken was at since, when a hand looked last.
	seen  int
	since Instant
}

// turn is a producer's in the queue.
type turn struct {
	producer *producer
	since    Instant
}

// waiter is a stream that tells whether it may have to wait for its source.
type waiter interface{ Waits() bool }

// stuckAfter is how long the readers may take for one producer until another
// goroutine joins them: a disk that hangs for one channel hangs for that alone.
const stuckAfter = 50 * time.Millisecond

// add has somebody work for the producers: the second hand when it has sent
// next, and it may be joined. Hands call it.
func (r *readers) add(all []*producer, now Instant) {
	r.mu.Lock()
	stuck := r.stuck(now)
	for _, p := range all {
		if w, ok := p.stream.(waiter); ok && w.Waits() {
			r.joined.Go(p.work)
			continue
		}
		r.queue = append(r.queue, turn{p, now})
	}
	join := len(r.queue) > 0 && (stuck || r.busy < runtime.GOMAXPROCS(0)-2)
	if join {
		r.busy++
	}
	r.mu.Unlock()
	if join {
		r.joined.Go(r.run)
	}
}

// stuck tells, now and then, whether nothing was taken out of the queue since it
// was asked last, and something is in it.
func (r *readers) stuck(now Instant) bool {
	if now.Sub(r.since) < stuckAfter {
		return false
	}
	stuck := len(r.queue) > 0 && r.taken == r.seen
	r.seen, r.since = r.taken, now
	return stuck
}

// run works for producers until there are none.
func (r *readers) run() {
	for r.work(never) {
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
}

// work works for the producer that has waited longest. It returns false where
// none has waited since then or longer.
func (r *readers) work(since Instant) bool {
	p := r.take(since)
	if p != nil {
		p.work()
	}
	return p != nil
}

func (r *readers) take(since Instant) *producer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 || r.queue[0].since > since {
		return nil
	}
	p := r.queue[0].producer
	r.queue[0].producer = nil
	r.queue = r.queue[1:]
	r.taken++
	return p
}
