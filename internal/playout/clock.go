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

// Time returns the instant as a wall clock time.
func (i Instant) Time() time.Time { return time.Unix(0, int64(i)) }

// Sub returns the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i - j) }

// never is later than every other instant.
const never = Instant(1<<63 - 1)

// Clock tells the time and sleeps. It agrees with the wall clock when it is made, and
// does not step when the wall clock is set.
type Clock interface {
	// Now returns the present. Any goroutine may call it.
	Now() Instant
	// Wait returns at the instant or a little later, or early after an Interrupt before
	// or during the wait. One goroutine calls it.
	Wait(until Instant)
	// Interrupt ends the present Wait within a millisecond, or the next one. Any
	// goroutine may call it.
	Interrupt()
	// Alarm makes the present Wait end at the instant instead, or the next one if that is
	// earlier; never puts it off. Any goroutine may call it.
	Alarm(at Instant)
	// Clone returns a clock of the same time for another goroutine.
	Clone() (Clock, error)
	// Close releases the clock. No goroutine may be waiting.
	Close() error
}

// timerClock is a Clock for any system. It uses the runtime's monotonic clock and
// timers: it stops while the machine sleeps, and wakes up to 1 ms late.
type timerClock struct {
	start       time.Time
	interrupted chan struct{}
	alarm       alarm
}

func newTimerClock(start time.Time) *timerClock {
	return &timerClock{start: start, interrupted: make(chan struct{}, 1)}
}

func (c *timerClock) Now() Instant { return At(c.start).Add(time.Since(c.start)) }

func (c *timerClock) Wait(until Instant) {
	timer := time.NewTimer(min(until, c.alarm.take()).Sub(c.Now()))
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

// Alarm interrupts the present Wait; the next one, for which its caller has reason, is shorter.
func (c *timerClock) Alarm(at Instant) {
	c.alarm.set(at)
	if at != never {
		c.Interrupt()
	}
}

func (c *timerClock) Clone() (Clock, error) { return newTimerClock(c.start), nil }

func (c *timerClock) Close() error { return nil }

// take reports whether the flag is set, and clears it. A load is cheaper than a swap
// for a flag that is seldom set.
func take(flag *atomic.Bool) bool { return flag.Load() && flag.Swap(false) }

// alarm is an instant that one goroutine sets and another takes, or never.
type alarm struct{ at atomic.Int64 } // 0 for never

func (a *alarm) set(at Instant) { a.at.Store(int64(at)) }

func (a *alarm) take() Instant {
	if a.at.Load() == 0 {
		return never
	}
	return Instant(a.at.Swap(0))
}
