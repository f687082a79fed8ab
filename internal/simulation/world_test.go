package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// world is a machine, those who use its server, and what happens to them. The driver is
// the goroutine of run; rng is its alone.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	dir     string
	began   time.Time
	step    atomic.Int64 // nanoseconds by which the wall clock was set forward
	stall   atomic.Int64 // until then, in nanoseconds since 1970, no thread runs
	disk    disk
	network network
	sources sources
	excuses excuses
	process *process // the present one
	started int      // processes
	fleet   fleet

	mu      sync.Mutex
	history []string
	failed  bool
	counts  map[string]int
}

func newWorld(t *testing.T, seed uint64, dir string) *world {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 0)), dir: dir, began: time.Now(), counts: map[string]int{}}
	w.disk.world, w.network.world, w.sources.world, w.fleet.world = w, w, w, w
	for _, name := range []string{"state", "media"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// wall returns the wall clock's time.
func (w *world) wall() time.Time { return time.Now().Add(time.Duration(w.step.Load())) }

// maxHistory is how many lines of its history a world remembers.
const maxHistory = 2000

// note adds a line to the history.
func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.history) == maxHistory {
		w.history = w.history[1:]
	}
	w.history = append(w.history, fmt.Sprintf("%12.6f  ", time.Since(w.began).Seconds())+fmt.Sprintf(format, args...))
}

// fail reports that something did not hold. What follows from it is not told.
func (w *world) fail(format string, args ...any) {
	w.mu.Lock()
	first := !w.failed
	w.failed = true
	w.mu.Unlock()
	if first {
		w.note("FAILED: "+format, args...)
		w.t.Errorf(format, args...)
	}
}

func (w *world) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[what]++
}

func (w *world) hasFailed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// story returns the history as a text.
//
// It does not have the counts: goroutines that wake at one moment run in any order, so that a
// pipeline that is restarted may send a train more or less before it ends.
func (w *world) story() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.history, "\n")
}

// between returns a duration from low to high, never a whole number of microseconds, so
// that events seldom coincide.
func (w *world) between(low, high time.Duration) time.Duration {
	return low + time.Duration(w.rng.Int64N(int64(high-low)+1)) | 1
}

// chance reports true once in n times.
func (w *world) chance(n int) bool { return w.rng.IntN(n) == 0 }

func pick[T any](w *world, all []T) T { return all[w.rng.IntN(len(all))] }

// logged looks at what the server logs.
type logged struct {
	w    *world
	tell bool
}

func (l logged) Enabled(context.Context, slog.Level) bool { return true }
func (l logged) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l logged) WithGroup(string) slog.Handler            { return l }

// Handle implements slog.Handler.
func (l logged) Handle(_ context.Context, r slog.Record) error {
	if l.tell || r.Message == "a panic was caught" {
		var b strings.Builder
		r.Attrs(func(a slog.Attr) bool { fmt.Fprintf(&b, " %s=%v", a.Key, a.Value); return true })
		l.w.note("log: %s %s%s", r.Level, r.Message, b.String())
	}
	if r.Message == "a panic was caught" {
		l.w.fail("the server panicked")
	}
	return nil
}

// plan is how long a simulation lasts.
type plan struct {
	chaos time.Duration // things go wrong
	every time.Duration // on average, something happens
	calm  time.Duration // nothing does, and all becomes what was asked for
	watch func(*world)  // looks on, and returns at the end of chaos; nil for nobody
}

// simulate runs a seed and returns its world.
func simulate(t *testing.T, seed uint64, p plan) (w *world) {
	dir, err := os.MkdirTemp(memoryDir(), "lilo-simulation-") //nolint:usetesting // A commit that waits for a real disk takes longer than all else.
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	defer func() { // Also where goroutines hang, for which synctest panics.
		if w != nil && w.failed {
			t.Logf("LILO_SIM_SEED=%d go test -v ./internal/simulation:\n%s\n%v", seed, w.story(), w.counts)
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, seed, dir)
		w.run(p)
	})
	return w
}

// memoryDir returns a directory in memory, "" for the usual one where there is none.
func memoryDir() string {
	const dir = "/dev/shm"
	if f, err := os.CreateTemp(dir, "lilo-simulation-"); err == nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
		return dir
	}
	return ""
}
