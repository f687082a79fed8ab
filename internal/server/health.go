package server

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"

	"github.com/lilo-live/lilo/internal/server/record"
	"github.com/lilo-live/lilo/internal/server/service"
)

// health answers /healthz and /readyz.
type health struct {
	statuses func() []service.Status
	failures func() map[string]string
	// configured is set once the channels of the configuration have been applied.
	configured atomic.Bool
}

// serveAlive answers /healthz.
func (h *health) serveAlive(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n")) // The client may be gone.
}

// readiness is the body of /readyz.
type readiness struct {
	Ready    bool     `json:"ready"`
	Channels int      `json:"channels"`
	Running  int      `json:"running"`
	Waiting  []string `json:"waiting"`
}

// serveReady answers /readyz: 200 once every channel that should be on air is on
// air or has an alert that says why it is not, and 503 until then. Only an
// authorized client gets the details.
func (h *health) serveReady(w http.ResponseWriter, authorized bool) {
	r := h.check()
	if !authorized {
		r = readiness{Ready: r.Ready, Waiting: []string{}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(r) // The client may be gone.
}

func (h *health) check() readiness {
	r := readiness{Waiting: []string{}}
	if !h.configured.Load() {
		r.Waiting = append(r.Waiting, "the server is starting")
	}
	for _, s := range h.statuses() {
		r.Channels++
		switch {
		case !record.OnAir(s.Channel.State):
		case playing(s):
			r.Running++
		case len(s.Alerts) == 0:
			r.Waiting = append(r.Waiting, fmt.Sprintf("channel %s (%s) is not on air yet", deref(s.Channel.Id), deref(s.Channel.Name)))
		}
	}
	failed := h.failures()
	for _, name := range slices.Sorted(maps.Keys(failed)) {
		r.Waiting = append(r.Waiting, fmt.Sprintf("channel %q is not as the configuration says: %s", name, failed[name]))
	}
	r.Ready = len(r.Waiting) == 0
	return r
}

// playing reports whether all pipelines of a channel play, here or at other nodes.
func playing(s service.Status) bool {
	return len(s.Pipelines) > 0 && int(deref(s.Channel.PipelinesRunningCount)) >= len(s.Pipelines)
}
