package aws

import (
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/lilo-live/lilo/internal/fault"
)

// Event is something that happened to a resource of a stack or of one nested in it.
type Event struct {
	At     time.Time `json:"at"`
	Path   string    `json:"resource"` // mediaservices/Channel; the stack's name for itself
	ID     string    `json:"id,omitempty"`
	Type   string    `json:"resource_type"`
	Status string    `json:"status"`
	Reason string    `json:"reason,omitempty"`
}

// Over reports whether the work on the resource is done, well or not.
func (e Event) Over() bool { return !strings.HasSuffix(e.Status, "_IN_PROGRESS") }

// Failed reports whether it is done and not well.
func (e Event) Failed() bool { return strings.HasSuffix(e.Status, "_FAILED") }

// Nested reports whether the resource is itself a stack.
func (e Event) Nested() bool { return e.Type == nestedType }

// Follower reads the events of a stack and of those nested in it, each once.
type Follower struct {
	account *Account
	stacks  []followed // the root first
	since   time.Time  // what happened up to then is old
	seen    map[string]bool
	held    []Event // for the next call
}

// followed is a stack whose events are read.
type followed struct {
	id     string // or the name, of the root
	prefix string // of its resources' paths
}

// Follow returns what reads the events of a stack from now on. The stack need not be there yet.
func (a *Account) Follow(ctx context.Context, stack string) (*Follower, error) {
	f := &Follower{account: a, stacks: []followed{{id: stack}}, seen: make(map[string]bool)}
	page, err := f.page(ctx, stack, nil)
	if err != nil {
		return nil, err
	}
	for _, e := range page.StackEvents {
		if at := sdk.ToTime(e.Timestamp); at.After(f.since) {
			f.since = at // By the clock of CloudFormation, which is not this machine's.
		}
	}
	return f, nil
}

// FollowAll returns what reads all events of a stack, what happened already included.
func (a *Account) FollowAll(stack string) *Follower {
	return &Follower{account: a, stacks: []followed{{id: stack}}, seen: make(map[string]bool)}
}

// Poll returns the events since the last call, the oldest first. What happens
// in a nested stack is told before what the stack that holds it says of its end.
func (f *Follower) Poll(ctx context.Context) ([]Event, error) {
	known := f.stacks[1:]
	fresh, err := f.readAll(ctx, known)
	fresh, f.held = append(f.held, fresh...), nil
	if err != nil {
		return sorted(fresh), err
	}
	outer, err := f.read(ctx, f.stacks[0])
	fresh = append(fresh, outer...)
	if err != nil || len(outer) == 0 {
		return sorted(fresh), err
	}
	again := f.stacks[1+len(known):] // Those that were found just now, and those that ended.
	for _, s := range known {
		if slices.ContainsFunc(outer, func(e Event) bool { return e.ID == s.id && e.Over() }) {
			again = append(slices.Clip(again), s)
		}
	}
	late, err := f.readAll(ctx, again)
	for _, e := range late {
		if e.At.After(outer[len(outer)-1].At) { // What the outer stack says of then is not read yet.
			f.held = append(f.held, e)
		} else {
			fresh = append(fresh, e)
		}
	}
	return sorted(fresh), err
}

func sorted(events []Event) []Event {
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events
}

func (f *Follower) readAll(ctx context.Context, stacks []followed) ([]Event, error) {
	var fresh []Event
	for _, s := range stacks {
		events, err := f.read(ctx, s)
		if err != nil {
			return fresh, err
		}
		fresh = append(fresh, events...)
	}
	return fresh, nil
}

// read returns the fresh events of one stack, the newest first as AWS tells them.
func (f *Follower) read(ctx context.Context, s followed) ([]Event, error) {
	var fresh []Event
	var token *string
	for {
		page, err := f.page(ctx, s.id, token)
		if err != nil {
			return nil, err
		}
		for _, e := range page.StackEvents {
			id := sdk.ToString(e.EventId)
			if f.seen[id] || !sdk.ToTime(e.Timestamp).After(f.since) {
				return f.keep(fresh), nil
			}
			f.seen[id] = true
			if s.prefix != "" && sdk.ToString(e.PhysicalResourceId) == s.id {
				continue // The stack that holds it tells the same of it.
			}
			fresh = append(fresh, f.event(e, s))
		}
		if token = page.NextToken; token == nil {
			return f.keep(fresh), nil
		}
	}
}

// keep puts the events of a page in the order in which they happened.
func (f *Follower) keep(events []Event) []Event {
	slices.Reverse(events)
	return events
}

func (f *Follower) event(e types.StackEvent, s followed) Event {
	id, physical := sdk.ToString(e.LogicalResourceId), sdk.ToString(e.PhysicalResourceId)
	out := Event{
		At: sdk.ToTime(e.Timestamp), Path: s.prefix + DisplayID(id), ID: physical, Type: sdk.ToString(e.ResourceType),
		Status: string(e.ResourceStatus), Reason: strings.Join(strings.Fields(sdk.ToString(e.ResourceStatusReason)), " "),
	}
	if physical == sdk.ToString(e.StackId) { // The stack itself.
		out.Path = sdk.ToString(e.StackName)
		return out
	}
	if out.Type == nestedType && strings.HasPrefix(physical, "arn:") && !f.follows(physical) {
		f.stacks = append(f.stacks, followed{id: physical, prefix: out.Path + "/"})
	}
	return out
}

func (f *Follower) follows(id string) bool {
	return slices.ContainsFunc(f.stacks, func(s followed) bool { return s.id == id })
}

func (f *Follower) page(ctx context.Context, stack string, token *string) (*cloudformation.DescribeStackEventsOutput, error) {
	out, err := f.account.Stacks.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &stack, NextToken: token})
	if err == nil {
		return out, nil
	}
	if troubleOf(err) == absent {
		return &cloudformation.DescribeStackEventsOutput{}, nil
	}
	return nil, f.account.fault("reading the events of stack "+nameOf(stack), err)
}

// Cause returns the event that is why a stack failed: the first failure of a
// resource that is no stack itself and was not called off because of another.
func Cause(events []Event) (Event, bool) {
	rank := func(e Event) int {
		switch {
		case !e.Failed():
			return 0
		case strings.Contains(strings.ToLower(e.Reason), "cancelled"):
			return 1
		case e.Nested():
			return 2
		}
		return 3
	}
	best, at := 0, -1
	for i, e := range events {
		if r := rank(e); r > best {
			best, at = r, i
		}
	}
	if at < 0 {
		return Event{}, false
	}
	return events[at], true
}

// StackError says as a fault why a stack failed, by the events that led to it.
func StackError(s Stack, events []Event) error {
	e, ok := Cause(events)
	if !ok {
		return fault.New(fault.Deploy, "stack %s is %s: %s", s.Name, s.Status, reasonOr(s.Reason))
	}
	return fault.New(fault.Deploy, "%s (%s) failed: %s; stack %s is %s", e.Path, e.Type, reasonOr(e.Reason), s.Name, s.Status)
}

func reasonOr(reason string) string {
	if reason == "" {
		return "CloudFormation gives no reason"
	}
	return strings.TrimSuffix(reason, ".")
}
