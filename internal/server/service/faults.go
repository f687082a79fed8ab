package service

import (
	"context"
	"time"

	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

type faultKey struct{}

// WithFault returns a context in which a fault happens with the change of a channel's state that
// a call begins.
func WithFault(ctx context.Context, f supervisor.Fault) context.Context {
	return context.WithValue(ctx, faultKey{}, f)
}

func faultOf(ctx context.Context) supervisor.Fault {
	f, _ := ctx.Value(faultKey{}).(supervisor.Fault)
	return f
}

// begin stores a channel whose state changes, with the fault that the call asks for.
func (c *Channels) begin(ctx context.Context, tx *record.Tx, id string, r *record.Channel) {
	c.supervisor.Inject(id, faultOf(ctx))
	tx.Channels.Put(id, r)
}

// Lose has a pipeline of a channel be lost for a time, at once.
func (c *Channels) Lose(id string, index int, d time.Duration) { c.supervisor.Lose(id, index, d) }

// Plays reports whether a channel is on air with a pipeline of that index.
func (c *Channels) Plays(id string, index int) bool { return c.supervisor.Plays(id, index) }
