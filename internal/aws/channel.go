package aws

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/deployment"
	"github.com/lilo-live/lilo/internal/fault"
)

// States that Start and Stop bring a channel to.
const (
	Idle    = deployment.Idle
	Running = deployment.Running
)

const (
	// channelTimeout is how long a channel may take to start or stop. MediaLive
	// documents three minutes, and ten have been seen.
	channelTimeout = 30 * time.Minute
	// retryAfter is how long a start or stop has to show in the channel's state
	// before it is repeated: DescribeChannel may lag behind StartChannel.
	retryAfter = 4 * pollInterval
)

// Start brings a channel to RUNNING and calls onState with every state on the
// way. It waits grace for others to start it first.
func (a *Account) Start(ctx context.Context, id string, grace time.Duration, onState func(state string)) error {
	t := transition{account: a, id: id, goal: Running, next: deployment.ToRun, onState: onState}
	t.act = func(ctx context.Context) error {
		_, err := a.Channels.StartChannel(ctx, &medialive.StartChannelInput{ChannelId: &id})
		return err
	}
	return t.run(ctx, grace)
}

// Stop brings a channel to IDLE and calls onState with every state on the way.
func (a *Account) Stop(ctx context.Context, id string, onState func(state string)) error {
	t := transition{account: a, id: id, goal: Idle, next: deployment.ToIdle, onState: onState}
	t.act = func(ctx context.Context) error {
		_, err := a.Channels.StopChannel(ctx, &medialive.StopChannelInput{ChannelId: &id})
		return err
	}
	return t.run(ctx, 0)
}

// transition brings a channel to a state.
type transition struct {
	account  *Account
	id, goal string
	next     func(state string) deployment.Action
	act      func(context.Context) error
	onState  func(state string)

	state    string    // the last one seen
	actAt    time.Time // when to act next
	began    time.Time
	answered time.Time // when MediaLive last answered
}

// run polls and acts until the channel is in the state. It can be interrupted
// and repeated at any time. The first action is delayed by grace.
func (t *transition) run(ctx context.Context, grace time.Duration) error {
	clock := t.account.Clock
	t.began = clock.Now()
	t.actAt, t.answered = t.began.Add(grace), t.began
	for {
		done, err := t.step(ctx)
		if done {
			return err
		}
		if err := t.giveUp(ctx, err); err != nil {
			return err
		}
		if clock.Wait(ctx, pollInterval) != nil {
			return t.interrupted()
		}
	}
}

// step polls once and acts if it is time. done reports that err is final.
func (t *transition) step(ctx context.Context) (done bool, err error) {
	clock := t.account.Clock
	state, err := deployment.ChannelState(ctx, t.account.Channels, t.id)
	if err != nil {
		return false, err
	}
	t.answered = clock.Now()
	if state != t.state {
		t.onState(state)
	}
	t.state = state
	switch t.next(state) {
	case deployment.Done:
		return true, nil
	case deployment.Impossible:
		return true, fault.New(fault.Deploy, "channel %s is %s and will not be %s: look at its alerts with lilo status, or deploy again", t.id, state, t.goal)
	case deployment.Act:
		if clock.Now().Before(t.actAt) {
			return false, nil
		}
		if err := t.act(ctx); err != nil && awserr.KindOf(err) != awserr.Conflict {
			return false, err
		}
		t.actAt = clock.Now().Add(retryAfter)
	case deployment.Wait:
	}
	return false, nil
}

// giveUp returns why waiting longer is useless, nil if it is not. err is that of
// the last step.
func (t *transition) giveUp(ctx context.Context, err error) error {
	now := t.account.Clock.Now()
	switch {
	case ctx.Err() != nil:
		return t.interrupted()
	case err != nil && (!awserr.KindOf(err).Transient() || now.Sub(t.answered) > outageTimeout):
		return t.account.fault("bringing channel "+t.id+" to "+t.goal, err)
	case now.Sub(t.began) > channelTimeout:
		return fault.New(fault.Deploy, "channel %s has been %s for %s and is not %s: look at its alerts with lilo status, and its logs with lilo logs", t.id, t.state, channelTimeout, t.goal)
	}
	return nil
}

func (t *transition) interrupted() error {
	return fault.New(fault.Internal, "interrupted: channel %s is %s and continues by itself; repeat the command", t.id, t.state)
}
