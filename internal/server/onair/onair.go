// Package onair plays channels: it opens each source once for all that play
// it, and has one scheduler send them.
package onair

import (
	"context"
	"errors"
	"log/slog"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// Channel is what is put on air.
type Channel struct {
	// Key names it in logs and metrics.
	Key string
	// Spec is complete, and its epoch is set.
	Spec     channel.Spec
	Schedule channel.Schedule
	// Once has the spec's source played a single time; null packets follow.
	Once bool
}

// Options is what there is to say about an Air.
type Options struct {
	Log *slog.Logger
	// Source says what a source may be.
	Source source.Options
}

// Air plays channels. Any goroutine may call its methods.
type Air struct {
	pool      *engine.Pool
	scheduler *playout.Scheduler
}

// New returns an Air that plays nothing yet.
func New(o Options) (*Air, error) {
	clock, err := playout.NewClock()
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Source.Tell == nil {
		o.Source.Tell = func(line string) { o.Log.Warn(line) }
	}
	return &Air{pool: engine.NewPool(engine.Options{Source: o.Source}), scheduler: playout.New(clock, o.Log)}, nil
}

// Run plays until ctx is done. It is called once. All broadcasts have ended
// when it returns.
func (a *Air) Run(ctx context.Context) error { return a.scheduler.Run(ctx) }

// Start puts a channel on air. It returns when its first datagram is about to
// leave; when ctx is done before that, it gives up. Faults are those of
// engine.Open and of outputs.
func (a *Air) Start(ctx context.Context, c Channel) (*Broadcast, error) {
	source, err := a.pool.Open(ctx, c.Spec)
	if err != nil {
		return nil, err
	}
	b, err := a.start(ctx, c, source)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	return b, nil
}

func (a *Air) start(ctx context.Context, c Channel, source *engine.Channel) (*Broadcast, error) {
	if err := load(ctx, source); err != nil {
		return nil, err
	}
	stream := source.Stream()
	outputs, err := engine.OpenOutputs(ctx, c.Spec.To, source.SSRC(), stream)
	if err != nil {
		return nil, err
	}
	b, err := a.play(ctx, c, source, stream, outputs)
	if err != nil {
		return nil, errors.Join(err, engine.CloseOutputs(outputs))
	}
	return b, nil
}

// load waits for the beginning of a remote source to be here.
func load(ctx context.Context, source *engine.Channel) error {
	if _, remote := source.Fetched(); !remote {
		return nil
	}
	loaded := make(chan error, 1)
	go func() { loaded <- source.Load() }()
	select {
	case err := <-loaded:
		return err
	case <-ctx.Done():
		return fault.New(fault.Internal, "interrupted: %s was not put on air", source.Name())
	}
}

func (a *Air) play(ctx context.Context, c Channel, source *engine.Channel, stream playout.Stream, outputs []output.Output) (*Broadcast, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	playing, err := a.scheduler.Add(playout.Channel{
		Name: c.Key, Stream: stream, Epoch: c.Spec.Epoch, Pacing: c.Spec.Pacing, For: c.Spec.For, Outputs: outputs,
	})
	if err != nil {
		return nil, err
	}
	source.OnAir()
	b := &Broadcast{channel: c, source: source, playing: playing, done: make(chan struct{})}
	go b.await()
	return b, nil
}
