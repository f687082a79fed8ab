package event

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
)

const arn = "arn:aws:medialive:eu-west-1:123456789012:channel:1234567"

func sample() Event {
	n := 1
	return Origin{"123456789012", "eu-west-1"}.Event(StateChange, time.Unix(1764000000, 500),
		Detail{ChannelARN: arn, Pipeline: "0", State: "RUNNING", Message: "Pipeline started", PipelinesRunningCount: &n})
}

// flaky fails that many times before it takes an event; always if negative.
type flaky struct {
	mu       sync.Mutex
	failures int
	got      []string
}

func (*flaky) Name() string { return "flaky" }

func (f *flaky) Deliver(_ context.Context, e Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failures != 0 {
		f.failures--
		return errors.New("not now")
	}
	f.got = append(f.got, e.Detail.Message)
	return nil
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestBusDeliversInOrderDespiteFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good, bad := &flaky{}, &flaky{failures: 12}
		bus := NewBus(quiet(), good, bad)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = bus.Run(ctx) }()
		for _, text := range []string{"a", "b", "c"} {
			bus.Emit(Event{Detail: Detail{Message: text}})
		}
		synctest.Wait()
		if got := strings.Join(good.got, ""); got != "abc" {
			t.Errorf("a sink waited for another: got %q", got)
		}
		time.Sleep(time.Hour)
		cancel()
		synctest.Wait()
		if got := strings.Join(bad.got, ""); got != "abc" {
			t.Errorf("delivered %q, want abc", got)
		}
		if c := bus.Stats()[1]; c.Delivered != 3 || c.Failed != 12 || c.Dropped != 0 {
			t.Errorf("stats: %+v", c)
		}
	})
}

func TestBusCountsDroppedEvents(t *testing.T) {
	bus := NewBus(quiet(), &flaky{failures: -1})
	for range queueSize + 5 {
		bus.Emit(Event{})
	}
	if got := bus.Stats()[0].Dropped; got != 5 {
		t.Errorf("%d dropped, want 5", got)
	}
}

func TestBusFlushesAtTheEnd(t *testing.T) {
	sink := &flaky{}
	bus := NewBus(quiet(), sink)
	bus.Emit(Event{Detail: Detail{Message: "last"}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := bus.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if len(sink.got) != 1 {
		t.Error("a queued event was lost at the end")
	}
}

func TestWebhookPostsEventBridgesForm(t *testing.T) {
	var got map[string]any
	answers := []int{http.StatusInternalServerError, http.StatusFound, http.StatusNoContent}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(answers[0])
		answers = answers[1:]
	}))
	defer server.Close()
	hook, err := NewWebhook(server.URL + "/secret")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []bool{false, false, true} {
		if err := hook.Deliver(t.Context(), sample()); (err == nil) != want {
			t.Errorf("delivered: %v, want %v", err, want)
		}
	}
	detail := got["detail"].(map[string]any)
	if got["detail-type"] != StateChange || got["source"] != Source || got["time"] != "2025-11-24T16:00:00Z" || got["resources"].([]any)[0] != arn {
		t.Errorf("posted %v", got)
	}
	if detail["state"] != "RUNNING" || detail["pipelines_running_count"] != 1.0 || detail["channel_arn"] != arn {
		t.Errorf("posted the detail %v", detail)
	}
	if strings.Contains(hook.Name(), "secret") {
		t.Error("the name contains the path")
	}
}

func TestWebhookErrorOmitsPath(t *testing.T) {
	hook, err := NewWebhook("http://127.0.0.1:1/secret")
	if err != nil {
		t.Fatal(err)
	}
	if err := hook.Deliver(t.Context(), sample()); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v", err)
	}
}

func TestNewWebhookWantsURL(t *testing.T) {
	for _, target := range []string{"", "ftp://host/", "https://", "host:80", "%"} {
		if _, err := NewWebhook(target); err == nil {
			t.Errorf("%q is accepted", target)
		}
	}
}

func TestEventBridge(t *testing.T) {
	var target string
	var body []byte
	answer := `{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target = r.Header.Get("X-Amz-Target")
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	sink := NewEventBridge(eventbridge.New(eventbridge.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}), "lilo")
	if err := sink.Deliver(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	if target != "AWSEvents.PutEvents" || !strings.Contains(string(body), `"Source":"lilo"`) || !strings.Contains(string(body), `\"state\":\"RUNNING\"`) {
		t.Errorf("%s was called with %s", target, body)
	}
	answer = `{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException","ErrorMessage":"later"}]}`
	if err := sink.Deliver(t.Context(), sample()); err == nil || !strings.Contains(err.Error(), "later") {
		t.Errorf("a failed entry is reported as %v", err)
	}
}

func TestLogWritesOneLine(t *testing.T) {
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, nil))
	if err := (Log{log}).Deliver(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	if line := b.String(); strings.Count(line, "\n") != 1 || !strings.Contains(line, "state=RUNNING") || strings.Contains(line, "alarm=") {
		t.Errorf("logged %s", line)
	}
}
