// Package servicetest runs a service whose channels send nothing, for tests of the
// packages that use a service.
package servicetest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// Run runs a service on a state directory until the test ends.
func Run(t testing.TB, dir string, o service.Options, delays supervisor.Delays) *service.Service {
	t.Helper()
	file, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	records, err := record.Open(t.Context(), file, record.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	s := supervisor.New(records, supervisor.Options{Log: log, Play: play, Delays: delays})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, run := range []func(context.Context) error{records.Run, s.Run} {
		running.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		running.Wait()
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return service.New(records, s, o)
}

func play(context.Context, player.Config) (supervisor.Playback, error) {
	return &playback{done: make(chan struct{})}, nil
}

// playback is a pipeline that plays until it is stopped, and sends nothing.
type playback struct {
	once sync.Once
	done chan struct{}
}

func (*playback) Snapshot() player.Snapshot                           { return player.Snapshot{} }
func (*playback) SetSchedule(context.Context, channel.Schedule) error { return nil }
func (*playback) HLS() http.Handler                                   { return http.NotFoundHandler() }
func (*playback) SetWindow(player.Window)                             {}

func (p *playback) Stop()                 { p.once.Do(func() { close(p.done) }) }
func (p *playback) Done() <-chan struct{} { return p.done }
func (p *playback) Err() error            { <-p.done; return nil }
