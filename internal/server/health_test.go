package server

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/medialive/types"

	"github.com/lilo-live/lilo/internal/server/service"
	"github.com/lilo-live/lilo/internal/server/supervisor"
)

func TestReadiness(t *testing.T) {
	id, name := "1234567", "News"
	channel := func(state types.ChannelState, alerts int, pipelines ...supervisor.Playback) service.Status {
		s := service.Status{Channel: &types.Channel{Id: &id, Name: &name, State: state}, Alerts: make([]types.ChannelAlert, alerts)}
		running := int32(0)
		for _, b := range pipelines {
			s.Pipelines = append(s.Pipelines, supervisor.Pipeline{Playback: b})
			if b != nil {
				running++
			}
		}
		s.Channel.PipelinesRunningCount = &running
		return s
	}
	var on struct{ supervisor.Playback } // No method is called.
	for _, c := range []struct {
		name     string
		statuses []service.Status
		failed   map[string]string
		starting bool
		want     string // in the body; the status is 503 if it is not ready
	}{
		{"nothing to play", nil, nil, false, `{"ready":true,"channels":0,"running":0,"waiting":[]}`},
		{"starting", nil, nil, true, `"waiting":["the server is starting"]`},
		{"on air", []service.Status{channel(types.ChannelStateRunning, 0, on, on)}, nil, false, `{"ready":true,"channels":1,"running":1,"waiting":[]}`},
		{"idle", []service.Status{channel(types.ChannelStateIdle, 0)}, nil, false, `{"ready":true,"channels":1,"running":0,"waiting":[]}`},
		{"one of two", []service.Status{channel(types.ChannelStateRunning, 0, on, nil)}, nil, false, `"waiting":["channel 1234567 (News) is not on air yet"]`},
		{"on its way", []service.Status{channel(types.ChannelStateStarting, 0)}, nil, false, `{"ready":false,`},
		{"with an alert", []service.Status{channel(types.ChannelStateStarting, 1, nil)}, nil, false, `{"ready":true,"channels":1,"running":0,`},
		{"not as the file says", nil, map[string]string{"b": "why", "a": "why"}, false, `"channel \"a\" is not as the configuration says: why","channel \"b\"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &health{
				statuses: func() []service.Status { return c.statuses },
				failures: func() map[string]string { return c.failed },
			}
			h.configured.Store(!c.starting)
			for _, authorized := range []bool{true, false} {
				w := httptest.NewRecorder()
				h.serveReady(w, authorized)
				body := w.Body.String()
				if ready := strings.Contains(body, `"ready":true`); ready != (w.Code == 200) || authorized && !strings.Contains(body, c.want) {
					t.Errorf("%d %s, want %s", w.Code, body, c.want)
				}
				if !authorized && (strings.Contains(body, "News") || strings.Contains(body, "why")) {
					t.Errorf("an unauthorized client gets %s", body)
				}
			}
		})
	}
}
