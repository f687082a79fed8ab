package fleet

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/clocksync"
	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
)

// Nodes measure each other's clocks with what they write to etcd, and the one that is wrong
// finds out.
func TestClocks(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ahead := map[string]time.Duration{"a": 0, "b": 30 * time.Millisecond, "c": -2 * time.Second, "d": 10 * time.Millisecond}
	ids := []string{"a", "b", "c", "d"}
	nodes := map[string]*Fleet{}
	for _, id := range ids {
		nodes[id] = &Fleet{
			prefix: "lilo/fleet/", clock: Clock{Peers: map[string]clocksync.Peer{}}, heard: map[string]seen{},
			o: Options{
				Node: Node{Node: placement.Node{ID: id}}, ClockTolerance: 500 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
				Now: func() time.Time { return now.Add(ahead[id]) },
			},
		}
	}
	for range 3 { // Each writes in turn, and the others see it 10 ms later.
		for _, from := range ids {
			e := []etcd.Event{{Key: etcd.KeyValue{Key: []byte("lilo/fleet/clocks/" + from), Value: nodes[from].reading()}}}
			now = now.Add(10 * time.Millisecond)
			for _, to := range ids {
				nodes[to].hear(e)
			}
			now = now.Add(time.Second)
		}
	}
	for _, one := range ids {
		for _, other := range ids {
			p, ok := nodes[one].Clock().Peers[other]
			if want := ahead[other] - ahead[one]; one != other && (!ok || p.Offset != want || p.Error != 10*time.Millisecond) {
				t.Errorf("%s finds %s %+v ahead, want %v", one, other, p, want)
			}
		}
		wrong := nodes[one].judge(clocksync.State{Source: "kernel"})
		if (wrong != "") != (one == "c") {
			t.Errorf("of the clock of %s is said: it %s", one, wrong)
		}
		if again := nodes[one].judge(clocksync.State{Source: "kernel"}); again != "" {
			t.Errorf("it is said again: %s", again)
		}
	}
	nodes["a"].hear([]etcd.Event{
		{Type: "DELETE", Key: etcd.KeyValue{Key: []byte("lilo/fleet/clocks/b")}},
		{Key: etcd.KeyValue{Key: []byte("lilo/fleet/clocks/d"), Value: []byte("damaged")}},
	})
	if got := nodes["a"].Clock().Peers; len(got) != 1 {
		t.Errorf("of nodes that are gone, it knows %v", got)
	}
}

func TestNear(t *testing.T) {
	var others []string
	for i := range 20 {
		others = append(others, fmt.Sprintf("n%02d", i))
	}
	want := []string{"n16", "n17", "n18", "n19", "n00", "n01", "n02", "n03"}
	if got := near("m", others); !slices.Equal(got, want) {
		t.Errorf("the neighbours of the first are %v, want %v", got, want)
	}
	if got := near("n10+", others); !slices.Equal(got, others[7:15]) {
		t.Errorf("the neighbours of one in the middle are %v", got)
	}
}
