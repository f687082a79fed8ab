package playout

import (
	"runtime"
	"testing"
)

// The system's clock never wakes early, and an interrupt ends a wait that would
// last for ever, whether it comes before the wait or during it.
func TestSystemClock(t *testing.T) {
	c, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 5 {
		until := c.Now().Add(2 * ms)
		c.Wait(until)
		if now := c.Now(); now < until {
			t.Errorf("woke %v early", until.Sub(now))
		}
	}
	c.Interrupt()
	c.Wait(never)
	go c.Interrupt()
	c.Wait(never)
	if n := testing.AllocsPerRun(20, func() { c.Wait(c.Now()) }); n > 0 {
		t.Errorf("Wait allocates %v times, want 0", n)
	}
}

// A short wait holds its thread, but blocks neither an interrupt nor the garbage
// collector, for which all goroutines must stop.
func TestSystemClockShortWait(t *testing.T) {
	c, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	waits := 0
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		for range 10 {
			runtime.GC()
		}
	}()
	for begun := false; !begun || !isClosed(collected); begun = true {
		for until := c.Now().Add(ms / 2); c.Now() < until; waits++ {
			c.Wait(until)
		}
	}
	if waits > 100_000 {
		t.Errorf("%d waits for 10 collections: it does not wait", waits)
	}
	c.Interrupt()
	c.Wait(c.Now().Add(ms / 2))
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
