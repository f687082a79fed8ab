// Package player plays channels: it opens each source once for all that play
// it, and has one scheduler send them.
package player

import (
	"context"
	"errors"
	"log/slog"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/output/outputs"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/source"
)

// Config is what is put on air.
type Config struct {
	// Key names it in logs and metrics.
	Key string
	// Spec is complete, and its epoch is set.
	Spec channel.Spec
	// Schedule holds all that is to be played since the epoch, also what is past:
	// clocks and counters of a part follow from the parts before it.
	Schedule channel.Schedule
	// Once has the spec's source played a single time; null packets follow.
	Once bool
}

// Options is what there is to say about a Player.
type Options struct {
	Log *slog.Logger
	// Source says what a source may be.
	Source source.Options
}

// Player plays channels. Any goroutine may call its methods.
type Player struct {
	log       *slog.Logger
	pool      *Inputs
	scheduler *playout.Scheduler
	maker     *hls.Renderer
}

// New returns a Player that plays nothing yet.
func New(o Options) (*Player, error) {
	clock, err := playout.NewClock()
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Source.Notify == nil {
		o.Source.Notify = func(line string) { o.Log.Warn(line) }
	}
	return &Player{
		log: o.Log, pool: NewInputs(InputOptions{Source: o.Source}),
		scheduler: playout.New(clock, o.Log), maker: hls.NewRenderer(hls.Options{Log: o.Log}),
	}, nil
}

// Run plays until ctx is done. It is called once. All broadcasts have ended
// when it returns.
func (a *Player) Run(ctx context.Context) error { return a.scheduler.Run(ctx) }

// Start puts a channel on air. It returns when its first datagram is about to
// leave; when ctx is done before that, it gives up. Faults are those of
// Open and of outputs.
//
// A source of a switch to come that cannot be opened is passed over, with a line
// in the log: see Channel.Schedule.
func (a *Player) Start(ctx context.Context, c Config) (*Channel, error) {
	if err := validate(c.Schedule); err != nil {
		return nil, err
	}
	playlist, err := a.playlist(ctx, c)
	if err != nil {
		return nil, err
	}
	b := &Channel{air: a, channel: c, playlist: playlist, done: make(chan struct{})}
	b.adopt(c.Schedule.Pauses)
	to, err := outputs.Open(ctx, c.Spec.To, output.Stream{SSRC: b.first().SSRC(), RTPTime: playlist.RTPTime})
	if err == nil {
		err = b.begin(ctx, b.gate.all(to))
	}
	if err != nil {
		return nil, errors.Join(err, playlist.Close())
	}
	go b.await()
	return b, nil
}

// begin has the scheduler play to the outputs, which are closed when it fails.
// The first packets are read meanwhile, for which a remote source may take long.
func (b *Channel) begin(ctx context.Context, to []output.Output) error {
	s := b.channel.Spec
	type result struct {
		playing *playout.Channel
		err     error
	}
	added := make(chan result, 1)
	go func() {
		p, err := b.air.scheduler.Add(playout.Config{
			Name: b.channel.Key, Stream: b.playlist, Epoch: s.Epoch, Pacing: s.Pacing, For: s.For, Outputs: to,
		})
		if err != nil {
			err = errors.Join(err, outputs.Close(to))
		}
		added <- result{p, err}
	}()
	select {
	case r := <-added:
		b.playing = r.playing
		return r.err
	case <-ctx.Done():
	}
	go func() {
		if r := <-added; r.playing != nil {
			r.playing.Stop()
		}
	}()
	return fault.New(fault.Internal, "interrupted: %s was not put on air", b.first().Name())
}
