package lifecycle

import (
	"context"
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
	"github.com/lilo-live/lilo/internal/aws/function"
)

// beginGate stops the channel for an update. When the gate is created, the channel
// does not exist yet; when it is deleted, the channel no longer exists.
func (l *Lifecycle) beginGate(ctx context.Context, j Job, now time.Time) (Job, error) {
	if j.Event.RequestType != cfn.RequestUpdate {
		return l.succeed(ctx, j)
	}
	if j.classChanges() {
		return l.refuseClass(ctx, j, now)
	}
	name := j.property(function.ParameterProperty)
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

// classChanges reports whether an update gives the channel another class.
func (j *Job) classChanges() bool {
	was, _ := j.Event.OldResourceProperties[function.ClassProperty].(string)
	is := j.property(function.ClassProperty)
	return was != "" && is != "" && was != is
}

// refuseClass refuses to change the class of a channel: CloudFormation would replace the
// channel, and MediaLive refuses the new one while the old one has the input. The
// channel stays as it is, when the update is rolled back too.
func (l *Lifecycle) refuseClass(ctx context.Context, j Job, now time.Time) (Job, error) {
	out, err := l.Stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &j.Event.StackID})
	switch {
	case err != nil:
		return l.retry(ctx, j, now, err, "stack "+j.Event.StackID+" cannot be described")
	case len(out.Stacks) > 0 && strings.Contains(string(out.Stacks[0].StackStatus), "ROLLBACK_"):
		return l.succeed(ctx, j)
	}
	return l.fail(ctx, j, fmt.Sprintf("the class of the channel cannot become %s while it exists: delete this stack first, or deploy another one", j.property(function.ClassProperty)))
}

// stop stops the channel, and remembers whether an update interrupts it. It ends
// when the channel is idle and no step of another job can start it.
func (l *Lifecycle) stop(ctx context.Context, j Job, now time.Time) (Job, error) {
	rest, err := l.endOthers(ctx, j)
	if err != nil {
		return l.retry(ctx, j, now, err, "executions of "+l.Machine+" cannot be ended")
	}
	state, err := deployment.ChannelState(ctx, l.Channels, j.Channel)
	if err != nil {
		return l.retry(ctx, j, now, err, "channel "+j.Channel+" cannot be described")
	}
	gate := j.Event.ResourceType == function.GateType
	j.Resume = gate && (j.Resume || rest.resume || !j.Seen && deployment.OnAir(state))
	j.Seen = true
	if listed := j.Since.Add(quiet); rest.until.Before(listed) {
		rest.until = listed // An execution that has just begun is not listed at once.
	}
	switch deployment.ToIdle(state) {
	case deployment.Done:
		if state != deployment.Deleted && (rest.ended || now.Before(rest.until)) {
			return l.wait(ctx, j, now, state)
		}
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

// settle waits until the update of the stack has succeeded or was rolled back, and then
// starts the channel again, or does what the schedule asks for.
func (l *Lifecycle) settle(ctx context.Context, j Job, now time.Time) (Job, error) {
	if j.Wait = pauseLong; now.Sub(j.Since) > longFor {
		j.Wait = pauseLongest
	}
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
		next := Starting
		if j.Event.RequestType == function.ScheduledStop {
			next = Stopping
		}
		j.enter(next, now)
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

// wanted reports whether the stack still wants its channel on air. It does not while
// it is being deleted or its creation is rolled back, nor, for a channel that an update
// created, while that update is rolled back.
func (l *Lifecycle) wanted(ctx context.Context, j Job) (bool, error) {
	out, err := l.Stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &j.Event.StackID})
	switch {
	case awserr.KindOf(err) == awserr.NotFound || err == nil && len(out.Stacks) == 0:
		return false, nil
	case err != nil:
		return false, err
	}
	switch status := string(out.Stacks[0].StackStatus); {
	case strings.HasPrefix(status, "DELETE_"), strings.HasPrefix(status, "ROLLBACK_"):
		return false, nil
	default:
		return j.Event.RequestType != cfn.RequestCreate || !strings.Contains(status, "ROLLBACK_"), nil
	}
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
