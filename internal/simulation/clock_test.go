package simulation

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/playout"
)

// clock is the playout clock of a process. It agrees with the wall clock when it is made,
// and does not step with it. While the world stalls, nobody who waits wakes.
type clock struct {
	w           *world
	step        time.Duration
	interrupted chan struct{}
	alarm       atomic.Int64 // 0 for none
}

func (w *world) newClock(step time.Duration) *clock {
	return &clock{w: w, step: step, interrupted: make(chan struct{}, 1)}
}

// Now implements playout.Clock.
func (c *clock) Now() playout.Instant { return playout.At(time.Now()).Add(c.step) }

// Wait implements playout.Clock.
func (c *clock) Wait(until playout.Instant) {
	if at := playout.Instant(c.alarm.Swap(0)); at > 0 && at < until {
		until = at
	}
	timer := time.NewTimer(until.Sub(c.Now()))
	select {
	case <-timer.C:
	case <-c.interrupted:
	}
	timer.Stop()
	if late := time.Until(time.Unix(0, c.w.stall.Load())); late > 0 {
		time.Sleep(late)
	}
}

// Interrupt implements playout.Clock.
func (c *clock) Interrupt() {
	select {
	case c.interrupted <- struct{}{}:
	default:
	}
}

// Alarm implements playout.Clock. The present Wait ends at once, and its caller waits again.
func (c *clock) Alarm(at playout.Instant) {
	if c.alarm.Store(int64(at)); at < playout.At(time.Now().Add(100*365*24*time.Hour)) {
		c.Interrupt()
	}
}

// Clone implements playout.Clock.
func (c *clock) Clone() (playout.Clock, error) { return c.w.newClock(c.step), nil }

// Close implements playout.Clock.
func (c *clock) Close() error { return nil }
