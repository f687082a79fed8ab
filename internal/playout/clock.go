package playout

import (
	"sync/atomic"
	"time"
)

// Instant is a moment on a Clock in nanoseconds since 1970-01-01 UTC.
type Instant int64

// At returns the instant of a wall clock time.
func At(t time.Time) Instant { return Instant(t.UnixNano()) }

// Time returns the wall clock time of the instant.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)) }

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// Clock tells the time of playout and sleeps on it. It agrees with the wall
// clock at the moment it is made and from then on runs evenly: it does not
// step when the wall clock is set.
type Clock interface {
	// Now returns the present. Any goroutine may call it.
	Now() Instant
	// Wait returns at the instant or a little later, or earlier after
	// Interrupt, whether that came before or during the wait. One goroutine calls it.
	Wait(until Instant)
	// Interrupt ends the present Wait, within a millisecond, or else the next
	// one. Any goroutine may call it.
	Interrupt()
	// Clone returns another clock of the same time, for one goroutine more to wait on.
	Clone() (Clock, error)
	// Close releases the clock; nobody may be waiting.
	Close() error
}

// timerClock is a Clock that any system has: the runtime's monotonic clock and
// its timers. It stands still while the machine sleeps, and wakes up to 1 ms late.
type timerClock struct {
	start       time.Time
	interrupted chan struct{}
}

func newTimerClock() *timerClock {
	return &timerClock{start: time.Now(), interrupted: make(chan struct{}, 1)}
}

func (c *timerClock) Now() Instant { return At(c.start).Add(time.Since(c.start)) }

func (c *timerClock) Wait(until Instant) {
	timer := time.NewTimer(until.Sub(c.Now()))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.interrupted:
	}
}

func (c *timerClock) Interrupt() {
	select {
	case c.interrupted <- struct{}{}:
	default: // One is already on its way.
	}
}

func (c *timerClock) Clone() (Clock, error) {
	return &timerClock{start: c.start, interrupted: make(chan struct{}, 1)}, nil
}

func (c *timerClock) Close() error { return nil }

// flag is a mark that is set by any goroutine and taken by one.
type flag struct{ set atomic.Bool }

func (f *flag) raise()      { f.set.Store(true) }
func (f *flag) lower() bool { return f.set.Load() && f.set.Swap(false) }
