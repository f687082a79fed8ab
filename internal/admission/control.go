package admission

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// Kind is why a source is opened. Each kind has turns of its own.
type Kind int

// The kinds of turn.
const (
	// First is the first attempt to start a channel.
	First Kind = iota
	// Again is a further attempt: channels that keep failing delay no other.
	Again
	// Probe is a report that somebody waits for.
	Probe
	kinds
)

// kindKey is the key of a Kind in a context.
type kindKey struct{}

// With returns a context for the openings of a kind; without one they are First.
func With(ctx context.Context, k Kind) context.Context { return context.WithValue(ctx, kindKey{}, k) }

// Limits are those of a Control.
type Limits struct {
	// AtOnce is how many turns of each kind there are.
	AtOnce [kinds]int
	// Queue is how many probes may wait for a turn.
	Queue int
	// Hold is how long an opening keeps its turn: it may wait for a slow server, and others
	// must not.
	Hold time.Duration
	// Memory is how many bytes the process may use, 0 for no limit; Each is reserved for an opening.
	Memory, Each int64
}

// Default returns limits with a budget of memory, 0 for none.
func Default(memory int64) Limits {
	return Limits{AtOnce: [kinds]int{First: 32, Again: 8, Probe: 4}, Queue: 16, Hold: 5 * time.Second, Memory: memory, Each: 16 << 20}
}

// Control gives turns. Any goroutine may use it. A nil Control limits nothing.
type Control struct {
	limits Limits
	turns  [kinds]chan struct{}
	// used returns how many bytes the process uses; it is replaced in tests.
	used func() int64

	mu        sync.Mutex
	opening   int           // turns that are taken
	left      chan struct{} // closed when one of them ends
	waiting   int           // probes
	collected time.Time     // when garbage was last collected for room
}

// New returns a Control.
func New(l Limits) *Control {
	c := &Control{limits: l, used: inUse, left: make(chan struct{})}
	for k := range c.turns {
		c.turns[k] = make(chan struct{}, l.AtOnce[k])
	}
	return c
}

// RefusedError is a refusal.
type RefusedError struct{ text string }

// Error implements error.
func (e *RefusedError) Error() string { return e.text }

// Status is the status of a response that reports it.
func (*RefusedError) Status() int { return http.StatusServiceUnavailable }

// Enter waits for a turn of the kind in ctx and for memory, until ctx is done. The
// caller calls leave when the source is open. The error is that of ctx or a [RefusedError].
func (c *Control) Enter(ctx context.Context) (leave func(), err error) {
	if c == nil {
		return func() {}, nil
	}
	k, _ := ctx.Value(kindKey{}).(Kind)
	if err := c.queue(ctx, k); err != nil {
		return nil, err
	}
	if err := c.reserve(ctx); err != nil {
		<-c.turns[k]
		return nil, err
	}
	end := sync.OnceFunc(func() {
		c.mu.Lock()
		c.opening--
		close(c.left)
		c.left = make(chan struct{})
		c.mu.Unlock()
		<-c.turns[k]
	})
	late := time.AfterFunc(c.limits.Hold, end)
	return func() {
		late.Stop()
		end()
	}, nil
}

// queue waits for a turn.
func (c *Control) queue(ctx context.Context, k Kind) error {
	if k == Probe {
		c.mu.Lock()
		full := c.waiting >= c.limits.Queue+c.limits.AtOnce[Probe]
		if !full {
			c.waiting++
		}
		c.mu.Unlock()
		if full {
			return &RefusedError{fmt.Sprintf("%d sources are being looked at, and %d wait: try again in a moment", c.limits.AtOnce[Probe], c.limits.Queue)}
		}
		defer func() {
			c.mu.Lock()
			c.waiting--
			c.mu.Unlock()
		}()
	}
	select {
	case c.turns[k] <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reserve reserves memory for an opening. It waits while others that are being opened
// have reserved it.
func (c *Control) reserve(ctx context.Context) error {
	for {
		c.mu.Lock()
		err := c.room(int64(c.opening+1) * c.limits.Each)
		if err == nil || c.opening == 0 {
			if err == nil {
				c.opening++
			}
			c.mu.Unlock()
			return err
		}
		left := c.left
		c.mu.Unlock()
		select {
		case <-left:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Room returns a [RefusedError] if the process must not use so many more bytes.
func (c *Control) Room(bytes int64) error {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.room(bytes)
}

// room is Room for a caller that holds mu.
func (c *Control) room(bytes int64) error {
	if c.limits.Memory == 0 || c.used()+bytes <= c.limits.Memory {
		return nil
	}
	if now := time.Now(); now.Sub(c.collected) > time.Second {
		c.collected = now
		runtime.GC() // What is used may be garbage.
	}
	used := c.used()
	if used+bytes <= c.limits.Memory {
		return nil
	}
	const mega = 1 << 20
	return &RefusedError{fmt.Sprintf("no room for %d MB more: this process uses %d MB and may use %d MB; stop channels, or give it more memory (GOMEMLIMIT, or the limit of its container)",
		(bytes+mega-1)/mega, used/mega, c.limits.Memory/mega)}
}

// inUse returns how many bytes of memory the process uses, as GOMEMLIMIT counts them, but
// without what the heap could reuse.
func inUse() int64 {
	all := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(all)
	return int64(all[0].Value.Uint64()) - int64(all[1].Value.Uint64()) - int64(all[2].Value.Uint64()) //nolint:gosec // They are far below 2⁶³.
}
