package service

import (
	"context"

	"github.com/lilo-live/lilo/internal/server/supervisor"
)

type faultKey struct{}

// WithFault returns a context in which the creation of a channel has a fault happen to it.
func WithFault(ctx context.Context, f supervisor.Fault) context.Context {
	return context.WithValue(ctx, faultKey{}, f)
}

func faultOf(ctx context.Context) supervisor.Fault {
	f, _ := ctx.Value(faultKey{}).(supervisor.Fault)
	return f
}

// Inject has a fault happen to a channel.
func (c *Channels) Inject(id string, f supervisor.Fault) { c.supervisor.Inject(id, f) }
