package api

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/servicetest"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

// newService runs a service until the test ends.
func newService(t testing.TB) *service.Service {
	t.Helper()
	return servicetest.Run(t, t.TempDir(), service.Options{
		Account: "123456789012", Region: "eu-west-1", Sources: service.SourcePolicy{Folders: []string{"/media"}},
	}, supervisor.Delays{})
}

// serve serves the API on a port of this machine until the test ends.
func serve(t testing.TB, o Options) *httptest.Server {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	s := httptest.NewServer(New(newService(t), o))
	t.Cleanup(s.Close)
	return s
}
