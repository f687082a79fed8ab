package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/deployment"
	"github.com/lilo-live/lilo/internal/aws/function"
)

const (
	// Timeout is how long a channel may take to start or stop. MediaLive documents
	// three minutes, and ten have been seen.
	Timeout = 25 * time.Minute
	// settleTimeout is how long an update of the stack may take.
	settleTimeout = 12 * time.Hour
	// propagation is how long a permission may take to propagate through IAM.
	propagation = 3 * time.Minute
	// maxStarts is how often a channel that falls back to IDLE is started.
	maxStarts = 3
)

// Pauses between two steps, in seconds. An execution may have 25,000 events, of which a
// step takes nine and each time that it is repeated three (Step Functions quotas).
const (
	pauseShort   = 5
	pauseLong    = 15
	pauseLongest = 60 // of Settling
	shortFor     = 2 * time.Minute
	longFor      = 30 * time.Minute
)

// Step takes the job one step further. An error is for the state machine: it
// repeats the step, or fails when CloudFormation no longer waits for an answer.
func (l *Lifecycle) Step(ctx context.Context, j Job) (Job, error) {
	now := l.Now()
	j.Done, j.Wait = false, pauseShort
	if j.Failure != nil {
		return l.fail(ctx, j, "a step failed: "+strings.TrimSpace(j.Failure.Error+" "+j.Failure.Cause))
	}
	if !j.Since.IsZero() && now.Sub(j.Since) > shortFor {
		j.Wait = pauseLong
	}
	switch j.Phase {
	case Stopping:
		return l.stop(ctx, j, now)
	case Starting:
		return l.start(ctx, j, now)
	case Settling:
		return l.settle(ctx, j, now)
	case Beginning:
	}
	if j.Since.IsZero() {
		j.Since = now
	}
	switch j.Event.ResourceType {
	case function.OnAirType:
		return l.beginOnAir(ctx, j, now)
	case function.GateType:
		return l.beginGate(ctx, j, now)
	case function.ScheduleType:
		return l.beginSchedule(ctx, j, now)
	}
	return l.fail(ctx, j, fmt.Sprintf("%q is not a resource of LILO", j.Event.ResourceType))
}

func (l *Lifecycle) start(ctx context.Context, j Job, now time.Time) (Job, error) {
	state, err := deployment.ChannelState(ctx, l.Channels, j.Channel)
	if err != nil {
		return l.retry(ctx, j, now, err, "channel "+j.Channel+" cannot be described")
	}
	switch deployment.ToRun(state) {
	case deployment.Done:
		return l.succeed(ctx, j)
	case deployment.Impossible:
		return l.fail(ctx, j, fmt.Sprintf("channel %s cannot run: it is %s", j.Channel, state))
	case deployment.Act:
		wanted, err := l.wanted(ctx, j)
		switch {
		case err != nil:
			return l.retry(ctx, j, now, err, "stack "+j.Event.StackID+" cannot be described")
		case !wanted && j.Answered:
			j.Done = true
			return j, nil
		case !wanted:
			return l.fail(ctx, j, "the stack is being deleted or rolled back: the channel is not started")
		case j.Starts == maxStarts:
			return l.fail(ctx, j, fmt.Sprintf("channel %s was started %d times and is IDLE again: look at its alerts and its log", j.Channel, j.Starts))
		}
		l.Log.InfoContext(ctx, "starting the channel", "channel", j.Channel)
		if _, err := l.Channels.StartChannel(ctx, &medialive.StartChannelInput{ChannelId: &j.Channel}); err != nil {
			return l.retry(ctx, j, now, err, "channel "+j.Channel+" cannot be started")
		}
		j.Starts++
	default:
	}
	return l.wait(ctx, j, now, state)
}

// wait lets the state machine wait, unless the phase has taken too long.
func (l *Lifecycle) wait(ctx context.Context, j Job, now time.Time, state string) (Job, error) {
	if now.Sub(j.Since) > Timeout {
		return l.fail(ctx, j, fmt.Sprintf("channel %s is still %s after %s of %s: look at its alerts and its log", j.Channel, state, Timeout, j.Phase))
	}
	return j, nil
}

// retry has the step repeated if the error may pass.
func (l *Lifecycle) retry(ctx context.Context, j Job, now time.Time, err error, what string) (Job, error) {
	if now.Sub(j.Since) >= retryFor(awserr.KindOf(err), j.Phase) {
		return l.fail(ctx, j, fmt.Sprintf("%s: %v", what, err))
	}
	l.Log.WarnContext(ctx, what+", trying again", "error", err)
	return j, nil
}

// retryFor returns how long a kind of error is retried in a phase. Unlike a
// person's, a function's credentials are renewed when they expire.
func retryFor(k awserr.Kind, p Phase) time.Duration {
	switch k {
	case awserr.Throttled, awserr.Unreachable, awserr.Unknown, awserr.Conflict, awserr.Expired, awserr.NoCredentials:
		if p == Settling {
			return settleTimeout
		}
		return Timeout
	case awserr.Denied, awserr.InvalidCredentials:
		return propagation
	default:
		return 0
	}
}

// succeed answers CloudFormation, unless it has its answer, and ends the phase.
func (l *Lifecycle) succeed(ctx context.Context, j Job) (Job, error) {
	if !j.Answered {
		if err := l.Replies.Success(ctx, j.Event, j.physicalID(), nil); err != nil {
			return j, err
		}
	}
	return l.answered(j), nil
}

// fail answers CloudFormation. If it has its answer, the state machine fails
// instead, which raises an alarm.
func (l *Lifecycle) fail(ctx context.Context, j Job, reason string) (Job, error) {
	if j.Answered {
		return j, errors.New(reason)
	}
	l.Log.ErrorContext(ctx, "giving up", "reason", reason)
	j.Failure = nil
	if err := l.Replies.Failure(ctx, j.Event, j.physicalID(), reason); err != nil {
		return j, err
	}
	return l.answered(j), nil
}

// answered ends a job, except that of a gate that stopped a running channel.
func (l *Lifecycle) answered(j Job) Job {
	resume := j.Resume && j.Phase == Stopping
	j.Answered, j.Done = true, !resume
	if resume {
		j.enter(Settling, l.Now())
	}
	return j
}
