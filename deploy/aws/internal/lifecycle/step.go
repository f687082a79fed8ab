package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/deployment"
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

// Pauses between two steps, in seconds.
const (
	pauseShort = 5
	pauseLong  = 15
	shortFor   = 2 * time.Minute
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
	case OnAirType:
		return l.beginOnAir(ctx, j, now)
	case GateType:
		return l.beginGate(ctx, j, now)
	}
	return l.fail(ctx, j, fmt.Sprintf("%q is not a resource of LILO", j.Event.ResourceType))
}

// beginOnAir starts or stops the channel as the event of the on-air resource asks.
func (l *Lifecycle) beginOnAir(ctx context.Context, j Job, now time.Time) (Job, error) {
	j.Channel = j.property(ChannelProperty)
	switch {
	case j.Channel == "":
		return l.fail(ctx, j, "the property "+ChannelProperty+" is missing")
	case j.Event.RequestType == cfn.RequestDelete:
		j.enter(Stopping, now)
		return l.stop(ctx, j, now)
	case j.property(AutoStartProperty) == "true":
		j.enter(Starting, now)
		return l.start(ctx, j, now)
	}
	return l.succeed(ctx, j)
}

// beginGate stops the channel for an update. When the gate is created the
// channel does not exist yet, and when it is deleted no more.
func (l *Lifecycle) beginGate(ctx context.Context, j Job, now time.Time) (Job, error) {
	if j.Event.RequestType != cfn.RequestUpdate {
		return l.succeed(ctx, j)
	}
	name := j.property(ParameterProperty)
	out, err := l.Parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	switch awserr.KindOf(err) {
	case awserr.None:
		j.Channel = aws.ToString(out.Parameter.Value)
		j.enter(Stopping, now)
		return l.stop(ctx, j, now)
	case awserr.NotFound:
		return l.succeed(ctx, j)
	default:
		return l.retry(ctx, j, now, err, "parameter "+name+" cannot be read")
	}
}

func (l *Lifecycle) stop(ctx context.Context, j Job, now time.Time) (Job, error) {
	state, err := deployment.ChannelState(ctx, l.Channels, j.Channel)
	if err != nil {
		return l.retry(ctx, j, now, err, "channel "+j.Channel+" cannot be described")
	}
	if !j.Seen {
		j.Seen, j.Resume = true, j.Event.ResourceType == GateType && deployment.OnAir(state)
	}
	switch deployment.ToIdle(state) {
	case deployment.Done:
		return l.succeed(ctx, j)
	case deployment.Act:
		l.Log.InfoContext(ctx, "stopping the channel", "channel", j.Channel, "state", state)
		if _, err := l.Channels.StopChannel(ctx, &medialive.StopChannelInput{ChannelId: &j.Channel}); err != nil {
			return l.retry(ctx, j, now, err, "channel "+j.Channel+" cannot be stopped")
		}
	default:
	}
	return l.wait(ctx, j, now, state)
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
		if j.Starts == maxStarts {
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

// settle waits until the update of the stack has succeeded or was rolled back,
// and then starts the channel again.
func (l *Lifecycle) settle(ctx context.Context, j Job, now time.Time) (Job, error) {
	j.Wait = pauseLong
	out, err := l.Stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &j.Event.StackID})
	switch awserr.KindOf(err) {
	case awserr.None:
	case awserr.NotFound:
		j.Done = true
		return j, nil
	default:
		return l.retry(ctx, j, now, err, "stack "+j.Event.StackID+" cannot be described")
	}
	switch settled(out.Stacks) {
	case deployment.Done:
		j.enter(Starting, now)
		j.Wait = pauseShort
	case deployment.Impossible:
		j.Done = true
	default:
		if now.Sub(j.Since) > settleTimeout {
			return l.fail(ctx, j, fmt.Sprintf("the update of stack %s has not ended after %s: channel %s stays stopped", j.Event.StackID, settleTimeout, j.Channel))
		}
	}
	return j, nil
}

// settled reports whether the update of a stack has ended. A stack that is being
// deleted never settles.
func settled(stacks []cfntypes.Stack) deployment.Action {
	if len(stacks) == 0 {
		return deployment.Impossible
	}
	switch s := string(stacks[0].StackStatus); {
	case strings.HasPrefix(s, "DELETE_"):
		return deployment.Impossible
	case strings.HasSuffix(s, "_IN_PROGRESS") && !strings.HasSuffix(s, "_CLEANUP_IN_PROGRESS"):
		return deployment.Wait
	}
	return deployment.Done
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
