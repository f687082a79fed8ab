package onair

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/playout"
)

// Broadcast is a channel on air. Any goroutine may call its methods.
type Broadcast struct {
	channel Channel
	source  *engine.Channel
	playing *playout.Playing
	done    chan struct{}
	err     error // read after done
}

// await releases the source when the channel has ended.
func (b *Broadcast) await() {
	err := b.playing.Err()
	b.err = errors.Join(err, b.source.Close())
	close(b.done)
}

// Report returns what probe tells of the source that plays first.
func (b *Broadcast) Report() engine.Report { return b.source.Report() }

// SetSchedule replaces the schedule from now on; what is past stays as it was.
func (b *Broadcast) SetSchedule(ctx context.Context, s channel.Schedule) error {
	return errors.New("a schedule cannot be set yet")
}

// HLS serves the broadcast as package hls does.
func (b *Broadcast) HLS(now func() time.Time) http.Handler {
	t, err := hls.New(hls.Part{Loop: b.source.Loop(), From: b.channel.Spec.Epoch})
	if err != nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, err.Error(), http.StatusNotFound)
		})
	}
	return hls.Handler(t, now)
}

// Stop takes it off air and returns when its sockets are closed.
func (b *Broadcast) Stop() {
	b.playing.Stop()
	<-b.done
}

// Done is closed when it is off air, whether stopped or ended by its stream.
func (b *Broadcast) Done() <-chan struct{} { return b.done }

// Err waits for that and returns why: nil when it was stopped.
func (b *Broadcast) Err() error {
	<-b.done
	return b.err
}
