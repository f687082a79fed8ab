package playout

import (
	"sync/atomic"
	"time"
)

// Instant is a moment on a Clock in nanoseconds since 1970-01-01 UTC.
type Instant int64

// At returns the instant of a wall clock time.
func At(t time.Time) Instant { return Instant(t.UnixNano()) }

// Add returns the instant d later.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// never is later than every other instant.
const never = Instant(1<<63 - 1)

// Clock tells the time and sleeps. It agrees with the wall clock at the moment
// it is made and from then on runs evenly: it does not step when the wall clock
// is set.
type Clock interface {
	// Now returns the present. Any goroutine may call it.
	Now() Instant
	// Wait returns at the instant or a little later. It returns early after an
	// Interrupt, whether that came before the wait or during it. One goroutine
	// calls it.
	Wait(until Instant)
	// Interrupt ends the present Wait, within a millisecond, or else the next
	// one. Any goroutine may call it.
	Interrupt()
	// Clone returns a clock of the same time for another goroutine to wait on.
	Clone() (Clock, error)
	// Close releases the clock. No goroutine may be waiting.
	Close() error
}

// timerClock is a Clock for any system: the runtime's monotonic clock and
// timers. It stands still while the machine sleeps, and wakes up to 1 ms late.
type timerClock struct {
	start       time.Time
	interrupted chan struct{}
}

func newTimerClock(start time.Time) *timerClock {
	return &timerClock{start: start, interrupted: make(chan struct{}, 1)}
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
	default: // An interrupt is pending already.
	}
}

func (c *timerClock) Clone() (Clock, error) { return newTimerClock(c.start), nil }

func (c *timerClock) Close() error { return nil }

// take reports whether the flag is set, and clears it. Reading it first is
// cheaper than an exchange where it is seldom set.
func take(flag *atomic.Bool) bool { return flag.Load() && flag.Swap(false) }
