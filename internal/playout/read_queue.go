package playout

import (
	"runtime"
	"sync"
	"time"
)

// readQueue holds the readers that must read. The second sender runs them between
// trains. While the queue is not empty, so does one goroutine for each processor that
// the senders leave. A goroutine for each channel would cost more to wake than to read.
type readQueue struct {
	goroutines *sync.WaitGroup

	mu      sync.Mutex
	queue   []queuedReader
	running int // goroutines that run
	popped  int // readers that have left the queue

	checked      Instant // when stuck checked last
	poppedBefore int     // popped at that instant
}

type queuedReader struct {
	reader *reader
	since  Instant
}

// waiter is a Stream that may have to wait for its source; see [Stream].
type waiter interface{ Waits() bool }

// stuckAfter is how long one reader may hold up the queue until another goroutine
// helps: a disk that hangs must not stall other channels.
const stuckAfter = 50 * time.Millisecond

// add queues readers, and starts a goroutine if that may help. Senders call it.
func (q *readQueue) add(all []*reader, now Instant) {
	q.mu.Lock()
	stuck := q.stuck(now)
	for _, r := range all {
		if w, ok := r.stream.(waiter); ok && w.Waits() {
			q.goroutines.Go(r.readAhead)
			continue
		}
		q.queue = append(q.queue, queuedReader{r, now})
	}
	help := len(q.queue) > 0 && (stuck || q.running < runtime.GOMAXPROCS(0)-2)
	if help {
		q.running++
	}
	q.mu.Unlock()
	if help {
		q.goroutines.Go(q.run)
	}
}

// stuck reports, at most once in stuckAfter, whether no reader has left the queue since
// the last check, although some wait.
func (q *readQueue) stuck(now Instant) bool {
	if now.Sub(q.checked) < stuckAfter {
		return false
	}
	stuck := len(q.queue) > 0 && q.popped == q.poppedBefore
	q.poppedBefore, q.checked = q.popped, now
	return stuck
}

// run reads until the queue is empty.
func (q *readQueue) run() {
	for q.readOne(never) {
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
}

// readOne runs the reader that has waited longest. It returns false if none was queued
// by that instant.
func (q *readQueue) readOne(by Instant) bool {
	r := q.pop(by)
	if r != nil {
		r.readAhead()
	}
	return r != nil
}

func (q *readQueue) pop(by Instant) *reader {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 || q.queue[0].since > by {
		return nil
	}
	r := q.queue[0].reader
	q.queue[0].reader = nil
	q.queue = q.queue[1:]
	q.popped++
	return r
}
