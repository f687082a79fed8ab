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
//
// A source may hang. So only one sender reads at a time, goroutines stand in for those
// whose read hangs, and a reader that has hung reads on a goroutine of its own until its
// reads are fast again.
type readQueue struct {
	clock      Clock
	goroutines *sync.WaitGroup

	mu      sync.Mutex
	first   *reader // has waited longest; reader.next leads to the others
	last    *reader
	busy    bool      // a sender reads
	reading []*reader // that read, but for those that hang
	hung    int       // readers that hang
	running int       // goroutines that run
}

// waiter is a Stream that may have to wait for its source; see [Stream].
type waiter interface{ Waits() bool }

const (
	// hungAfter is how long a part may take to be read until its reader hangs: a disk takes
	// a few milliseconds.
	hungAfter = 5 * time.Millisecond
	// waitAfter is how long a reader may wait until a goroutine helps.
	waitAfter = 50 * time.Millisecond
)

// add queues readers. Those that may take long read at once, on goroutines of their own.
func (q *readQueue) add(all []*reader, now Instant) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range all {
		if w, ok := r.stream.(waiter); ok && w.Waits() || r.slow.Load() {
			q.goroutines.Go(func() { q.readAlone(r) })
			continue
		}
		r.since = now
		if q.first == nil {
			q.first = r
		} else {
			q.last.next = r
		}
		q.last = r
	}
}

// watch starts a goroutine if that helps those that wait, and returns when to call it
// next. Senders call it.
func (q *readQueue) watch(few bool) (next Instant) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.first == nil {
		return never
	}
	now := q.clock.Now()
	q.reading = slices.DeleteFunc(q.reading, func(r *reader) bool {
		hangs := now.Sub(r.begun) >= hungAfter
		if hangs {
			r.slow.Store(true)
			q.hung++
		}
		return hangs
	})
	if q.running < q.helpers(now, few) {
		q.running++
		q.goroutines.Go(q.run)
	}
	if few || q.hung > 0 {
		return now.Add(hungAfter)
	}
	return now.Add(waitAfter)
}

// helpers returns how many goroutines may read. Two stand in for each reader that hangs:
// the next ones may hang too, and the others must not wait for one after another. The
// caller holds mu, and the queue is not empty.
func (q *readQueue) helpers(now Instant, few bool) int {
	n := 2 * q.hung
	if !few {
		n += runtime.GOMAXPROCS(0) - 2
	}
	if now.Sub(q.first.since) >= waitAfter {
		n++
	}
	return n
}

// run reads until the queue is empty.
func (q *readQueue) run() {
	for q.readNext(q.clock.Now(), never, false) {
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
}

// readAlone reads until the ring is full, and notes whether that still takes long.
func (q *readQueue) readAlone(r *reader) {
	for more := true; more; {
		begun := q.clock.Now()
		more = r.readPart()
		r.slow.Store(q.clock.Now().Sub(begun) >= hungAfter)
	}
}

// idle reports whether no reader is queued and no sender reads.
func (q *readQueue) idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.first == nil && !q.busy
}

// readOne lets the reader that has waited longest read a part, on a sender's goroutine. It
// returns false if none was queued by that instant, or the other sender reads: a source
// that hangs must not hold up both.
func (q *readQueue) readOne(now, by Instant) bool { return q.readNext(now, by, true) }

func (q *readQueue) readNext(now, by Instant, sender bool) bool {
	r := q.pop(now, by, sender)
	if r == nil {
		return false
	}
	q.done(r, r.readPart(), sender)
	return true
}

// pop takes the first reader, which reads from now on, nil if there is none for the caller.
func (q *readQueue) pop(now, by Instant, sender bool) *reader {
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.first
	if r == nil || r.since > by || sender && q.busy {
		return nil
	}
	q.first, r.next, r.begun = r.next, nil, now
	q.reading = append(q.reading, r)
	q.busy = q.busy || sender
	return r
}

// done queues a reader again, as first, if it must read more.
func (q *readQueue) done(r *reader, more, sender bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy = q.busy && !sender
	if i := slices.Index(q.reading, r); i >= 0 {
		q.reading = slices.Delete(q.reading, i, i+1)
	} else {
		q.hung--
	}
	switch {
	case more && r.slow.Load():
		q.goroutines.Go(func() { q.readAlone(r) })
	case more:
		if r.next = q.first; q.first == nil {
			q.last = r
		}
		q.first = r
	}
}
