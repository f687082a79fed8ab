package playout

import (
	"runtime"
	"slices"
	"sync"
	"time"
)

// readQueue holds the readers that must read. A sender runs them between trains: the
// first where few channels play, otherwise the second. While the queue of many is not
// empty, so does one goroutine for each processor that the senders leave. A goroutine for
// each channel would cost more to wake than to read.
type readQueue struct {
	goroutines *sync.WaitGroup

	mu      sync.Mutex
	queue   []queuedReader
	running int // goroutines that run
	reading int // readers that read
	popped  int // how often one has left the queue

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

// add queues readers, and starts a goroutine if that may help: few need none unless one
// is stuck. Senders call it.
func (q *readQueue) add(all []*reader, now Instant, few bool) {
	q.mu.Lock()
	stuck := q.stuck(now)
	for _, r := range all {
		if w, ok := r.stream.(waiter); ok && w.Waits() {
			q.goroutines.Go(r.readAhead)
			continue
		}
		q.queue = append(q.queue, queuedReader{r, now})
	}
	help := len(q.queue) > 0 && (stuck || !few && q.running < runtime.GOMAXPROCS(0)-2)
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

// idle reports whether no reader is queued or reads.
func (q *readQueue) idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.queue) == 0 && q.reading == 0
}

// readOne lets the reader that has waited longest read a part. It returns false if none
// was queued by that instant.
func (q *readQueue) readOne(by Instant) bool {
	next, ok := q.pop(by)
	if ok {
		q.done(next, next.reader.readPart())
	}
	return ok
}

func (q *readQueue) pop(by Instant) (next queuedReader, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 || q.queue[0].since > by {
		return next, false
	}
	next = q.queue[0]
	q.queue = slices.Delete(q.queue, 0, 1)
	q.popped++
	q.reading++
	return next, true
}

// done queues a reader again, as first, if it must read more.
func (q *readQueue) done(r queuedReader, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reading--
	if more {
		q.queue = slices.Insert(q.queue, 0, r)
	}
}
