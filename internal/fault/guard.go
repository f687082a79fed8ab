package fault

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
)

// Guard turns panics into errors at the borders behind which one channel or one
// request must not end the others: opening, planning and reading of a source,
// rendering of HLS, and what a supervisor does for a channel. The zero value is
// ready to use. Any goroutine may use it.
type Guard struct {
	// Log receives the stack of each panic; nil means slog.Default().
	Log *slog.Logger

	mu   sync.Mutex
	seen map[string]struct{}
}

// maxSeen bounds how many panics a Guard remembers.
const maxSeen = 1000

// Do calls f, which does what the words say ("reading channel 7"). A panic of f
// becomes a fault of kind Internal. Its stack is logged, once for what is tried
// again and panics again.
func (g *Guard) Do(what string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = New(Internal, "%s failed through a bug in LILO (%v): the log has its stack, please report it", what, p)
			g.log(err, p, debug.Stack())
		}
	}()
	return f()
}

func (g *Guard) log(err error, p any, stack []byte) {
	g.mu.Lock()
	_, again := g.seen[err.Error()]
	if len(g.seen) == maxSeen || g.seen == nil {
		g.seen = map[string]struct{}{}
	}
	g.seen[err.Error()] = struct{}{}
	g.mu.Unlock()
	if again {
		return
	}
	log := g.Log
	if log == nil {
		log = slog.Default()
	}
	log.Error("a panic was caught", "error", err, "panic", fmt.Sprint(p), "stack", string(stack))
}
