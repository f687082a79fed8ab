// Package onair plays channels: it opens each source once for all that play
// it, and has one scheduler send them.
package onair

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
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

// Air plays channels.
type Air struct{}

// New returns an Air that plays nothing yet.
func New(o Options) (*Air, error) { return nil, errors.New("skeleton") }

// Run plays until ctx is done. It is called once.
func (a *Air) Run(ctx context.Context) error { return errors.New("skeleton") }

// Start puts a channel on air. It returns when its first datagram is about to
// leave; when ctx is done before that, it gives up.
func (a *Air) Start(ctx context.Context, c Channel) (*Broadcast, error) {
	return nil, errors.New("skeleton")
}

// Broadcast is a channel on air. Any goroutine may call its methods.
type Broadcast struct{}

// Snapshot is how a broadcast fares.
type Snapshot struct {
	playout.Snapshot
	// Source is the name of what plays now, as it may be shown.
	Source string
	// LapSeconds is its loop length, LapPosition where in the lap it is, in seconds.
	LapSeconds, LapPosition float64
	// Frames counts the pictures due since the epoch; FrameRate is in pictures a second.
	Frames    int64
	FrameRate float64
	// Paused tells that nothing is sent now.
	Paused bool
	// Fetched tells how much of a remote source is here, where Remote is set.
	Fetched source.Progress
	Remote  bool
}

// Snapshot returns how the broadcast fares now.
func (b *Broadcast) Snapshot() Snapshot { return Snapshot{} }

// Report returns what probe tells of the source that plays first.
func (b *Broadcast) Report() engine.Report { return engine.Report{} }

// SetSchedule replaces the schedule from now on; what is past stays as it was.
func (b *Broadcast) SetSchedule(ctx context.Context, s channel.Schedule) error {
	return errors.New("skeleton")
}

// HLS serves the broadcast as package hls does.
func (b *Broadcast) HLS(now func() time.Time) http.Handler { return http.NotFoundHandler() }

// Stop takes it off air and returns when its sockets are closed.
func (b *Broadcast) Stop() {}

// Done is closed when it is off air, whether stopped or ended by its stream.
func (b *Broadcast) Done() <-chan struct{} { return nil }

// Err waits for that and returns why: nil when it was stopped.
func (b *Broadcast) Err() error { return nil }
