package player

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// tapDepth is how many trains may wait for whoever watches them.
const tapDepth = 256

// tap is an output that also shows what it sends to whoever watches.
type tap struct {
	output.Output

	watchers atomic.Pointer[[]chan []byte]
	mu       sync.Mutex // held to change watchers
}

// Send implements output.Output.
func (t *tap) Send(first packet.Number, payload []byte) output.Result {
	r := t.Output.Send(first, payload)
	if all := t.watchers.Load(); all != nil && r.Dropped == 0 {
		t.show(*all, payload)
	}
	return r
}

// show gives watchers a copy of a train. One that is too slow misses the rest: what it would
// measure of a stream with holes would not be the stream's.
func (t *tap) show(all []chan []byte, payload []byte) {
	train := slices.Clone(payload)
	for _, w := range all {
		select {
		case w <- train:
		default:
			t.forget(w)
			close(w) // Only this goroutine sends to it.
		}
	}
}

// watch returns the trains that are sent from now on, until end is called; a watcher that is
// too slow finds the channel closed.
func (t *tap) watch() (trains <-chan []byte, end func()) {
	w := make(chan []byte, tapDepth)
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []chan []byte
	if old := t.watchers.Load(); old != nil {
		all = slices.Clone(*old)
	}
	all = append(all, w)
	t.watchers.Store(&all)
	return w, func() { t.forget(w) }
}

// forget ends a watcher, unless it has ended.
func (t *tap) forget(w chan []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.watchers.Load()
	if old == nil || !slices.Contains(*old, w) {
		return
	}
	left := slices.DeleteFunc(slices.Clone(*old), func(one chan []byte) bool { return one == w })
	t.watchers.Store(&left)
	if len(left) == 0 {
		t.watchers.Store(nil)
	}
}
