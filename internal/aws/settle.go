package aws

import (
	"context"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// poll is how often a stack or a channel is asked after.
	poll = 5 * time.Second
	// outage is how long AWS may not answer before waiting for it is given up.
	outage = 5 * time.Minute
	// longest is how long a stack may take: an hour, which is what its functions may take at most, and some.
	longest = 90 * time.Minute
)

// WaitForStack waits until CloudFormation has done with a stack, telling what
// happens, and returns how the stack is then. It goes on when AWS does not
// answer for a while.
func (a *Account) WaitForStack(ctx context.Context, stack string, f *Follower, tell func(Event)) (Stack, error) {
	ends := a.Clock.Now().Add(longest)
	for {
		s, err := a.once(ctx, stack, f, tell)
		if err != nil {
			return s, err
		}
		if p := s.Phase(); p != InProgress && p != Deleting {
			return s, nil
		}
		if a.Clock.Now().After(ends) {
			return s, fault.New(fault.Deploy, "stack %s is %s for %s: look at it in the AWS console", s.Name, s.Status, longest)
		}
		if err := a.Clock.Wait(ctx, poll); err != nil {
			return s, fault.New(fault.Internal, "interrupted while waiting for stack %s: %w", s.Name, err)
		}
	}
}

// once describes a stack and then tells its fresh events, again and again while AWS does not answer.
func (a *Account) once(ctx context.Context, stack string, f *Follower, tell func(Event)) (Stack, error) {
	gives := a.Clock.Now().Add(outage)
	for {
		s, err := a.Stack(ctx, stack)
		var events []Event
		if err == nil {
			events, err = f.Poll(ctx)
		}
		for _, e := range events {
			tell(e)
		}
		if err == nil || ctx.Err() != nil || !Transient(err) || a.Clock.Now().After(gives) {
			return s, err
		}
		if err := a.Clock.Wait(ctx, poll); err != nil {
			return s, fault.New(fault.Internal, "interrupted while waiting for stack %s: %w", nameOf(stack), err)
		}
	}
}
