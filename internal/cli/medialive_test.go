package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// newMediaLive stands in until the server's own is there.
func newMediaLive(t *testing.T) http.Handler {
	t.Helper()
	return &mediaLive{things: map[string]map[string]any{}, starting: 20 * time.Millisecond}
}

type mediaLive struct {
	mu       sync.Mutex
	n        int
	things   map[string]map[string]any
	starting time.Duration
}

func (m *mediaLive) later(x map[string]any, d time.Duration, state string) {
	time.AfterFunc(d, func() { m.mu.Lock(); x["state"] = state; m.mu.Unlock() })
}

func (m *mediaLive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/prod/"), "/")
	w.Header().Set("Content-Type", "application/json")
	kind := strings.TrimSuffix(parts[0], "s")
	if len(parts) == 1 {
		if r.Method == http.MethodGet {
			all := []any{}
			for k, x := range m.things {
				if strings.HasPrefix(k, kind) {
					all = append(all, x)
				}
			}
			_ = json.NewEncoder(w).Encode(map[string]any{parts[0]: all})
			return
		}
		body, _ := io.ReadAll(r.Body)
		x := map[string]any{}
		_ = json.Unmarshal(body, &x)
		m.n++
		id := fmt.Sprint(1000000 + m.n)
		x["id"], x["arn"] = id, "arn:aws:medialive:eu-west-1:111122223333:"+kind+":"+id
		x["state"] = "DETACHED"
		if kind == "channel" {
			x["state"] = "CREATING"
			m.later(x, 2*time.Millisecond, "IDLE")
		}
		m.things[kind+id] = x
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]any{kind: x})
		return
	}
	x := m.things[kind+parts[1]]
	no := func(status int, code string) {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		fmt.Fprint(w, `{"message":"no"}`)
	}
	if x == nil {
		no(404, "NotFoundException")
		return
	}
	switch {
	case len(parts) == 3 && parts[2] == "start":
		if x["state"] != "IDLE" {
			no(409, "ConflictException")
			return
		}
		x["state"] = "STARTING"
		m.later(x, m.starting, "RUNNING")
	case len(parts) == 3 && parts[2] == "stop":
		if x["state"] != "RUNNING" {
			no(409, "ConflictException")
			return
		}
		x["state"] = "STOPPING"
		m.later(x, 3*time.Millisecond, "IDLE")
	case len(parts) == 3:
		fmt.Fprint(w, `{"alerts":[]}`)
		return
	case r.Method == http.MethodDelete && kind == "channel" && x["state"] != "IDLE":
		no(409, "ConflictException")
		return
	case r.Method == http.MethodDelete:
		x["state"] = "DELETED"
	}
	_ = json.NewEncoder(w).Encode(x)
}
