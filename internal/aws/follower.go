package aws

import (
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/lilo-live/lilo/internal/aws/awserr"
)

// Follower reads the events of a stack and of those nested in it, each once.
type Follower struct {
	account *Account
	stacks  []followedStack // the root first
	since   time.Time       // earlier events are skipped
	seen    map[string]bool // by event id
	held    []Event         // for the next Poll
}

// followedStack is a stack whose events are read.
type followedStack struct {
	id     string // or the name, of the root
	prefix string // of the paths of its resources
}

// Follow returns a Follower of the events from now on. The stack need not exist yet.
func (a *Account) Follow(ctx context.Context, stack string) (*Follower, error) {
	f := &Follower{account: a, stacks: []followedStack{{id: stack}}, seen: make(map[string]bool)}
	page, err := f.page(ctx, stack, nil)
	if err != nil {
		return nil, err
	}
	for _, e := range page.StackEvents {
		if at := sdk.ToTime(e.Timestamp); at.After(f.since) {
			f.since = at // By CloudFormation's clock, which is not this machine's.
		}
	}
	return f, nil
}

// Poll returns the events since the last call, the oldest first. Events of a
// nested stack come before the event that ends it in the stack that holds it.
func (f *Follower) Poll(ctx context.Context) ([]Event, error) {
	known := f.stacks[1:]
	events, err := f.readAll(ctx, known)
	events, f.held = append(f.held, events...), nil
	if err != nil {
		return sorted(events), err
	}
	root, err := f.read(ctx, f.stacks[0])
	events = append(events, root...)
	if err != nil || len(root) == 0 {
		return sorted(events), err
	}
	again := f.stacks[1+len(known):] // Those found just now, and those that ended.
	for _, s := range known {
		if slices.ContainsFunc(root, func(e Event) bool { return e.ID == s.id && e.Over() }) {
			again = append(slices.Clip(again), s)
		}
	}
	late, err := f.readAll(ctx, again)
	for _, e := range late {
		if e.At.After(root[len(root)-1].At) { // The root's events up to then are not read yet.
			f.held = append(f.held, e)
		} else {
			events = append(events, e)
		}
	}
	return sorted(events), err
}

func sorted(events []Event) []Event {
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events
}

func (f *Follower) readAll(ctx context.Context, stacks []followedStack) ([]Event, error) {
	var all []Event
	for _, s := range stacks {
		events, err := f.read(ctx, s)
		if err != nil {
			return all, err
		}
		all = append(all, events...)
	}
	return all, nil
}

// read returns the new events of one stack, the oldest first. AWS lists the
// newest first.
func (f *Follower) read(ctx context.Context, s followedStack) (events []Event, err error) {
	defer func() { slices.Reverse(events) }()
	for token := (*string)(nil); ; {
		page, err := f.page(ctx, s.id, token)
		if err != nil {
			return nil, err
		}
		for _, e := range page.StackEvents {
			id := sdk.ToString(e.EventId)
			if f.seen[id] || !sdk.ToTime(e.Timestamp).After(f.since) {
				return events, nil
			}
			f.seen[id] = true
			if s.prefix != "" && sdk.ToString(e.PhysicalResourceId) == s.id {
				continue // The stack that holds this one has the same event.
			}
			events = append(events, f.event(e, s))
		}
		if token = page.NextToken; token == nil {
			return events, nil
		}
	}
}

// event converts an event, and follows the nested stack that it is about.
func (f *Follower) event(e types.StackEvent, s followedStack) Event {
	physical := sdk.ToString(e.PhysicalResourceId)
	out := Event{
		At: sdk.ToTime(e.Timestamp), Path: s.prefix + DisplayID(sdk.ToString(e.LogicalResourceId)), ID: physical, Type: sdk.ToString(e.ResourceType),
		Status: string(e.ResourceStatus), Reason: strings.Join(strings.Fields(sdk.ToString(e.ResourceStatusReason)), " "),
	}
	if physical == sdk.ToString(e.StackId) { // The stack itself.
		out.Path = sdk.ToString(e.StackName)
		return out
	}
	follows := slices.ContainsFunc(f.stacks, func(s followedStack) bool { return s.id == physical })
	if out.Type == nestedType && strings.HasPrefix(physical, "arn:") && !follows {
		f.stacks = append(f.stacks, followedStack{id: physical, prefix: out.Path + "/"})
	}
	return out
}

// page returns a page of events, empty if the stack does not exist.
func (f *Follower) page(ctx context.Context, stack string, token *string) (*cloudformation.DescribeStackEventsOutput, error) {
	out, err := f.account.Stacks.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &stack, NextToken: token})
	switch {
	case err == nil:
		return out, nil
	case awserr.KindOf(err) == awserr.NotFound:
		return &cloudformation.DescribeStackEventsOutput{}, nil
	}
	return nil, f.account.fault("reading the events of stack "+nameOf(stack), err)
}
