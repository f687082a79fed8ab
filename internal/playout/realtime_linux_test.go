package playout

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A goroutine that waits with the real-time clock gets real-time priority, and others do not.
func TestRealtimeClock(t *testing.T) {
	c, err := NewRealtimeClock()
	if err != nil {
		t.Skip(err)
	}
	defer c.Close()
	waited := make(chan uint32)
	go func() {
		for until := c.Now().Add(30 * ms); c.Now() < until; {
			c.Wait(until)
		}
		c.Interrupt()
		c.Wait(never)
		c.Alarm(c.Now().Add(ms))
		c.Wait(never)
		waited <- policy(t)
	}()
	if got := <-waited; got != unix.SCHED_FIFO {
		t.Errorf("the goroutine that waits has policy %d, want %d", got, unix.SCHED_FIFO)
	}
	if got := policy(t); got == unix.SCHED_FIFO {
		t.Error("another goroutine has real-time priority too")
	}
}

// policy returns the scheduling policy of the present thread.
func policy(t *testing.T) uint32 {
	a, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		t.Error(err)
		return 0
	}
	return a.Policy
}
