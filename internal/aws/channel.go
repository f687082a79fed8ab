package aws

import (
	"context"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/medialive"

	"github.com/lilo-live/lilo/internal/fault"
)

// States of a channel. MediaLive's waiters know the rest.
const (
	Idle    = "IDLE"
	Running = "RUNNING"
	Deleted = "DELETED"
)

// patience is how long a channel may take to a state: MediaLive says three
// minutes, and ten were seen.
const patience = 30 * time.Minute

// move is what brings a channel nearer to a state.
type move int

const (
	arrived move = iota // it is there
	pending             // it goes there by itself
	act                 // it is to be started, or stopped
	lost                // it cannot get there
)

// toRunning is the move of a channel that is to run. Starting one needs IDLE.
func toRunning(state string) move {
	switch state {
	case Running:
		return arrived
	case Idle:
		return act
	case "DELETING", Deleted, "CREATE_FAILED", "UPDATE_FAILED":
		return lost
	}
	return pending
}

// toIdle is the move of a channel that is to stop. One that is gone has stopped.
func toIdle(state string) move {
	switch state {
	case Idle, Deleted, "CREATE_FAILED", "UPDATE_FAILED":
		return arrived
	case Running, "STARTING", "RECOVERING":
		return act
	}
	return pending
}

// Start brings a channel to RUNNING, telling every state it passes, and waits
// grace for it to be started by others first.
func (a *Account) Start(ctx context.Context, id string, grace time.Duration, tell func(state string)) error {
	return a.drive(ctx, drive{
		id: id, goal: Running, step: toRunning, tell: tell, grace: grace,
		act: func(ctx context.Context) error {
			_, err := a.Channels.StartChannel(ctx, &medialive.StartChannelInput{ChannelId: &id})
			return err
		},
	})
}

// Stop brings a channel to IDLE, telling every state it passes.
func (a *Account) Stop(ctx context.Context, id string, tell func(state string)) error {
	return a.drive(ctx, drive{
		id: id, goal: Idle, step: toIdle, tell: tell,
		act: func(ctx context.Context) error {
			_, err := a.Channels.StopChannel(ctx, &medialive.StopChannelInput{ChannelId: &id})
			return err
		},
	})
}

// drive is a channel's way to a state.
type drive struct {
	id, goal string
	step     func(state string) move
	act      func(context.Context) error
	tell     func(state string)
	grace    time.Duration // how long others may act first
}

// again is how long an act has to show before it is done again: what
// DescribeChannel tells may be older than what StartChannel answered.
const again = 4 * poll

// drive looks, acts and waits until the channel is where it is to be. It can
// be interrupted at any time and be begun again.
func (a *Account) drive(ctx context.Context, d drive) error {
	began := a.Clock.Now()
	acts, answered := began.Add(d.grace), began
	state := ""
	for {
		now, err := a.state(ctx, d.id)
		if err == nil {
			answered = a.Clock.Now()
			if now != state {
				d.tell(now)
			}
			state = now
			switch d.step(state) {
			case arrived:
				return nil
			case lost:
				return fault.New(fault.Deploy, "channel %s is %s and will not be %s: look at its alerts with lilo status, or deploy again", d.id, state, d.goal)
			case act:
				if a.Clock.Now().Before(acts) {
					break
				}
				if err = d.act(ctx); err == nil || troubleOf(err) == conflict {
					err, acts = nil, a.Clock.Now().Add(again)
				}
			case pending:
			}
		}
		if err := a.endures(ctx, d, err, state, began, answered); err != nil {
			return err
		}
		if err := a.Clock.Wait(ctx, poll); err != nil {
			return fault.New(fault.Internal, "interrupted: channel %s is %s and goes on by itself; repeat the command", d.id, state)
		}
	}
}

// endures returns why it is of no use to wait longer, nil where it is.
func (a *Account) endures(ctx context.Context, d drive, err error, state string, began, answered time.Time) error {
	now := a.Clock.Now()
	switch {
	case ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: channel %s is %s and goes on by itself; repeat the command", d.id, state)
	case err != nil && (!passing(err) || now.Sub(answered) > outage):
		return a.fault("bringing channel "+d.id+" to "+d.goal, err)
	case now.Sub(began) > patience:
		return fault.New(fault.Deploy, "channel %s is %s for %s and not %s: look at its alerts with lilo status, and its logs with lilo logs", d.id, state, patience, d.goal)
	}
	return nil
}

// state is a channel's state, DELETED for one that is not known any more.
func (a *Account) state(ctx context.Context, id string) (string, error) {
	out, err := a.Channels.DescribeChannel(ctx, &medialive.DescribeChannelInput{ChannelId: &id})
	switch {
	case err != nil && troubleOf(err) == absent:
		return Deleted, nil
	case err != nil:
		return "", err
	}
	return string(out.State), nil
}

// inputState is an input's state, DELETED for one that is not known any more.
func (a *Account) inputState(ctx context.Context, id string) (string, error) {
	out, err := a.Channels.DescribeInput(ctx, &medialive.DescribeInputInput{InputId: sdk.String(id)})
	switch {
	case err != nil && troubleOf(err) == absent:
		return Deleted, nil
	case err != nil:
		return "", err
	}
	return string(out.State), nil
}
