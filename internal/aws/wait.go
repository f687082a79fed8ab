package aws

import (
	"context"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

const (
	// pollInterval is how often a stack or a channel is described.
	pollInterval = 5 * time.Second
	// outageTimeout is how long AWS may not answer before waiting ends.
	outageTimeout = 5 * time.Minute
	// stackTimeout is how long a stack may take: its functions take up to an hour.
	stackTimeout = 90 * time.Minute
)

// WaitForStack waits until CloudFormation has finished with a stack, calls
// onEvent with its events, and returns the stack. It survives outages of up to
// five minutes.
func (a *Account) WaitForStack(ctx context.Context, stack string, f *Follower, onEvent func(Event)) (Stack, error) {
	end := a.Clock.Now().Add(stackTimeout)
	outageEnd := a.Clock.Now().Add(outageTimeout)
	for {
		s, err := a.Stack(ctx, stack)
		var events []Event
		if err == nil {
			events, err = f.Poll(ctx)
		}
		for _, e := range events {
			onEvent(e)
		}
		now := a.Clock.Now()
		switch {
		case err == nil && s.Phase() != InProgress && s.Phase() != Deleting:
			return s, nil
		case err == nil && now.After(end):
			return s, fault.New(fault.Deploy, "stack %s has been %s for %s: look at it in the AWS console", s.Name, s.Status, stackTimeout)
		case err == nil:
			outageEnd = now.Add(outageTimeout)
		case ctx.Err() != nil, !Transient(err), now.After(outageEnd):
			return s, err
		}
		if err := a.Clock.Wait(ctx, pollInterval); err != nil {
			return s, fault.New(fault.Internal, "interrupted while waiting for stack %s: %w", nameOf(stack), err)
		}
	}
}
