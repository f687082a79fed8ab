package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/server/api"
	"github.com/lilo-live/lilo/internal/server/resource"
)

// newMediaLive is MediaLive as lilo serve answers for it, in this process, with
// a player that sends nothing.
func newMediaLive(t *testing.T, delays resource.Delays) http.Handler {
	t.Helper()
	var ids atomic.Int64
	registry, err := resource.Open(inMemory(t), resource.Options{
		Log: slog.New(slog.DiscardHandler), Air: silence{}, Account: cloudAccount, Region: cloudRegion, Delays: delays,
		NewID: func() string { return fmt.Sprint(1_000_000 + ids.Add(1)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- registry.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if err := registry.Close(); err != nil {
			t.Error(err)
		}
	})
	return api.New(registry, api.Options{Log: slog.New(slog.DiscardHandler)})
}

// inMemory is a folder that no disk has to write, where there is one.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "lilo-test-") //nolint:usetesting // t.TempDir is on the disk.
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// briefly lets every state be there for a moment.
func briefly() resource.Delays {
	return resource.Delays{Creating: 2 * time.Millisecond, Starting: 5 * time.Millisecond, Stopping: 2 * time.Millisecond, Deleting: time.Millisecond}
}

// silence puts channels on air of which nothing is heard.
type silence struct{}

func (silence) Start(context.Context, player.Config) (resource.Broadcast, error) {
	return &broadcast{done: make(chan struct{})}, nil
}

type broadcast struct {
	done chan struct{}
	stop sync.Once
}

func (*broadcast) Snapshot() player.Snapshot                           { return player.Snapshot{} }
func (*broadcast) Report() player.Report                               { return player.Report{} }
func (*broadcast) SetSchedule(context.Context, channel.Schedule) error { return nil }
func (*broadcast) HLS(func() time.Time) http.Handler                   { return http.NotFoundHandler() }

func (b *broadcast) Stop()                 { b.stop.Do(func() { close(b.done) }) }
func (b *broadcast) Done() <-chan struct{} { return b.done }
func (*broadcast) Err() error              { return nil }
