package cli

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/server/api"
	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/servicetest"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// newMediaLive is MediaLive as lilo serve answers for it, in this process, with
// a player that sends nothing.
func newMediaLive(t *testing.T, delays supervisor.Delays) http.Handler {
	t.Helper()
	var ids atomic.Int64
	return api.New(servicetest.Run(t, inMemory(t), service.Options{
		Account: cloudAccount, Region: cloudRegion, NewID: func() string { return fmt.Sprint(1_000_000 + ids.Add(1)) },
	}, delays), api.Options{Log: slog.New(slog.DiscardHandler)})
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
func briefly() supervisor.Delays {
	return supervisor.Delays{Creating: 2 * time.Millisecond, Starting: 5 * time.Millisecond, Stopping: 2 * time.Millisecond, Deleting: time.Millisecond}
}
