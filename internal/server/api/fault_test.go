package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// askFor makes a call that asks for a fault.
func askFor(t *testing.T, h http.Handler, fault, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	r.Header.Set(FaultHeader, fault)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFaultsOfCalls(t *testing.T) {
	h, _, running, _ := fixture(t, Options{})
	for fault, want := range map[string]string{
		"throttling":      "TooManyRequestsException",
		"internal":        "InternalServerErrorException",
		"forbidden":       "ForbiddenException",
		"bad-gateway":     "BadGatewayException",
		"gateway-timeout": "GatewayTimeoutException",
		"boredom":         "BadRequestException",
		"slow":            "BadRequestException",
		"slow=soon":       "BadRequestException",
		"slow=-1s":        "BadRequestException",
		"slow=2h":         "BadRequestException",
		"pipeline-2=1s":   "BadRequestException",
	} {
		if w := askFor(t, h, fault, "POST", "/prod/channels/"+running+"/stop", ""); w.Header().Get("X-Amzn-ErrorType") != want {
			t.Errorf("%s: answered %d %s", fault, w.Code, w.Body)
		}
	}
	if _, answer, _ := ask(t, h, "GET", "/prod/channels/"+running, ""); answer["state"] != "RUNNING" {
		t.Errorf("the channel is %v", answer["state"])
	}
}

func TestFaultsOfChannels(t *testing.T) {
	s := newService(t)
	h := New(s, Options{Log: slog.New(slog.DiscardHandler)})
	create := func(fault string) string {
		_, in, _ := ask(t, h, "POST", "/prod/inputs", wire(t, input("https://example.com/a.mp4")))
		w := askFor(t, h, fault, "POST", "/prod/channels", wire(t, channelOf(in["input"].(map[string]any)["id"].(string))))
		if w.Code != 201 {
			t.Fatal(w.Body)
		}
		id, _, _ := strings.Cut(strings.SplitN(w.Body.String(), `:channel:`, 2)[1], `"`)
		return id
	}
	become(t, s, create("fail"), "CREATE_FAILED")
	id := create("")
	become(t, s, id, "IDLE")
	if w := askFor(t, h, "fail", "PUT", "/prod/channels/"+id, `{"name":"x"}`); w.Code != 200 {
		t.Fatal(w.Body)
	}
	become(t, s, id, "UPDATE_FAILED")
	began := time.Now()
	if w := askFor(t, h, "slow=300ms", "POST", "/prod/channels/"+id+"/start", ""); w.Code != 200 {
		t.Fatal(w.Body)
	}
	become(t, s, id, "RUNNING")
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("it starts within %v", took)
	}
	if w := askFor(t, h, "pipeline-0=1h", "GET", "/prod/channels/"+id, ""); w.Code != 200 {
		t.Fatal(w.Body)
	}
	become(t, s, id, "RECOVERING")
	_, doc, _ := ask(t, h, "GET", "/prod/channels/"+id, "")
	_, alerts, _ := ask(t, h, "GET", "/prod/channels/"+id+"/alerts?stateFilter=SET", "")
	if all := alerts["alerts"].([]any); doc["pipelinesRunningCount"] != 0.0 || len(all) != 1 || all[0].(map[string]any)["alertType"] != "Pipeline Lost" {
		t.Errorf("it is %v with %v", doc["pipelinesRunningCount"], alerts)
	}
	if status, answer, _ := ask(t, h, "POST", "/prod/channels/"+id+"/restartChannelPipelines", "{}"); status != 200 {
		t.Fatal(answer)
	}
	become(t, s, id, "RUNNING")
	if w := askFor(t, h, "pipeline-0=50ms", "GET", "/prod/channels/"+id, ""); w.Code != 200 {
		t.Fatal(w.Body)
	}
	become(t, s, id, "RECOVERING")
	become(t, s, id, "RUNNING")
	// A call that is refused asks for nothing.
	if w := askFor(t, h, "slow=1h", "POST", "/prod/channels/"+id+"/start", ""); w.Code != 409 {
		t.Fatal(w.Body)
	}
	if status, answer, _ := ask(t, h, "POST", "/prod/channels/"+id+"/stop", ""); status != 200 {
		t.Fatal(answer)
	}
	become(t, s, id, "IDLE")
}
