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
	if w := askFor(t, h, "pipeline-0=500ms", "GET", "/prod/channels/"+id, ""); w.Code != 200 {
		t.Fatal(w.Body)
	}
	for lost := 0; lost < 2; { // It is back, and the alert is cleared.
		_, alerts, _ := ask(t, h, "GET", "/prod/channels/"+id+"/alerts?stateFilter=CLEARED", "")
		lost = len(alerts["alerts"].([]any))
	}
	become(t, s, id, "RUNNING")
	// A call that is refused, or tries only, asks for nothing.
	if w := askFor(t, h, "slow=1h", "POST", "/prod/channels/"+id+"/start", ""); w.Code != 409 {
		t.Fatal(w.Body)
	}
	if status, answer, _ := ask(t, h, "POST", "/prod/channels/"+id+"/stop", ""); status != 200 {
		t.Fatal(answer)
	}
	become(t, s, id, "IDLE")
	if w := askFor(t, h, "slow=1h,fail", "PUT", "/prod/channels/"+id, `{"name":"y","dryRun":true}`); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if status, answer, _ := ask(t, h, "PUT", "/prod/channels/"+id, `{"name":"y"}`); status != 200 {
		t.Fatal(answer)
	}
	become(t, s, id, "IDLE")
	for _, do := range []struct{ path, state string }{{"start", "RUNNING"}, {"stop", "IDLE"}} {
		began := time.Now()
		if w := askFor(t, h, "slow=300ms", "POST", "/prod/batch/"+do.path, `{"channelIds":["`+id+`"]}`); w.Code != 200 {
			t.Fatal(w.Body)
		}
		become(t, s, id, do.state)
		if took := time.Since(began); took < 300*time.Millisecond {
			t.Errorf("the batch is %s within %v", do.state, took)
		}
	}
}

// A fault that has no effect on an operation is refused, and says what it is for.
func TestFaultsWithoutEffect(t *testing.T) {
	h, _, running, idle := fixture(t, Options{})
	for _, c := range []struct{ fault, method, path, want string }{
		{"fail", "POST", "/prod/channels/" + running + "/stop", "fail is for CreateChannel, UpdateChannel, UpdateChannelClass, not for StopChannel"},
		{"slow=1s", "GET", "/prod/channels/" + running, "not for DescribeChannel"},
		{"slow=1s", "POST", "/prod/channels/" + running + "/restartChannelPipelines", "not for RestartChannelPipelines"},
		{"pipeline-0=1s", "GET", "/prod/channels", "the loss of a pipeline is for operations on one channel, not for ListChannels"},
		{"pipeline-1=1s", "GET", "/prod/channels/" + running, "is not on air with a pipeline 1"},
		{"pipeline-0=1s", "GET", "/prod/channels/" + idle, "is not on air with a pipeline 0"},
	} {
		if w := askFor(t, h, c.fault, c.method, c.path, "{}"); w.Code != 400 || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s with %s %s: answered %d %s, want %s", c.fault, c.method, c.path, w.Code, w.Body, c.want)
		}
	}
	// The model of ListTagsForResource lacks it, but the gateway answers so, and SDKs retry.
	if w := askFor(t, h, "throttling", "GET", "/prod/tags/arn:aws:medialive:us-east-1:000000000000:channel:"+running, ""); w.Code != 429 || w.Header().Get("X-Amzn-ErrorType") != "TooManyRequestsException" {
		t.Errorf("throttling is answered %d %s", w.Code, w.Body)
	}
}

// What is armed holds for so many calls, or until it is cleared; a call that reads changes no channel.
func TestArmed(t *testing.T) {
	armed := new(Armed)
	h, free, running, _ := fixture(t, Options{Armed: armed})
	arm := func(text string, calls int) {
		t.Helper()
		if err := armed.Arm(text, calls); err != nil {
			t.Fatal(err)
		}
	}
	answers := func(want ...int) {
		t.Helper()
		for i, code := range want {
			if status, answer, _ := ask(t, h, "GET", "/prod/channels/"+running, ""); status != code {
				t.Errorf("call %d is answered %d %v, want %d", i, status, answer, code)
			}
		}
	}
	answers(200)
	arm("throttling", 2)
	answers(429)
	if text, calls := armed.State(); text != "throttling" || calls != 1 {
		t.Errorf("%s is armed for %d", text, calls)
	}
	answers(429, 200)
	arm("internal", 0)
	answers(500, 500, 500)
	if w := askFor(t, h, "forbidden", "GET", "/prod/channels/"+running, ""); w.Code != 403 {
		t.Errorf("a call that asks for another fault is answered %d", w.Code)
	}
	arm("", 0)
	answers(200)
	arm("fail", 1)
	answers(200, 200) // Of these the fault is not for.
	status, answer, _ := ask(t, h, "POST", "/prod/channels", wire(t, channelOf(free)))
	if status != 201 {
		t.Fatal(answer)
	}
	id := answer["channel"].(map[string]any)["id"].(string)
	for state := ""; state != "CREATE_FAILED"; {
		_, doc, _ := ask(t, h, "GET", "/prod/channels/"+id, "")
		if state = doc["state"].(string); state == "IDLE" {
			t.Fatal("the channel was created")
		}
	}
	if text, _ := armed.State(); text != "" {
		t.Errorf("%s is still armed", text)
	}
	for text, calls := range map[string]int{"boredom": 0, "pipeline-0=10s": 0, "throttling": -1} {
		if armed.Arm(text, calls) == nil {
			t.Errorf("%s is armed for %d calls", text, calls)
		}
	}
}
