package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/fault"
)

func (p *Program) startCommand() *cobra.Command {
	return p.stateCommand(&cobra.Command{
		Use:   "start [flags]",
		Short: "start the channel on AWS and wait until it runs",
		Long: `Starts a deployed channel and waits until it is RUNNING, which takes up to three
minutes, sometimes ten. A running channel stays as it is. Ctrl-C ends the
waiting; the channel continues to start.`,
		Example: `  lilo start
  lilo start --stack Demo --region us-east-1`,
	}, aws.Running)
}

func (p *Program) stopCommand() *cobra.Command {
	return p.stateCommand(&cobra.Command{
		Use:   "stop [flags]",
		Short: "stop the channel on AWS and wait until it is idle",
		Long: `Stops a deployed channel and waits until it is IDLE. A stopped channel costs
almost nothing; lilo destroy removes it. Ctrl-C ends the waiting; the channel
continues to stop.`,
		Example: `  lilo stop
  lilo stop --config lilo.yaml`,
	}, aws.Idle)
}

// stateCommand completes a command that brings the channel to a state.
func (p *Program) stateCommand(cmd *cobra.Command, state string) *cobra.Command {
	cmd = p.operation(cmd, func(ctx context.Context, d deployment) error { return p.operate(ctx, d, state) })
	jsonFlag(cmd, "print every state as a line of JSON")
	return cmd
}

// operate brings the channel of a deployment to a state and shows the states on the way.
func (p *Program) operate(ctx context.Context, d deployment, goal string) error {
	stack, err := d.account.Stack(ctx, d.stack())
	if err != nil {
		return err
	}
	if stack.Phase() == aws.Absent {
		return notDeployed(d)
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
	err = p.showStates(d, id, func(onState func(string)) error {
		if goal == aws.Running {
			return d.account.Start(ctx, id, 0, onState)
		}
		return d.account.Stop(ctx, id, onState)
	})
	if err != nil || d.json {
		return err
	}
	_, err = fmt.Fprintf(p.out, "channel %s is %s\n", id, p.out.paint(green, goal))
	return err
}

func notDeployed(d deployment) error {
	return fault.New(fault.Usage, "there is no stack %s in %s: create it with lilo deploy, or name another with --stack, --customer, --project and --region", d.stack(), d.spec.AWS.Region)
}

func noChannel(s aws.Stack) error {
	return fault.New(fault.Deploy, "stack %s is %s and has no channel: see lilo status", s.Name, s.Status)
}

// showStates shows the states of a channel during run: on one line of a terminal
// with the time so far, and one line each elsewhere.
func (p *Program) showStates(d deployment, id string, run func(onState func(string)) error) error {
	line := p.timedLine()
	defer line.close()
	return run(func(state string) {
		text := fmt.Sprintf("channel %s is %s", id, state)
		switch {
		case d.json:
			p.jsonLine(map[string]any{"type": "state", "channel": id, "state": state, "at": p.now().UTC()})
		case p.out.live():
			line.set(text)
		default:
			fmt.Fprintln(p.out, text)
		}
	})
}
