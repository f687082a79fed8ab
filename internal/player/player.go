package player

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/playout"
)

// Config is a channel to start.
type Config struct {
	// Key names the channel in logs and metrics.
	Key string
	// Spec is complete. If its epoch is zero, Start sets one just ahead of now, once
	// the sources are open.
	Spec channel.Spec
	// Schedule holds all entries and pauses since the epoch, since the clocks and
	// counters of an entry follow from those before it. It needs an epoch.
	Schedule channel.Schedule
	// Window is the part of the stream that is sent at first.
	Window Window
	// Once plays the spec's source a single time; null packets follow.
	Once bool
	// FailFast makes Start fail if a source that has been due cannot be opened, or a remote
	// one does not deliver the beginning of the stream. Otherwise Start waits until it does.
	FailFast bool
}

// name names the channel in logs: a command that plays a single one gives it no key.
func (c *Config) name() string {
	if c.Key == "" {
		return c.Spec.Name
	}
	return c.Spec.Name + " (" + c.Key + ")"
}

// Player plays channels. Any goroutine may call its methods.
type Player struct {
	log       *slog.Logger
	clock     playout.Clock
	inputs    *inputs
	scheduler *playout.Scheduler
	renderer  *hls.Renderer
	dial      output.Dialer
}

// New returns a player without channels. Run must be called, and releases it.
func New(o Options) (*Player, error) {
	o = o.complete()
	clock, err := o.NewClock()
	if err != nil {
		return nil, err
	}
	p := &Player{log: o.Log, clock: clock, scheduler: playout.New(clock, o.Log), renderer: hls.NewRenderer(o.Log), dial: o.Dial}
	o.now = p.Now
	p.inputs = newInputs(o)
	return p, nil
}

// Now returns the time by which channels play: that of the wall clock when the player was
// made, and what has passed since. It does not step when the wall clock is set.
func (p *Player) Now() time.Time { return p.clock.Now().Time() }

// closeTimeout is how long Run waits for sources that are being opened and cannot be
// interrupted, such as a file on a disk that hangs.
const closeTimeout = 5 * time.Second

// Run plays until ctx is done. When it returns, all channels have ended and all
// sources are closed. Call it once.
func (p *Player) Run(ctx context.Context) error {
	err := p.scheduler.Run(ctx)
	opened := make(chan struct{})
	go func() { p.inputs.wait(); close(opened) }()
	select {
	case <-opened:
	case <-time.After(closeTimeout):
	}
	return err
}

// Start puts a channel on air and returns when its first datagram is about to leave;
// none leaves before Run. It gives up when ctx is done. Entries whose source cannot be
// opened are skipped, with a warning in the log. Errors are of kind Usage,
// Source, Media, Rate or Destination.
func (p *Player) Start(ctx context.Context, c Config) (*Channel, error) {
	list, err := p.inputs.playlist(ctx, c)
	if err != nil {
		return nil, err
	}
	ch := &Channel{player: p, config: c, playlist: list, window: c.Window, done: make(chan struct{})}
	if err := ch.start(ctx); err != nil {
		return nil, errors.Join(err, list.Close())
	}
	go ch.wait()
	return ch, nil
}
