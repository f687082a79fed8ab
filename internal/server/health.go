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

// health answers whether the server is there, and whether it does what it should.
type health struct {
	statuses func() []service.Status
	failures func() map[string]string
	// begun is set once the channels of the configuration were seen to.
	begun atomic.Bool
}

// alive answers as soon as there is somebody to answer.
func (h *health) alive(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n")) // The client may be gone.
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready    bool     `json:"ready"`
	Channels int      `json:"channels"`
	Running  int      `json:"running"`
	Waiting  []string `json:"waiting"`
}

// ready answers 200 once every channel that should be on air is, or has an
// alert that tells why not, and 503 until then. Who may not look at channels is
// told that alone.
func (h *health) ready(w http.ResponseWriter, mayLook bool) {
	r := h.look()
	if !mayLook {
		r = readiness{Ready: r.Ready, Waiting: []string{}}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(r) // The client may be gone.
}

func (h *health) look() readiness {
	r := readiness{Waiting: []string{}}
	if !h.begun.Load() {
		r.Waiting = append(r.Waiting, "the server is starting")
	}
	for _, s := range h.statuses() {
		r.Channels++
		running, waiting := standing(s)
		if running {
			r.Running++
		}
		if waiting {
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

// standing tells whether a channel is on air, and whether it should be and
// nothing says why it is not.
func standing(s service.Status) (running, waiting bool) {
	if !record.OnAir(s.Channel.State) {
		return false, false
	}
	on := 0
	for _, p := range s.Pipelines {
		if p.Playback != nil {
			on++
		}
	}
	running = on > 0 && on == len(s.Pipelines)
	return running, !running && len(s.Alerts) == 0
}
