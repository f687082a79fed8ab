package lifecycle_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
	"github.com/lilo-live/lilo/deploy/aws/internal/lifecycle"
	"github.com/lilo-live/lilo/internal/aws/function"
)

// world is the function with the services around it. Its clock advances only by
// the pauses of the state machine.
type world struct {
	*cloud
	l     *lifecycle.Lifecycle
	now   time.Time
	steps int // so far
	// before is called before each step.
	before func(step int)
	// lost repeats every step, as if its result had been lost.
	lost bool
}

func newWorld(t *testing.T) *world {
	w := &world{cloud: newCloud(t), now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC), before: func(int) {}}
	c := w.Config()
	w.l = &lifecycle.Lifecycle{
		Channels: medialive.NewFromConfig(c), Parameters: ssm.NewFromConfig(c), Stacks: cloudformation.NewFromConfig(c),
		Machines: sfn.NewFromConfig(c), Machine: "arn:aws:states:eu-west-1:123456789012:stateMachine:lilo",
		Replies: cfnresponse.Sender{Client: http.DefaultClient}, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now },
	}
	w.Parameters["/lilo/x/channel"] = channelID
	return w
}

func (w *world) event(kind string, request cfn.RequestType) cfn.Event {
	p := map[string]any{"ServiceToken": "arn", "Settings": "abc"}
	if kind == function.OnAirType {
		p["ChannelId"], p["AutoStart"] = channelID, "true"
	} else {
		p["ChannelParameter"] = "/lilo/x/channel"
	}
	e := cfn.Event{
		RequestType: request, RequestID: "request-1", ResponseURL: w.ResponseURL(), ResourceType: kind, LogicalResourceID: "Resource",
		StackID: "arn:aws:cloudformation:eu-west-1:123456789012:stack/x/1", ResourceProperties: p,
	}
	if request != cfn.RequestCreate {
		e.PhysicalResourceID = "the-id"
	}
	return e
}

// play passes an event to the function and then does what the definition of the
// state machine says until the job is done.
func (w *world) play(t *testing.T, e cfn.Event) error {
	t.Helper()
	ctx := context.Background()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.l.Handle(ctx, text); err != nil {
		return err
	}
	input, ok := "", false
	for name := range w.Executions {
		if strings.HasSuffix(name, "-"+e.RequestID) {
			input, ok = w.Executions[name], true
		}
	}
	if !ok {
		return nil
	}
	job := json.RawMessage(input)
	for w.steps = 1; ; w.steps++ {
		if w.steps > 5000 {
			t.Fatal("the job never ends")
		}
		w.before(w.steps)
		after, err := w.l.Handle(ctx, job)
		if w.lost && err == nil {
			after, err = w.l.Handle(ctx, job)
		}
		if err != nil {
			return err
		}
		if after.Done {
			return nil
		}
		w.now = w.now.Add(time.Duration(after.Wait) * time.Second)
		if job, err = json.Marshal(after); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) count(call string) int {
	n := 0
	for _, c := range w.Calls {
		if c == call {
			n++
		}
	}
	return n
}

// fails returns a number of faults of a call.
func fails(call string, status int, code string, times int) []injected {
	return slices.Repeat([]injected{{Call: call, Status: status, Code: code}}, times)
}

func TestOnAir(t *testing.T) {
	create, update, remove := cfn.RequestCreate, cfn.RequestUpdate, cfn.RequestDelete
	cases := []struct {
		name    string
		request cfn.RequestType
		set     func(*world)
		// state is the channel's final state; reason is part of the answer's, empty for success.
		state, reason string
		starts, stops int
	}{
		{name: "create starts", request: create, state: "RUNNING", starts: 1},
		{name: "create without automatic start does nothing", request: create, set: func(w *world) { w.auto(false) }, state: "IDLE"},
		{name: "create waits for CREATING", request: create, set: func(w *world) { w.State = "CREATING" }, state: "RUNNING", starts: 1},
		{name: "create of a running channel", request: create, set: func(w *world) { w.State = "RUNNING" }, state: "RUNNING"},
		{name: "ten minutes of STARTING", request: create, set: func(w *world) { w.Slow = 60 }, state: "RUNNING", starts: 1},
		{name: "a channel that never runs", request: create, set: func(w *world) { w.Slow = 1 << 20 }, state: "STARTING", starts: 1, reason: "still STARTING after 25m"},
		{name: "CREATE_FAILED", request: create, set: func(w *world) { w.State = "CREATE_FAILED" }, state: "CREATE_FAILED", reason: "it is CREATE_FAILED"},
		{name: "a channel that falls back to IDLE", request: create, set: func(w *world) { w.Falls = true }, state: "IDLE", starts: 3, reason: "started 3 times"},
		{name: "a deleted channel", request: create, set: func(w *world) { w.State = "" }, state: "", reason: "it is DELETED"},
		{name: "throttled", request: create, set: func(w *world) {
			w.Faults = slices.Concat(fails("DescribeChannel", 429, "TooManyRequestsException", 5), fails("StartChannel", 429, "TooManyRequestsException", 5))
		}, state: "RUNNING", starts: 6},
		{name: "the service fails", request: create, set: func(w *world) { w.Faults = fails("StartChannel", 504, "GatewayTimeoutException", 3) }, state: "RUNNING", starts: 4},
		{name: "a state that is changing (409)", request: create, set: func(w *world) { w.Faults = fails("StartChannel", 409, "ConflictException", 2) }, state: "RUNNING", starts: 3},
		{name: "credentials that expire", request: create, set: func(w *world) { w.Faults = fails("DescribeChannel", 403, "ExpiredTokenException", 2) }, state: "RUNNING", starts: 1},
		{name: "a permission that propagates late", request: create, set: func(w *world) { w.Faults = fails("DescribeChannel", 403, "AccessDeniedException", 10) }, state: "RUNNING", starts: 1},
		{
			name: "a missing permission", request: create, set: func(w *world) { w.Faults = fails("DescribeChannel", 403, "AccessDeniedException", 1000) },
			state: "IDLE", reason: "cannot be described",
		},
		{name: "a refused start", request: create, set: func(w *world) { w.Faults = fails("StartChannel", 422, "UnprocessableEntityException", 1) }, state: "IDLE", starts: 1, reason: "cannot be started"},
		{name: "update starts again", request: update, state: "RUNNING", starts: 1},
		{name: "delete stops", request: remove, set: func(w *world) { w.State = "RUNNING" }, state: "IDLE", stops: 1},
		{name: "delete while STARTING", request: remove, set: func(w *world) { w.State = "STARTING" }, state: "IDLE", stops: 1},
		{name: "delete while STOPPING", request: remove, set: func(w *world) { w.State = "STOPPING" }, state: "IDLE"},
		{name: "delete of an idle channel", request: remove, state: "IDLE"},
		{name: "delete of a deleted channel", request: remove, set: func(w *world) { w.State = "" }, state: ""},
		{name: "delete of CREATE_FAILED", request: remove, set: func(w *world) { w.State = "CREATE_FAILED" }, state: "CREATE_FAILED"},
		{name: "delete, throttled", request: remove, set: func(w *world) {
			w.State, w.Faults = "RUNNING", fails("StopChannel", 429, "TooManyRequestsException", 4)
		}, state: "IDLE", stops: 5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			e := w.event(function.OnAirType, c.request)
			if c.set != nil {
				c.set(w)
			}
			if w.Parameters["auto"] == "false" {
				e.ResourceProperties["AutoStart"] = "false"
			}
			if err := w.play(t, e); err != nil {
				t.Fatal(err)
			}
			w.answered(t, e, c.reason)
			if w.State != c.state || w.count("StartChannel") != c.starts || w.count("StopChannel") != c.stops {
				t.Errorf("the channel is %s after %d starts and %d stops", w.State, w.count("StartChannel"), w.count("StopChannel"))
			}
		})
	}
}

func (w *world) auto(on bool) {
	if !on {
		w.Parameters["auto"] = "false"
	}
}

// answered checks that CloudFormation got one answer, with that reason.
func (w *world) answered(t *testing.T, e cfn.Event, reason string) {
	t.Helper()
	if len(w.Answers) != 1 {
		t.Fatalf("CloudFormation was answered %d times: %+v", len(w.Answers), w.Answers)
	}
	a := w.Answers[0]
	want := cfn.StatusSuccess
	if reason != "" {
		want = cfn.StatusFailed
	}
	if a.Status != want || !strings.Contains(a.Reason, reason) || strings.Contains(a.Reason, "\n") {
		t.Errorf("got %s %q, want %s %q", a.Status, a.Reason, want, reason)
	}
	if a.RequestID != e.RequestID || a.StackID != e.StackID || a.LogicalResourceID != e.LogicalResourceID || a.PhysicalResourceID == "" {
		t.Errorf("the answer does not match the event: %+v", a)
	}
	if e.PhysicalResourceID != "" && a.PhysicalResourceID != e.PhysicalResourceID {
		t.Errorf("the physical id changed to %q: CloudFormation would replace the resource", a.PhysicalResourceID)
	}
}

func TestGate(t *testing.T) {
	cases := []struct {
		name    string
		request cfn.RequestType
		set     func(*world)
		before  func(*world, int)
		state   string
		reason  string
		// err is what the state machine fails with.
		err string
	}{
		{name: "create does nothing", request: cfn.RequestCreate, set: func(w *world) { delete(w.Parameters, "/lilo/x/channel") }, state: "IDLE"},
		{name: "delete does nothing", request: cfn.RequestDelete, set: func(w *world) { w.State = "RUNNING" }, state: "RUNNING"},
		{name: "update of an idle channel", request: cfn.RequestUpdate, state: "IDLE"},
		{name: "update before there is a channel", request: cfn.RequestUpdate, set: func(w *world) { delete(w.Parameters, "/lilo/x/channel") }, state: "IDLE"},
		{
			name: "update stops the channel and starts it after the update", request: cfn.RequestUpdate, set: func(w *world) { w.State = "RUNNING" },
			before: settled("UPDATE_COMPLETE", 20), state: "RUNNING",
		},
		{
			name: "an update that is rolled back", request: cfn.RequestUpdate, set: func(w *world) { w.State = "RUNNING" },
			before: func(w *world, step int) {
				w.Stack = "UPDATE_ROLLBACK_IN_PROGRESS"
				settled("UPDATE_ROLLBACK_COMPLETE", 40)(w, step)
			}, state: "RUNNING",
		},
		{name: "a stack that is being deleted", request: cfn.RequestUpdate, set: func(w *world) { w.State = "RUNNING" }, before: settled("DELETE_IN_PROGRESS", 10), state: "IDLE"},
		{name: "a deleted stack", request: cfn.RequestUpdate, set: func(w *world) { w.State = "RUNNING" }, before: settled("", 10), state: "IDLE"},
		{name: "on-air starts the channel first", request: cfn.RequestUpdate, set: func(w *world) { w.State = "RUNNING" }, before: func(w *world, step int) {
			settled("UPDATE_COMPLETE", 10)(w, step)
			if step == 10 {
				w.State = "RUNNING"
			}
		}, state: "RUNNING"},
		{
			name: "a channel that does not stop", request: cfn.RequestUpdate, set: func(w *world) { w.State, w.Slow = "RUNNING", 1<<20 },
			before: settled("UPDATE_ROLLBACK_COMPLETE", 150), state: "STOPPING", reason: "still STOPPING", err: "still STOPPING",
		},
		{
			name: "an update that takes eleven hours", request: cfn.RequestUpdate, set: func(w *world) { w.State = "RUNNING" },
			before: settled("UPDATE_COMPLETE", 120+630), state: "RUNNING",
		},
		{
			name: "a parameter that cannot be read", request: cfn.RequestUpdate, set: func(w *world) { w.Faults = fails("GetParameter", 400, "InvalidKeyId", 1) },
			state: "IDLE", reason: "cannot be read",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.set != nil {
				c.set(w)
			}
			if c.before != nil {
				w.before = func(step int) { c.before(w, step) }
			}
			e := w.event(function.GateType, c.request)
			err := w.play(t, e)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Fatalf("got error %v, want %q", err, c.err)
			}
			w.answered(t, e, c.reason)
			if w.State != c.state {
				t.Errorf("the channel is %s", w.State)
			}
		})
	}
}

// TestAChangeOfClassIsRefused: the gate fails an update to another class and does
// nothing when that is rolled back. The channel stays on air.
func TestAChangeOfClassIsRefused(t *testing.T) {
	for _, c := range []struct{ was, is, stack, reason string }{
		{"SINGLE_PIPELINE", "STANDARD", "UPDATE_IN_PROGRESS", "the class of the channel cannot become STANDARD while it exists"},
		{"STANDARD", "SINGLE_PIPELINE", "UPDATE_ROLLBACK_IN_PROGRESS", ""},
	} {
		w := newWorld(t)
		w.State, w.Stack = "RUNNING", c.stack
		e := w.event(function.GateType, cfn.RequestUpdate)
		e.ResourceProperties[function.ClassProperty] = c.is
		e.OldResourceProperties = map[string]any{function.ClassProperty: c.was}
		if err := w.play(t, e); err != nil {
			t.Fatal(err)
		}
		w.answered(t, e, c.reason)
		if w.count("StopChannel") != 0 || w.State != "RUNNING" {
			t.Errorf("%+v: the channel is %s: %q", c, w.State, w.Calls)
		}
	}
}

// settled gives the stack its final status at a step.
func settled(status string, at int) func(*world, int) {
	return func(w *world, step int) {
		if step >= at {
			w.Stack = status
		}
	}
}

// TestEveryStepTwice runs every step twice, as the state machine does after a lost
// result.
func TestEveryStepTwice(t *testing.T) {
	for _, request := range []cfn.RequestType{cfn.RequestCreate, cfn.RequestDelete} {
		w := newWorld(t)
		w.lost = true
		want := "RUNNING"
		if request == cfn.RequestDelete {
			w.State, want = "RUNNING", "IDLE"
		}
		if err := w.play(t, w.event(function.OnAirType, request)); err != nil {
			t.Fatal(err)
		}
		if w.State != want {
			t.Errorf("%s: the channel is %s", request, w.State)
		}
		for _, a := range w.Answers {
			if a.Status != cfn.StatusSuccess {
				t.Errorf("%s: %+v", request, a)
			}
		}
	}
}

func TestDuplicateEvent(t *testing.T) {
	w := newWorld(t)
	e := w.event(function.OnAirType, cfn.RequestCreate)
	text, _ := json.Marshal(e)
	for range 2 {
		if _, err := w.l.Handle(context.Background(), text); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Executions) != 1 || len(w.Answers) != 0 {
		t.Errorf("%d executions, answers %+v", len(w.Executions), w.Answers)
	}
}

func TestNoStateMachine(t *testing.T) {
	w := newWorld(t)
	w.Faults = fails("StartExecution", 400, "StateMachineDoesNotExist", 1)
	e := w.event(function.OnAirType, cfn.RequestCreate)
	if err := w.play(t, e); err != nil {
		t.Fatal(err)
	}
	w.answered(t, e, "the state machine that starts and stops the channel cannot be started")
}

// TestDeniedStateMachine lets the right to start the state machine spread late: the
// error has Lambda pass the event again, until the right should have arrived.
func TestDeniedStateMachine(t *testing.T) {
	w := newWorld(t)
	denied := fails("StartExecution", 400, "AccessDeniedException", 1)
	e := w.event(function.OnAirType, cfn.RequestCreate)
	e.ResponseURL += "?X-Amz-Date=" + w.now.Format("20060102T150405Z")
	w.Faults = denied
	if err := w.play(t, e); err == nil || len(w.Answers) != 0 {
		t.Fatalf("got error %v and answers %+v, want only an error", err, w.Answers)
	}
	w.now = w.now.Add(time.Minute)
	if err := w.play(t, e); err != nil || w.State != "RUNNING" {
		t.Errorf("got error %v, the channel is %s", err, w.State)
	}

	w = newWorld(t)
	e = w.event(function.OnAirType, cfn.RequestCreate)
	e.ResponseURL += "?X-Amz-Date=" + w.now.Add(-3*time.Minute).Format("20060102T150405Z")
	w.Faults = denied
	if err := w.play(t, e); err != nil {
		t.Fatal(err)
	}
	w.answered(t, e, "cannot be started")
}

// TestGivingUp passes the error of a step that failed repeatedly, as the state
// machine does: CloudFormation gets it as the reason.
func TestGivingUp(t *testing.T) {
	w := newWorld(t)
	e := w.event(function.OnAirType, cfn.RequestCreate)
	text, _ := json.Marshal(lifecycle.Job{Event: e, Phase: lifecycle.Starting, Since: w.now, Failure: &lifecycle.Failure{Error: "Runtime.ExitError", Cause: "exit status 2"}})
	after, err := w.l.Handle(context.Background(), text)
	if err != nil || !after.Done {
		t.Fatalf("%+v, %v", after, err)
	}
	w.answered(t, e, "Runtime.ExitError exit status 2")
}

// TestHistoryOfTheLongestWait counts the events of an execution that stops a channel
// slowly, waits for the longest update and starts the channel slowly: an execution with
// 25,000 events fails (Step Functions quotas). Every step is repeated as often as the
// definition of the state machine lets it, or less.
func TestHistoryOfTheLongestWait(t *testing.T) {
	const (
		most      = 25_000
		ofStep    = 9 // entering and leaving Step, Done? and Wait; scheduling, starting and ending the function
		ofRetry   = 3 // scheduling, starting and failing
		ofMachine = 10
	)
	delays := []int{2, 4, 5, 8, 10, 16, 32, 64} // seconds before each repetition, the shortest first
	for retries := range len(delays) + 1 {
		w := newWorld(t)
		w.State, w.Slow = "RUNNING", 1<<30
		began := w.now
		w.before = func(int) {
			for _, seconds := range delays[:retries] {
				w.now = w.now.Add(time.Duration(seconds) * time.Second)
			}
			switch spent := w.now.Sub(began); {
			case spent > 12*time.Hour+35*time.Minute && w.State == "STARTING":
				w.State = "RUNNING"
			case spent > 12*time.Hour+15*time.Minute:
				w.Stack = "UPDATE_COMPLETE"
			case spent > 24*time.Minute && w.State == "STOPPING":
				w.State = "IDLE"
			}
		}
		if err := w.play(t, w.event(function.GateType, cfn.RequestUpdate)); err != nil {
			t.Fatal(err)
		}
		if spent := w.now.Sub(began); spent < 12*time.Hour+15*time.Minute || w.count("StartChannel") == 0 {
			t.Errorf("with %d repetitions of a step it ended after %s", retries, spent)
		}
		if events := ofMachine + w.steps*(ofStep+retries*ofRetry); events > most {
			t.Errorf("with %d repetitions of a step: %d events", retries, events)
		}
	}
}

func TestRefusedAnswerIsRepeated(t *testing.T) {
	w := newWorld(t)
	w.Faults = fails("Answer", 503, "SlowDown", 3)
	e := w.event(function.GateType, cfn.RequestCreate)
	if err := w.play(t, e); err != nil {
		t.Fatal(err)
	}
	w.answered(t, e, "")
}

func TestInvalidInput(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{`[]`, `{}`, `{"event": 3}`, `{"RequestType": "Create"}`} {
		if _, err := w.l.Handle(context.Background(), json.RawMessage(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
	e := w.event("Custom::Other", cfn.RequestCreate)
	if err := w.play(t, e); err != nil {
		t.Fatal(err)
	}
	w.answered(t, e, "is not a resource of LILO")
}
