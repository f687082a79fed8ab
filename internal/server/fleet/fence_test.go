package fleet

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lilo-live/lilo/internal/placement"
	"github.com/lilo-live/lilo/internal/server/holding"
	"github.com/lilo-live/lilo/internal/server/store/etcd"
)

// A node that offers a pipeline must see what became of it, and waits for that no longer
// than its context.
func TestSees(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &Fleet{view: newView("lilo/fleet/"), unseen: true, o: Options{Node: Node{Node: placement.Node{ID: "a"}}}}
		key := placement.Key{Channel: "7"}
		for _, c := range []struct {
			hold holding.Hold
			want bool
		}{{holding.Hold{Node: "a"}, false}, {holding.Hold{Node: "b", Next: "a"}, false}, {holding.Hold{Node: "a", Next: "b"}, true}} {
			f.view.holds[key] = held{Hold: c.hold}
			if got := f.offers(); got != c.want {
				t.Errorf("with %+v it offers something: %v", c.hold, got)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f.view.at = 6
		if f.sees(ctx, 7) || !f.unseen {
			t.Error("it sees what it has not been told")
		}
		go func() {
			time.Sleep(time.Second)
			f.mu.Lock()
			defer f.mu.Unlock()
			f.view.apply(etcd.KeyValue{Key: []byte("lilo/fleet/seen/a"), Changed: 7}, false)
		}()
		if !f.sees(t.Context(), 7) || f.unseen {
			t.Error("it does not see what it has been told")
		}
	})
}
