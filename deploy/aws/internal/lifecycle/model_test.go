package lifecycle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
	"github.com/lilo-live/lilo/deploy/aws/internal/lifecycle"
	"github.com/lilo-live/lilo/internal/aws/function"
)

// tick is the unit of the model's clock: a step does not run for two, and a stop
// takes at least two.
const tick = function.StepTimeout * 3 / 4

// lastTick ends the exploration.
const lastTick = 5

// starts reports whether the execution of a name only starts the channel. The time
// stands still for it: it waits for half an hour.
func starts(name string) bool {
	return strings.HasSuffix(name, "-create") || strings.HasSuffix(name, "-update") || strings.HasSuffix(name, "-update-back") ||
		strings.HasPrefix(name, "schedule-start-")
}

// step is a call of the function that is running: its input and the answers that the
// services have given. Replayed with these, it makes its next call; between two calls,
// anything else can happen.
type step struct {
	job     string
	starts  bool
	began   int
	answers string // each ends with a newline
}

// execution is one of the state machine.
type execution struct {
	name   string
	job    string
	status sfntypes.ExecutionStatus
	began  int
	ended  int
	step   step // that runs; none without a job
}

// state is one of the world. It is comparable, so that a map holds those seen.
type state struct {
	clock      int
	channel    types.ChannelState
	stack      cfntypes.StackStatus
	executions [5]execution
	orphans    [1]step   // whose state machine no longer waits for them
	events     [5]string // that CloudFormation sent and the function has not seen
	answered   [5]string // names of events, in order
	failed     bool      // CloudFormation was told of a failure
	deleted    bool      // the deletion has been answered
	ours       bool      // the last start was the function's
	started    int       // by an operator
	stopped    int
	scheduled  bool // a schedule has begun its execution
	lost       int  // results of steps
	doubled    int  // steps
}

// add puts a value into the first free place of an array.
func add[T comparable](places []T, value T) bool {
	var none T
	i := slices.Index(places, none)
	if i < 0 {
		return false
	}
	places[i] = value
	return true
}

// parked ends the replay of a step at its next call, which may change something.
type parked struct{ changes bool }

// services answers the calls of one step: as before, then once from the state.
type services struct {
	*state
	hidden bool // executions of this tick are not listed yet
	before []string
	after  string
	wrong  string
	ended  bool
}

// call returns the answer to the next call.
func (s *services) call(changes bool, now func() string) string {
	if len(s.before) > 0 {
		answer := s.before[0]
		s.before = s.before[1:]
		return answer
	}
	if s.after != "" {
		panic(parked{changes})
	}
	answer := now()
	s.after = answer + "\n"
	return answer
}

func (s *services) DescribeChannel(context.Context, *medialive.DescribeChannelInput, ...func(*medialive.Options)) (*medialive.DescribeChannelOutput, error) {
	return &medialive.DescribeChannelOutput{State: types.ChannelState(s.call(false, func() string { return string(s.channel) }))}, nil
}

func (s *services) StartChannel(context.Context, *medialive.StartChannelInput, ...func(*medialive.Options)) (*medialive.StartChannelOutput, error) {
	answer := s.call(true, func() string {
		if s.channel != types.ChannelStateIdle {
			return "conflict"
		}
		if s.deleted {
			s.wrong = "the channel is started after its deletion was answered"
		}
		s.channel, s.ours = types.ChannelStateStarting, true
		return "done"
	})
	if answer == "conflict" {
		return nil, conflict()
	}
	return &medialive.StartChannelOutput{}, nil
}

func (s *services) StopChannel(context.Context, *medialive.StopChannelInput, ...func(*medialive.Options)) (*medialive.StopChannelOutput, error) {
	answer := s.call(true, func() string {
		if s.channel != types.ChannelStateRunning && s.channel != types.ChannelStateStarting {
			return "conflict"
		}
		s.channel = types.ChannelStateStopping
		return "done"
	})
	if answer == "conflict" {
		return nil, conflict()
	}
	return &medialive.StopChannelOutput{}, nil
}

func (s *services) GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: aws.String("1")}}, nil
}

func (s *services) DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	status := s.call(false, func() string { return string(s.stack) })
	return &cloudformation.DescribeStacksOutput{Stacks: []cfntypes.Stack{{StackStatus: cfntypes.StackStatus(status)}}}, nil
}

func (s *services) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	add(s.executions[:], execution{name: *in.Name, job: *in.Input, status: sfntypes.ExecutionStatusRunning, began: s.clock})
	return &sfn.StartExecutionOutput{}, nil
}

func (s *services) ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	listed := s.call(false, func() string {
		var list []string
		for _, x := range s.executions {
			if x.name != "" && (!s.hidden || x.began != s.clock) {
				list = append(list, fmt.Sprint(x.name, " ", x.status, " ", x.ended))
			}
		}
		return strings.Join(list, ",")
	})
	out := &sfn.ListExecutionsOutput{}
	for text := range strings.SplitSeq(listed, ",") {
		if f := strings.Fields(text); len(f) == 3 {
			ended, _ := strconv.Atoi(f[2])
			out.Executions = append(out.Executions, sfntypes.ExecutionListItem{
				Name: &f[0], ExecutionArn: &f[0], Status: sfntypes.ExecutionStatus(f[1]), StopDate: aws.Time(at(ended)),
			})
		}
	}
	return out, nil
}

func (s *services) StopExecution(_ context.Context, in *sfn.StopExecutionInput, _ ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error) {
	s.call(true, func() string {
		for i := range s.executions {
			if x := &s.executions[i]; x.name == *in.ExecutionArn && x.status == sfntypes.ExecutionStatusRunning {
				if x.step.job != "" {
					s.doubled += 10 * b2i(!add(s.orphans[:], x.step)) // No room: see next.
				}
				x.status, x.ended, x.step, x.job = sfntypes.ExecutionStatusAborted, s.clock, step{}, ""
			}
		}
		return "done"
	})
	return &sfn.StopExecutionOutput{}, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// RoundTrip takes an answer for CloudFormation.
func (s *services) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var answer cfn.Response
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	s.call(true, func() string {
		add(s.answered[:], answer.RequestID)
		s.failed = s.failed || answer.Status == cfn.StatusFailed
		onAir := s.channel == types.ChannelStateRunning || s.channel == types.ChannelStateStarting
		success := answer.Status == cfn.StatusSuccess
		s.deleted = s.deleted || success && answer.RequestID == "delete"
		// CloudFormation waits for the first gate only while it updates.
		idle := answer.RequestID == "delete" || answer.RequestID == "gate-2" || answer.RequestID == "gate-1" && s.stack == cfntypes.StackStatusUpdateInProgress
		if success && onAir && s.ours && idle {
			s.wrong = fmt.Sprintf("%s is answered while the channel is %s by our start", answer.RequestID, s.channel)
		}
		for _, x := range s.executions { // Those that began meanwhile find the stack being deleted.
			if success && idle && x.status == sfntypes.ExecutionStatusRunning && starts(x.name) && x.began < s.clock-1 {
				s.wrong = fmt.Sprintf("%s is answered while %s runs, which may start the channel", answer.RequestID, x.name)
			}
		}
		return "done"
	})
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// conflict is the error of a call that the state of the channel does not permit.
func conflict() error {
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusConflict}}, Err: &types.ConflictException{},
	}}
}

func at(ticks int) time.Time {
	return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC).Add(time.Duration(ticks) * tick)
}

func (s *services) lifecycle(began int) *lifecycle.Lifecycle {
	return &lifecycle.Lifecycle{
		Channels: s, Parameters: s, Stacks: s, Machines: s, Machine: "machine", Log: slog.New(slog.DiscardHandler),
		Replies: cfnresponse.Sender{Client: &http.Client{Transport: s}}, Now: func() time.Time { return at(began) },
	}
}

// advance has a step make its next call, and those after it that only look if they
// are to be one; it returns the job when the step has ended.
func (s *services) advance(x *step, one bool) (after lifecycle.Job, done bool, err error) {
	for {
		s.after = ""
		var next parked
		after, next, err = s.replay(*x)
		x.answers += s.after
		if next == (parked{}) && s.ended {
			return after, true, err
		}
		if !one || next.changes {
			return lifecycle.Job{}, false, nil
		}
	}
}

// replay runs a step with the answers it got and one more.
func (s *services) replay(x step) (after lifecycle.Job, next parked, err error) {
	defer func() {
		if r := recover(); r != nil {
			p, ok := r.(parked)
			if !ok {
				panic(r)
			}
			next = p
		}
	}()
	s.ended = false
	s.before = strings.Split(x.answers, "\n")
	s.before = s.before[:len(s.before)-1]
	now := x.began
	if x.starts {
		now = 0
	}
	var j lifecycle.Job
	if err := json.Unmarshal([]byte(x.job), &j); err != nil {
		return j, next, err
	}
	after, err = s.lifecycle(now).Step(context.Background(), j)
	s.ended = true
	return after, next, err
}

// send has CloudFormation send an event.
func (s *state) send(name string) { add(s.events[:], name) }

// begin passes an event to the function, which starts an execution.
func (s *services) begin(name string) error {
	kind, request := function.OnAirType, cfn.RequestUpdate
	switch {
	case strings.HasPrefix(name, "gate"):
		kind = function.GateType
	case name == "create":
		request = cfn.RequestCreate
	case name == "delete":
		request = cfn.RequestDelete
	}
	text, err := json.Marshal(cfn.Event{
		RequestType: request, RequestID: name, ResponseURL: "http://answer.invalid/", ResourceType: kind, LogicalResourceID: "R", StackID: "stack",
		ResourceProperties: map[string]any{"ChannelId": "1", "AutoStart": "true", "ChannelParameter": "p"},
	})
	if err != nil {
		return err
	}
	_, err = s.lifecycle(s.clock).Handle(context.Background(), text)
	return err
}

// model explores every order in which things can happen.
type model struct {
	t     *testing.T
	seeds [2]maphash.Seed
	seen  map[key]reached
	queue []state // what follows them has not been explored yet
	// schedule has a schedule start or stop the channel once: Start, Stop or nothing.
	schedule string
	// single has a step make a single call at a time, else what it reads in a row is
	// one. operator and faults say what happens besides.
	single, operator, faults bool
	// rollback and deletion say what becomes of an update.
	rollback, deletion bool
}

// key is a state in few bytes.
type key [2]uint64

// reached is how a state was reached first.
type reached struct {
	from key
	what string
}

func (m *model) key(s state) key {
	return key{maphash.Comparable(m.seeds[0], s), maphash.Comparable(m.seeds[1], s)}
}

// reach notes a state, and fails if what happened is wrong.
func (m *model) reach(from, to state, what, wrong string) {
	k := m.key(to)
	if _, ok := m.seen[k]; ok && wrong == "" {
		return
	}
	if to.doubled > 1 {
		return // More steps run on than the model has room for; orders with fewer are explored.
	}
	m.seen[k] = reached{m.key(from), fmt.Sprintf("%5s  %-60s %s", at(to.clock).Sub(at(0)), what, to.channel)}
	m.queue = append(m.queue, to)
	if wrong == "" {
		return
	}
	var path []string
	for r := m.seen[k]; r.what != ""; r = m.seen[r.from] {
		path = append(path, r.what)
	}
	slices.Reverse(path)
	m.t.Fatalf("%s, after %d states:\n%s", wrong, len(m.seen), strings.Join(path, "\n"))
}

// explore visits every state that can be reached.
func (m *model) explore(first state) {
	m.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	m.seen = map[key]reached{m.key(first): {}}
	m.queue = []state{first}
	for len(m.queue) > 0 {
		s := m.queue[len(m.queue)-1]
		m.queue = m.queue[:len(m.queue)-1]
		m.pass(s)
		m.cloudFormation(s)
		m.channel(s)
		m.steps(s)
		m.scheduler(s)
	}
}

// pass lets a tick pass. Steps that run too long end.
func (m *model) pass(s state) {
	stopping := func(x execution) bool { return x.name != "" && !starts(x.name) }
	if s.clock == lastTick || !slices.ContainsFunc(s.executions[:], stopping) {
		return // Until something is to stop, no job looks at the time.
	}
	to := s
	to.clock++
	for i := range to.executions {
		if x := &to.executions[i]; x.step.job != "" && at(to.clock).Sub(at(x.step.began)) > function.StepTimeout {
			x.step = step{}
		}
	}
	if x := &to.orphans[0]; x.job != "" && at(to.clock).Sub(at(x.began)) > function.StepTimeout {
		*x = step{}
	}
	m.reach(s, to, "time passes", "")
}

// cloudFormation does what the stack does next.
func (m *model) cloudFormation(s state) {
	move := func(what string, stack cfntypes.StackStatus, event string) {
		to := s
		to.stack = stack
		if event != "" {
			to.send(event)
		}
		m.reach(s, to, what, "")
	}
	answered := func(name string) bool { return slices.Contains(s.answered[:], name) }
	sent := func(name string) bool {
		return answered(name) || slices.Contains(s.events[:], name) || slices.ContainsFunc(s.executions[:], func(x execution) bool { return strings.HasSuffix(x.name, "-"+name) })
	}
	switch s.stack {
	case cfntypes.StackStatusCreateInProgress:
		move("a sibling fails", cfntypes.StackStatusRollbackInProgress, "delete")
		move("the stack is deleted", cfntypes.StackStatusDeleteInProgress, "delete")
		if answered("create") {
			move("the stack is created", cfntypes.StackStatusCreateComplete, "")
		}
	case cfntypes.StackStatusUpdateInProgress:
		if answered("gate-1") && !sent("update") {
			move("the channel is updated", s.stack, "update")
		}
		if answered("update") {
			move("the stack is updated", cfntypes.StackStatusUpdateComplete, "")
		}
		if m.rollback && s.events == ([5]string{}) {
			// If an event of the update came after the gate had let the rollback pass, it
			// could not be told from one of the rollback.
			move("the update fails", cfntypes.StackStatusUpdateRollbackInProgress, "gate-2")
		}
	case cfntypes.StackStatusUpdateRollbackInProgress:
		if answered("gate-2") && !sent("update-back") {
			move("the channel is as it was", s.stack, "update-back")
		}
		if answered("update-back") {
			move("the stack is rolled back", cfntypes.StackStatusUpdateRollbackComplete, "")
		}
	case cfntypes.StackStatusCreateComplete, cfntypes.StackStatusUpdateComplete, cfntypes.StackStatusUpdateRollbackComplete:
		if m.deletion {
			move("the stack is deleted", cfntypes.StackStatusDeleteInProgress, "delete")
		}
	default:
	}
	for i, name := range s.events {
		if name == "" {
			continue
		}
		to := s
		to.events[i] = ""
		v := services{state: &to}
		if err := v.begin(name); err != nil {
			m.t.Fatal(err)
		}
		m.reach(s, to, "the function gets "+name, v.wrong)
	}
}

// channel lets the channel change, and an operator start and stop it.
func (m *model) channel(s state) {
	next := map[types.ChannelState][]types.ChannelState{
		types.ChannelStateStarting: {types.ChannelStateRunning},
		types.ChannelStateStopping: {types.ChannelStateIdle},
	}
	for _, c := range next[s.channel] {
		to := s
		to.channel = c
		m.reach(s, to, fmt.Sprintf("the channel is %s", c), "")
	}
	if !m.operator {
		return
	}
	if s.channel == types.ChannelStateIdle && s.started+s.stopped == 0 {
		to := s
		to.channel, to.started, to.ours = types.ChannelStateStarting, 1, false
		m.reach(s, to, "an operator starts the channel", "")
	}
	if (s.channel == types.ChannelStateRunning || s.channel == types.ChannelStateStarting) && s.started+s.stopped == 0 {
		to := s
		to.channel, to.stopped = types.ChannelStateStopping, 1
		m.reach(s, to, "an operator stops the channel", "")
	}
}

// scheduler has the schedule begin its execution, as in the input of its templates.
func (m *model) scheduler(s state) {
	if m.schedule == "" || s.scheduled {
		return
	}
	to := s
	to.scheduled = true
	job := fmt.Sprintf(`{"event":{"RequestType":%q,"RequestId":"1","ResourceType":"Custom::LiloSchedule","StackId":"stack","ResourceProperties":{"ChannelId":"1"}}}`, m.schedule)
	x := execution{name: "schedule-" + strings.ToLower(m.schedule) + "-1", job: job, status: sfntypes.ExecutionStatusRunning, began: s.clock}
	if add(to.executions[:], x) {
		m.reach(s, to, "the schedule begins a "+strings.ToLower(m.schedule), "")
	}
}

// steps has every step make its next call.
func (m *model) steps(s state) {
	for i := range s.executions {
		if s.executions[i].status != sfntypes.ExecutionStatusRunning {
			continue
		}
		for _, hidden := range []bool{false, true} {
			m.step(s, i, hidden, false)
		}
		if m.faults && s.lost+s.doubled == 0 {
			m.step(s, i, false, true)
		}
		if to := s; m.faults && s.lost+s.doubled == 0 && s.executions[i].step.job != "" && add(to.orphans[:], s.executions[i].step) {
			to.executions[i].step, to.doubled = step{}, 1
			m.reach(s, to, "the step of "+s.executions[i].name+" is doubled", "")
		}
	}
	if to := s; s.orphans[0].job != "" {
		v := services{state: &to}
		x := s.orphans[0]
		_, done, _ := v.advance(&x, !m.single)
		to.orphans[0] = x
		if done {
			to.orphans[0] = step{}
		}
		m.reach(s, to, "a step that nobody waits for: "+last(v.after), v.wrong)
	}
}

// step has the step of an execution make one call.
func (m *model) step(s state, i int, hidden, lost bool) {
	to := s
	x := &to.executions[i]
	if x.step.job == "" {
		x.step = step{job: x.job, began: s.clock, starts: starts(x.name)}
	}
	v := services{state: &to, hidden: hidden}
	running := x.step
	after, done, err := v.advance(&running, !m.single)
	if x.status != sfntypes.ExecutionStatusRunning {
		return // No step ends its own execution.
	}
	what := x.name + ": " + last(v.after)
	switch {
	case !done:
		x.step = running
		if lost {
			return
		}
	case lost:
		x.step, to.lost = step{}, 1
		what += ", and its result is lost"
	case err != nil:
		x.step, x.job, x.status, x.ended = step{}, "", sfntypes.ExecutionStatusFailed, s.clock
	case after.Done:
		x.step, x.job, x.status, x.ended = step{}, "", sfntypes.ExecutionStatusSucceeded, s.clock
	default:
		text, err := json.Marshal(after)
		if err != nil {
			m.t.Fatal(err)
		}
		x.step, x.job = step{}, string(text)
	}
	m.reach(s, to, what, v.wrong)
}

func last(answer string) string {
	if answer == "" {
		return "ends"
	}
	return strings.TrimSuffix(answer, "\n")
}

// TestEveryOrder explores every order of the events of a stack, the steps of its
// jobs, the changes of the channel, and one start or stop by an operator or a schedule,
// or one step that is lost or doubled. After a deletion was answered, that of a creation
// that is rolled back too, nothing runs that we started, nothing is started by us, and no
// execution is left that was to start something. A gate answers as a deletion does.
func TestEveryOrder(t *testing.T) {
	create := state{channel: types.ChannelStateIdle, stack: cfntypes.StackStatusCreateInProgress, events: [5]string{"create"}}
	update := state{channel: types.ChannelStateRunning, stack: cfntypes.StackStatusUpdateInProgress, events: [5]string{"gate-1"}}
	settled := state{channel: types.ChannelStateIdle, stack: cfntypes.StackStatusCreateComplete}
	for _, c := range []struct {
		name   string
		first  state
		m      model
		states int // that there are: fewer would be explored less
	}{
		{"settled, a scheduled start", settled, model{deletion: true, schedule: function.ScheduledStart, operator: true}, 17904},
		{"settled, a scheduled start, call by call", settled, model{deletion: true, schedule: function.ScheduledStart, single: true}, 6323},
		{"create, call by call", create, model{deletion: true, single: true}, 24143},
		{"create, an operator", create, model{deletion: true, operator: true}, 83744},
		{"create, faults", create, model{deletion: true, faults: true}, 92791},
		{"update and delete", update, model{deletion: true}, 2318},
		{"update and rollback", update, model{rollback: true}, 17278},
		{"update, an operator", update, model{deletion: true, operator: true}, 16725},
		{"update, rollback and delete", update, model{rollback: true, deletion: true}, 25041},
		{"settled, a scheduled start, faults", settled, model{deletion: true, schedule: function.ScheduledStart, faults: true}, 21616},
		{"create, a scheduled start", create, model{deletion: true, schedule: function.ScheduledStart}, 352343},
		{"update, a scheduled start", update, model{deletion: true, schedule: function.ScheduledStart}, 72951},
		{"update, a scheduled stop", update, model{deletion: true, schedule: function.ScheduledStop}, 273634},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.m.t = t
			c.m.explore(c.first)
			if n := len(c.m.seen); n != c.states {
				t.Errorf("%d states, want %d", n, c.states)
			}
		})
	}
}
