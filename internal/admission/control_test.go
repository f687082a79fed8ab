package admission

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// limits are small.
func limits() Limits {
	return Limits{AtOnce: [kinds]int{First: 2, Again: 1, Probe: 1}, Queue: 1, Hold: 5 * time.Second}
}

func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(limits())
		enter := func(k Kind) func() {
			leave, err := c.Enter(With(t.Context(), k))
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		begin := time.Now()
		one, two := enter(First), enter(First)
		again := enter(Again) // It has a turn of its own.
		if time.Since(begin) != 0 {
			t.Error("the first had to wait")
		}
		go func() {
			time.Sleep(time.Second)
			one()
			one() // The second time does nothing.
		}()
		three := enter(First)
		if d := time.Since(begin); d != time.Second {
			t.Errorf("the third came after %v", d)
		}
		// Nobody leaves: those who wait for a slow server lose their turns.
		enter(First)
		if d := time.Since(begin); d != 5*time.Second {
			t.Errorf("the fourth came after %v", d)
		}
		two()
		three()
		again()
		if len(c.turns[Again]) != 0 || c.opening != 1 {
			t.Errorf("%d turns are taken", c.opening)
		}
	})
}

func TestProbesQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(limits())
		leave, err := c.Enter(With(t.Context(), Probe))
		if err != nil {
			t.Fatal(err)
		}
		// A client that goes leaves the queue.
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Enter(With(gone, Probe)); !errors.Is(err, context.Canceled) {
			t.Errorf("a client that has gone: %v", err)
		}
		var waited atomic.Int32
		for range 2 {
			go func() {
				if leave, err := c.Enter(With(t.Context(), Probe)); err == nil {
					waited.Add(1)
					leave()
				}
			}()
		}
		synctest.Wait()
		_, err = c.Enter(With(t.Context(), Probe))
		if refused, ok := errors.AsType[*RefusedError](err); !ok || refused.Status() != 503 {
			t.Errorf("one too many: %v", err)
		}
		leave()
		synctest.Wait()
		if waited.Load() != 2 {
			t.Errorf("%d of 2 got their turn", waited.Load())
		}
	})
}

func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits()
		l.Memory, l.Each = 100<<20, 20<<20
		c := New(l)
		used := int64(50 << 20)
		c.used = func() int64 { return used }
		one, err := c.Enter(With(t.Context(), First))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Room(50 << 20); err != nil {
			t.Error(err)
		}
		if err := c.Room(50<<20 + 1); err == nil || !strings.Contains(err.Error(), "uses 50 MB and may use 100 MB") || strings.Contains(err.Error(), "\n") {
			t.Errorf("too much: %v", err)
		}
		used = 70 << 20
		begin := time.Now()
		go func() {
			time.Sleep(time.Second)
			one()
		}()
		two, err := c.Enter(With(t.Context(), First))
		if err != nil || time.Since(begin) != time.Second {
			t.Errorf("the second entered after %v: %v", time.Since(begin), err)
		}
		two()
		used = 81 << 20
		if _, err := c.Enter(With(t.Context(), First)); err == nil {
			t.Error("one entered without room")
		}
		if len(c.turns[First]) != 0 || c.opening != 0 {
			t.Errorf("%d turns are taken", c.opening)
		}
	})
}

func TestNil(t *testing.T) {
	var c *Control
	leave, err := c.Enter(With(t.Context(), Probe))
	if err != nil || c.Room(1<<60) != nil {
		t.Error(err)
	}
	leave()
	if n := inUse(); n < 1<<20 || n > 1<<34 {
		t.Errorf("%d bytes are in use", n)
	}
}
