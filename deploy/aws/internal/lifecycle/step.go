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
	"github.com/aws/aws-sdk-go-v2/service/medialive/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"github.com/lilo-live/lilo/deploy/aws/internal/trouble"
)

const (
	// Limit is how long a channel may take to start or stop. MediaLive's word is
	// three minutes, and ten have been seen.
	Limit = 25 * time.Minute
	// settleLimit is how long an update of the stack may take.
	settleLimit = 12 * time.Hour
	// spreading is how long a right may take to spread through IAM.
	spreading = 3 * time.Minute
	// maxStarts is how often a channel that falls back to IDLE is started again.
	maxStarts = 3
)

// Pauses between two steps, in seconds.
const (
	pauseShort = 5
	pauseLong  = 15
	shortFor   = 2 * time.Minute
)

// Step goes one step further. Its error is for the state machine: the step is
// to be repeated, or the work ends with a failure that nobody waits for.
func (l *Lifecycle) Step(ctx context.Context, w Work) (Work, error) {
	now := l.Now()
	w.Done, w.Wait = false, pauseShort
	if w.Failure != nil {
		return l.fail(ctx, w, "a step failed: "+strings.TrimSpace(w.Failure.Error+" "+w.Failure.Cause))
	}
	if !w.Since.IsZero() && now.Sub(w.Since) > shortFor {
		w.Wait = pauseLong
	}
	switch w.Phase {
	case Stopping:
		return l.stop(ctx, w, now)
	case Starting:
		return l.start(ctx, w, now)
	case Settling:
		return l.settle(ctx, w, now)
	default:
		return l.enter(ctx, w, now)
	}
}

// enter finds out what an event asks for.
func (l *Lifecycle) enter(ctx context.Context, w Work, now time.Time) (Work, error) {
	if w.Since.IsZero() {
		w.Since = now
	}
	switch w.Event.ResourceType {
	case OnAirType:
		return l.enterOnAir(ctx, w, now)
	case GateType:
		return l.enterGate(ctx, w, now)
	}
	return l.fail(ctx, w, fmt.Sprintf("%q is not a resource of LILO", w.Event.ResourceType))
}

func (l *Lifecycle) enterOnAir(ctx context.Context, w Work, now time.Time) (Work, error) {
	w.Channel = w.property(ChannelProperty)
	switch {
	case w.Channel == "":
		return l.fail(ctx, w, "the property "+ChannelProperty+" is missing")
	case w.Event.RequestType == cfn.RequestDelete:
		w.enter(Stopping, now)
		return l.stop(ctx, w, now)
	case w.property(AutoStartProperty) == "true":
		w.enter(Starting, now)
		return l.start(ctx, w, now)
	}
	return l.succeed(ctx, w)
}

// enterGate stops the channel for an update. When the gate is created there is
// no channel yet, and when it is deleted none any more.
func (l *Lifecycle) enterGate(ctx context.Context, w Work, now time.Time) (Work, error) {
	if w.Event.RequestType != cfn.RequestUpdate {
		return l.succeed(ctx, w)
	}
	name := w.property(ParameterProperty)
	out, err := l.Parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	switch trouble.Of(err) {
	case trouble.None:
		w.Channel = aws.ToString(out.Parameter.Value)
		w.enter(Stopping, now)
		return l.stop(ctx, w, now)
	case trouble.Absent:
		return l.succeed(ctx, w)
	default:
		return l.putOff(ctx, w, now, err, "parameter "+name+" cannot be read")
	}
}

func (l *Lifecycle) stop(ctx context.Context, w Work, now time.Time) (Work, error) {
	state, err := l.describe(ctx, w.Channel)
	if err != nil {
		return l.putOff(ctx, w, now, err, "channel "+w.Channel+" cannot be described")
	}
	if !w.Seen {
		w.Seen, w.Resume = true, w.Event.ResourceType == GateType && onAir(state)
	}
	switch towardsIdle(state) {
	case reached:
		return l.succeed(ctx, w)
	case act:
		l.Log.InfoContext(ctx, "stopping the channel", "channel", w.Channel, "state", state)
		_, err = l.Channels.StopChannel(ctx, &medialive.StopChannelInput{ChannelId: &w.Channel})
	default: // It will, or never was.
	}
	if err != nil {
		return l.putOff(ctx, w, now, err, "channel "+w.Channel+" cannot be stopped")
	}
	return l.goOn(ctx, w, now, state)
}

func (l *Lifecycle) start(ctx context.Context, w Work, now time.Time) (Work, error) {
	state, err := l.describe(ctx, w.Channel)
	if err != nil {
		return l.putOff(ctx, w, now, err, "channel "+w.Channel+" cannot be described")
	}
	switch towardsRunning(state) {
	case reached:
		return l.succeed(ctx, w)
	case never:
		return l.fail(ctx, w, fmt.Sprintf("channel %s cannot run: it is %s", w.Channel, state))
	case act:
		if w.Starts == maxStarts {
			return l.fail(ctx, w, fmt.Sprintf("channel %s was started %d times and is IDLE again: its alerts and its log say why", w.Channel, w.Starts))
		}
		l.Log.InfoContext(ctx, "starting the channel", "channel", w.Channel)
		if _, err = l.Channels.StartChannel(ctx, &medialive.StartChannelInput{ChannelId: &w.Channel}); err == nil {
			w.Starts++
		}
	default: // It is on its way.
	}
	if err != nil {
		return l.putOff(ctx, w, now, err, "channel "+w.Channel+" cannot be started")
	}
	return l.goOn(ctx, w, now, state)
}

// settle waits until the stack is at rest, whether the update succeeded or was
// rolled back, and has the channel go on air again.
func (l *Lifecycle) settle(ctx context.Context, w Work, now time.Time) (Work, error) {
	w.Wait = pauseLong
	out, err := l.Stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &w.Event.StackID})
	if err != nil && gone(err) {
		w.Done = true
		return w, nil
	}
	if err != nil {
		return l.putOff(ctx, w, now, err, "stack "+w.Event.StackID+" cannot be described")
	}
	switch atRest(out.Stacks) {
	case reached:
		w.enter(Starting, now)
		w.Wait = pauseShort
	case never:
		w.Done = true
	default:
		if now.Sub(w.Since) > settleLimit {
			return l.fail(ctx, w, fmt.Sprintf("stack %s is not at rest after %s: the channel %s stays off air", w.Event.StackID, settleLimit, w.Channel))
		}
	}
	return w, nil
}

// gone says whether CloudFormation knows no such stack, for which it has no code of its own.
func gone(err error) bool {
	e, ok := errors.AsType[smithy.APIError](err)
	return ok && e.ErrorCode() == "ValidationError" && strings.Contains(e.ErrorMessage(), "does not exist")
}

// atRest judges the states of a stack that is updated: one that is being deleted never comes to rest.
func atRest(stacks []cfntypes.Stack) verdict {
	if len(stacks) == 0 {
		return never
	}
	switch s := stacks[0].StackStatus; {
	case strings.HasPrefix(string(s), "DELETE_"):
		return never
	case strings.HasSuffix(string(s), "_CLEANUP_IN_PROGRESS"):
		return reached
	case strings.HasSuffix(string(s), "_IN_PROGRESS"):
		return wait
	}
	return reached
}

// describe returns the channel's state; one that is not there is DELETED.
func (l *Lifecycle) describe(ctx context.Context, id string) (types.ChannelState, error) {
	out, err := l.Channels.DescribeChannel(ctx, &medialive.DescribeChannelInput{ChannelId: &id})
	switch trouble.Of(err) {
	case trouble.None:
		return out.State, nil
	case trouble.Absent:
		return types.ChannelStateDeleted, nil
	default:
		return "", err
	}
}

// goOn lets the state machine wait, unless that took too long.
func (l *Lifecycle) goOn(ctx context.Context, w Work, now time.Time, state types.ChannelState) (Work, error) {
	if now.Sub(w.Since) > Limit {
		return l.fail(ctx, w, fmt.Sprintf("channel %s is still %s after %s of %s: its alerts and its log say why", w.Channel, state, Limit, w.Phase))
	}
	return w, nil
}

// putOff has the same tried again when the error may pass.
func (l *Lifecycle) putOff(ctx context.Context, w Work, now time.Time, err error, what string) (Work, error) {
	if now.Sub(w.Since) >= patience(trouble.Of(err), w.Phase) {
		return l.fail(ctx, w, fmt.Sprintf("%s: %v", what, err))
	}
	l.Log.WarnContext(ctx, what+", trying again", "error", err)
	return w, nil
}

// patience is how long an error may last in a phase.
func patience(k trouble.Kind, p Phase) time.Duration {
	switch {
	case k == trouble.Later && p == Settling:
		return settleLimit
	case k == trouble.Later:
		return Limit
	case k == trouble.Denied:
		return spreading
	}
	return 0
}

// succeed tells CloudFormation, if it does not know yet, and ends the work or
// what belongs to its phase.
func (l *Lifecycle) succeed(ctx context.Context, w Work) (Work, error) {
	if !w.Answered {
		if err := l.Replies.Success(ctx, w.Event, w.physical(), nil); err != nil {
			return w, err
		}
	}
	return l.answered(w), nil
}

// fail tells CloudFormation. When nobody waits for an answer, the state machine
// fails instead, of which there is an alarm.
func (l *Lifecycle) fail(ctx context.Context, w Work, reason string) (Work, error) {
	if w.Answered {
		return w, errors.New(reason)
	}
	l.Log.ErrorContext(ctx, "giving up", "reason", reason)
	w.Failure = nil
	if err := l.Replies.Failure(ctx, w.Event, w.physical(), reason); err != nil {
		return w, err
	}
	return l.answered(w), nil
}

// answered ends a work, but for a gate that took a channel off air.
func (l *Lifecycle) answered(w Work) Work {
	resume := w.Resume && w.Phase == Stopping
	w.Answered, w.Done = true, !resume
	if resume {
		w.enter(Settling, l.Now())
	}
	return w
}
