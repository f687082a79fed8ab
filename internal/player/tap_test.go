package player

import (
	"testing"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// sink is an output that takes everything, or drops it.
type sink struct {
	output.Output
	drops bool
}

func (s *sink) Send(_ packet.Number, payload []byte) output.Result {
	if s.drops {
		return output.Result{Dropped: len(payload) / packet.Size}
	}
	return output.Result{Sent: len(payload) / packet.Size}
}

// A watcher gets what is sent and not what is dropped; without one nothing is copied; one that is too
// slow is left out and does not hold up the output.
func TestTap(t *testing.T) {
	s := &sink{}
	tap := &tap{Output: s}
	train := make([]byte, packet.Size)
	if n := testing.AllocsPerRun(100, func() { tap.Send(0, train) }); n != 0 {
		t.Errorf("%v allocations a train that nobody watches", n)
	}
	quick, end := tap.watch()
	slow, _ := tap.watch()
	for i := range tapDepth + 2 {
		train[0] = byte(i)
		tap.Send(0, train)
		if got := <-quick; got[0] != byte(i) {
			t.Fatalf("train %d is %d", i, got[0])
		}
	}
	n := 0
	for range slow {
		n++
	}
	if n != tapDepth {
		t.Errorf("the slow one got %d trains", n)
	}
	s.drops = true
	tap.Send(0, train)
	if len(quick) != 0 {
		t.Error("what is dropped is shown")
	}
	s.drops = false
	end()
	end()
	tap.Send(0, train)
	if len(quick) != 0 || tap.watchers.Load() != nil {
		t.Error("it is watched after the end")
	}
}
