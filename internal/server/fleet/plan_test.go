package fleet

import (
	"encoding/json"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/holding"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// fake is a supervisor.
type fake struct {
	demands []placement.Pipeline
	opened  map[placement.Key]bool
	duties  map[placement.Key]supervisor.Duty
	reports map[placement.Key][]byte
	why     map[placement.Key]string

	restarted []placement.Key
}

func (s *fake) Demands() []placement.Pipeline              { return s.demands }
func (s *fake) Opened(k placement.Key) bool                { return s.opened[k] }
func (s *fake) SetDuty(k placement.Key, d supervisor.Duty) { s.duties[k] = d }
func (s *fake) Report(placement.Key) []byte                { return []byte("{}") }
func (s *fake) SetReports(all map[placement.Key][]byte)    { s.reports = all }
func (s *fake) SetUnplaced(all map[placement.Key]string)   { s.why = all }
func (s *fake) SetClock(string)                            {}
func (s *fake) RestartHere(k placement.Key)                { s.restarted = append(s.restarted, k) }

func newTestFleet(t *testing.T, now *time.Time) (*Fleet, *fake) {
	at, err := etcd.Parse("etcd://192.0.2.1/fleet", etcd.Files{})
	if err != nil {
		t.Fatal(err)
	}
	f := New(Options{
		Client: etcd.New(at), Node: Node{Node: placement.Node{ID: "a", Capacity: 100}}, Lease: 2 * time.Second,
		Now: func() time.Time { return *now }, Log: slog.New(slog.DiscardHandler), Certificate: func() string { return "" },
	})
	s := &fake{opened: map[placement.Key]bool{}, duties: map[placement.Key]supervisor.Duty{}}
	return f, s
}

// put puts a key into the view of a fleet, as a watch does.
func put(t *testing.T, f *Fleet, at etcd.Revision, name string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	f.view.apply(etcd.KeyValue{Key: f.key(name), Value: text, Changed: at, Lease: 7}, value == nil)
}

var one = placement.Key{Channel: "1"}

// TestPlan takes a pipeline from nobody's to this node's, and to another node.
func TestPlan(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	f, s := newTestFleet(t, &now)
	s.demands = []placement.Pipeline{{Key: one, Rate: 1}}
	if changes, _ := f.plan(s); changes != nil || len(s.duties) > 0 {
		t.Fatalf("before its first lease it makes %+v, %+v", changes, s.duties)
	}
	f.setLease(7)
	f.renewed(0)
	put(t, f, 1, "nodes/a", Node{Node: placement.Node{Capacity: 100}})
	changes, _ := f.plan(s)
	if want := (change{one, holding.Hold{Node: "a"}, 0}); len(changes) != 1 || changes[0] != want {
		t.Fatalf("it changes %+v", changes)
	}
	if d := s.duties[one]; !d.Open || d.Window != player.Nothing() {
		t.Errorf("before it holds the pipeline, its duty is %+v", d)
	}
	put(t, f, 2, "holds/1/0", holding.Hold{Node: "a"})
	changes, _ = f.plan(s)
	if d := s.duties[one]; len(changes) > 0 || d != (supervisor.Duty{Open: true}) {
		t.Errorf("alone, its duty is %+v, and it changes %+v", d, changes)
	}

	put(t, f, 3, "nodes/b", Node{Node: placement.Node{Capacity: 100}})
	put(t, f, 4, "drains/a", "")
	changes, _ = f.plan(s)
	if len(changes) != 1 || changes[0].hold.Next != "b" || changes[0].since != 2 {
		t.Fatalf("it changes %+v", changes)
	}
	if d := s.duties[one]; !d.Open || !d.Window.Until.Equal(now.Add(2*time.Second+overlap)) {
		t.Errorf("among others, its duty is %+v: it ends with the lease", d)
	}
	from := now.Add(notice)
	put(t, f, 5, "holds/1/0", holding.Hold{Node: "b", From: from, Before: "a"})
	_, next := f.plan(s)
	if d := s.duties[one]; !d.Window.Until.Equal(from) || !next.Equal(from) {
		t.Errorf("its duty is %+v, and it plans again at %v", d, next)
	}
	now = from.Add(notice)
	f.plan(s)
	if d := s.duties[one]; d != (supervisor.Duty{}) || len(f.given) > 0 {
		t.Errorf("in the end its duty is %+v", d)
	}
}

// TestFenceIsReal asks for what is sent once the lease has not been renewed for long.
func TestFenceIsReal(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	f, s := newTestFleet(t, &now)
	s.demands = []placement.Pipeline{{Key: one, Rate: 1}}
	f.setLease(7)
	f.renewed(0)
	for _, id := range []string{"a", "b"} {
		put(t, f, 1, "nodes/"+id, Node{Node: placement.Node{Capacity: 100}})
	}
	put(t, f, 2, "holds/1/0", holding.Hold{Node: "a"})
	began := now
	now = now.Add(time.Hour)
	f.plan(s)
	if w := s.duties[one].Window; !w.Until.Equal(began.Add(2*time.Second + overlap)) {
		t.Errorf("an hour after the last renewal, it sends %+v", w)
	}
	f.renewed(time.Hour)
	f.plan(s)
	if w := s.duties[one].Window; !w.Until.Equal(now.Add(2*time.Second + overlap)) {
		t.Errorf("after one more, it sends %+v", w)
	}
}

// TestDrained asks whether a node is empty while the others' view of it is on its way.
func TestDrained(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	f, s := newTestFleet(t, &now)
	s.demands = []placement.Pipeline{{Key: one, Rate: 1}}
	f.setLease(7)
	f.renewed(0)
	put(t, f, 1, "nodes/a", Node{Node: placement.Node{Capacity: 100}})
	put(t, f, 1, "nodes/b", Node{Node: placement.Node{Capacity: 100}})
	put(t, f, 2, "holds/1/0", holding.Hold{Node: "a"})
	f.plan(s)
	put(t, f, 3, "nodes/a", Node{Node: placement.Node{Capacity: 100, Draining: true}})
	if f.drained() {
		t.Error("it is empty before places are computed again")
	}
	f.plan(s)
	if f.drained() {
		t.Error("it is empty while it holds what another can take")
	}
	put(t, f, 4, "holds/1/0", holding.Hold{Node: "b", From: now.Add(notice), Before: "a"})
	if f.plan(s); f.drained() {
		t.Error("it is empty before the instant of the hand-over")
	}
	now = now.Add(2 * notice)
	if f.plan(s); !f.drained() {
		t.Error("it is not empty after the hand-over")
	}
	put(t, f, 5, "holds/1/0", holding.Hold{Node: "a"})
	put(t, f, 6, "nodes/b", nil)
	if f.plan(s); !f.drained() {
		t.Error("it waits although nobody can take what it holds")
	}
}

// TestView applies events that this node has overtaken.
func TestView(t *testing.T) {
	now := time.Now()
	f, _ := newTestFleet(t, &now)
	f.view.setHold(one, held{Hold: holding.Hold{Node: "a"}, seen: 10, changed: 10, lease: 7})
	put(t, f, 9, "holds/1/0", holding.Hold{Node: "b"})
	if h := f.view.holds[one]; h.Node != "a" {
		t.Errorf("an event from before makes it %+v", h)
	}
	f.view.setHold(one, held{seen: 12})
	put(t, f, 11, "holds/1/0", holding.Hold{Node: "b"})
	if h := f.view.holds[one]; h.Node != "" {
		t.Errorf("after its deletion it is %+v", h)
	}
	put(t, f, 12, "holds/1/0", nil)
	if _, ok := f.view.holds[one]; ok {
		t.Error("a hold that is gone is kept")
	}
	put(t, f, 13, "reports/1/0/b", "x")
	put(t, f, 14, "holds/1/0", holding.Hold{Node: "b"})
	for name, junk := range map[string]string{"nodes/c": "{", "holds/1": "{}", "holds/1/x": "{}", "reports": "", "other/a": ""} {
		f.view.apply(etcd.KeyValue{Key: f.key(name), Value: []byte(junk), Changed: 15}, false)
	}
	if len(f.view.holds) != 1 || len(f.view.nodes) != 0 {
		t.Errorf("junk makes it %+v", f.view)
	}
}

// TestAsked has a pipeline restarted that another node asks for.
func TestAsked(t *testing.T) {
	now := time.Now()
	f, s := newTestFleet(t, &now)
	for _, name := range []string{"restarts/1/0", "restarts/x", "holds/1/0"} {
		f.asked(s, []etcd.Event{{Key: etcd.KeyValue{Key: f.key(name)}}, {Type: "DELETE", Key: etcd.KeyValue{Key: f.key(name)}}})
	}
	if len(s.restarted) != 1 || s.restarted[0] != one {
		t.Errorf("it restarts %v", s.restarted)
	}
}

// TestLeads spreads the work of channels over all nodes; each channel has one.
func TestLeads(t *testing.T) {
	now := time.Now()
	leads := map[string]int{}
	for _, id := range []string{"a", "b", "c"} {
		f, _ := newTestFleet(t, &now)
		f.o.Node.ID = id
		if !f.Leads("1") {
			t.Error("alone it does not lead")
		}
		for _, other := range []string{"a", "b", "c"} {
			put(t, f, 1, "nodes/"+other, Node{})
		}
		for i := range 300 {
			if f.Leads(strconv.Itoa(1000000 + i)) {
				leads[id]++
			}
		}
	}
	if leads["a"]+leads["b"]+leads["c"] != 300 || min(leads["a"], leads["b"], leads["c"]) < 50 {
		t.Errorf("they lead %v of 300", leads)
	}
}
