package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/resource"
)

// air is a player that plays nothing.
type air struct{}

func (air) Start(context.Context, player.Config) (resource.Broadcast, error) {
	return &show{done: make(chan struct{})}, nil
}

type show struct {
	once sync.Once
	done chan struct{}
}

func (s *show) Snapshot() player.Snapshot                           { return player.Snapshot{} }
func (s *show) Report() player.Report                               { return player.Report{} }
func (s *show) SetSchedule(context.Context, channel.Schedule) error { return nil }
func (s *show) HLS(func() time.Time) http.Handler                   { return http.NotFoundHandler() }

func (s *show) Stop()                 { s.once.Do(func() { close(s.done) }) }
func (s *show) Done() <-chan struct{} { return s.done }
func (s *show) Err() error            { <-s.done; return nil }

// registry runs one until the test ends.
func registry(t testing.TB, o resource.Options) *resource.Registry {
	t.Helper()
	o.Log, o.Air, o.Account, o.Region = slog.New(slog.DiscardHandler), air{}, "123456789012", "eu-west-1"
	o.AllowFiles = []string{"/media"}
	r, err := resource.Open(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// serve serves the API on a port of this machine until the test ends.
func serve(t testing.TB, o Options) *httptest.Server {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	s := httptest.NewServer(New(registry(t, resource.Options{}), o))
	t.Cleanup(s.Close)
	return s
}
