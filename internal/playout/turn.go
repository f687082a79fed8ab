package playout

import (
	"runtime"
	"time"
)

// turn is whose turn it is to read: one producer fewer than there are
// processors reads at a time. While all processors read, nobody would wait for
// the scheduler's timer, and it would be seen when the last of those that are
// in the queue have read.
type turn chan struct{}

func newTurn() turn { return make(turn, max(1, runtime.GOMAXPROCS(0)-1)) }

// waiter is a stream that tells whether it may have to wait for its source.
type waiter interface{ Waits() bool }

// impatience is how long a producer waits for its turn: a disk that hangs for
// one channel hangs for that one alone.
const impatience = 50 * time.Millisecond

// fill fills dst when it is its turn.
func (t turn) fill(s Stream, dst []byte, n int64) error {
	if w, ok := s.(waiter); ok && w.Waits() {
		return s.Fill(dst, n)
	}
	if t.take() {
		defer func() { <-t }()
	}
	return s.Fill(dst, n)
}

// take waits for a turn, and tells whether it came.
func (t turn) take() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(impatience)
	defer timer.Stop()
	select {
	case t <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}
