package fleet

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/server/holding"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// quiet is a supervisor of one pipeline.
type quiet struct{ key placement.Key }

func (q quiet) Demands() []placement.Pipeline {
	return []placement.Pipeline{{Key: q.key, Rate: 1e6}}
}
func (quiet) Opened(placement.Key) bool              { return true }
func (quiet) SetDuty(placement.Key, supervisor.Duty) {}
func (quiet) Report(placement.Key) []byte            { return nil }
func (quiet) SetReports(map[placement.Key][]byte)    {}
func (quiet) SetUnplaced(map[placement.Key]string)   {}
func (quiet) SetClock(string)                        {}
func (quiet) RestartHere(placement.Key)              {}

// A node that drains does not end before it has placed what it holds as a node that drains.
func TestDrainWaitsForPlacement(t *testing.T) {
	now, key := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), placement.Key{Channel: "7"}
	f := &Fleet{view: newView("lilo/fleet/"), o: Options{Node: Node{Node: placement.Node{ID: "a"}}, Now: func() time.Time { return now }}}
	for _, id := range []string{"a", "b"} {
		f.view.nodes[id] = Node{Node: placement.Node{ID: id, Capacity: 1e9}}
	}
	place := func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.place(quiet{key}, quiet{key}.Demands())
	}
	hold := func(h holding.Hold) { f.view.holds[key] = held{Hold: h, changed: 1, seen: 1} }
	hold(holding.Hold{Node: "a"})
	place()
	f.view.nodes["a"] = Node{Node: placement.Node{ID: "a", Capacity: 1e9, Draining: true}}
	if f.drained() {
		t.Error("it ends as soon as it sees that it drains")
	}
	place()
	if f.drained() {
		t.Error("it ends while it holds a pipeline that another node takes")
	}
	hold(holding.Hold{Node: "b", Before: "a", From: now.Add(notice)})
	if place(); f.drained() {
		t.Error("it ends while it still sends")
	}
	now = now.Add(2 * notice)
	if !f.drained() {
		t.Error("it does not end although it has handed over")
	}
	delete(f.view.nodes, "b")
	hold(holding.Hold{Node: "a"})
	if place(); !f.drained() {
		t.Error("it waits although no other node can take what it holds")
	}
}
