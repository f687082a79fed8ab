package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
)

func newStartCommand(p *Program) *cobra.Command {
	return newStateCommand(p, &cobra.Command{
		Use:   "start [flags]",
		Short: "start the channel on AWS and wait until it runs",
		Long: `Starts a deployed channel and waits until it is RUNNING, which takes up to three
minutes, sometimes ten. A running channel stays as it is. Ctrl-C ends the
waiting; the channel continues to start.`,
		Example: `  lilo start
  lilo start --stack Demo --region us-east-1`,
	}, aws.Running)
}

func newStopCommand(p *Program) *cobra.Command {
	return newStateCommand(p, &cobra.Command{
		Use:   "stop [flags]",
		Short: "stop the channel on AWS and wait until it is idle",
		Long: `Stops a deployed channel and waits until it is IDLE. A stopped channel costs
almost nothing; lilo destroy removes it. Ctrl-C ends the waiting; the channel
continues to stop.`,
		Example: `  lilo stop
  lilo stop --config lilo.yaml`,
	}, aws.Idle)
}

// newStateCommand completes a command that brings the channel to a state.
func newStateCommand(p *Program, cmd *cobra.Command, state string) *cobra.Command {
	cmd = operation(p, cmd, func(d *deployment, ctx context.Context) error { return d.operate(ctx, state) })
	cmd.Flags().Bool("json", false, "print every state as a line of JSON")
	return cmd
}

// operate brings the channel to a state and shows the states on the way.
func (d *deployment) operate(ctx context.Context, goal string) error {
	stack, err := d.account.Stack(ctx, d.stackName())
	if err != nil {
		return err
	}
	if stack.Phase() == aws.Absent {
		return d.notDeployed()
	}
	resources, err := d.account.Resources(ctx, stack.ID)
	if err != nil {
		return err
	}
	channels := aws.OfType(resources, aws.ChannelType)
	if len(channels) == 0 {
		return noChannel(stack)
	}
	id := channels[0].ID
	err = d.showStates(id, func(onState func(string)) error {
		if goal == aws.Running {
			return d.account.Start(ctx, id, 0, onState)
		}
		return d.account.Stop(ctx, id, onState)
	})
	if err != nil || d.json {
		return err
	}
	_, err = fmt.Fprintf(d.out, "channel %s is %s\n", id, d.out.paint(green, goal))
	return err
}

// showStates shows the states of a channel during run: on one line of a terminal
// with the time so far, and elsewhere on one line each.
func (d *deployment) showStates(id string, run func(onState func(string)) error) error {
	line := newProgressLine(d.out, d.now, 0)
	defer line.close()
	return run(func(state string) {
		text := fmt.Sprintf("channel %s is %s", id, state)
		if d.out.live() && !d.json {
			line.time(text)
			return
		}
		d.show(map[string]any{"type": "state", "channel": id, "state": state, "at": d.now().UTC()}, text+"\n")
	})
}
