package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/fault"
)

func (p *Program) startCommand() *cobra.Command {
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "start [flags]",
		Short: "start the channel on AWS, and wait until it runs",
		Long: `Starts a deployed channel and waits until it is RUNNING, which takes up to three
minutes, sometimes ten. One that runs already is left alone. Ctrl-C ends the
waiting; the channel goes on starting.`,
		Example: `  lilo start
  lilo start --stack Demo --region us-east-1`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.operate(cmd, args, aws.Running, func(ctx context.Context, a *aws.Account, id string, tell func(string)) error {
				return a.Start(ctx, id, 0, tell)
			})
		},
	}
	naming(cmd)
	jsonFlag(cmd, "print every state as a line of JSON")
	return cmd
}

func (p *Program) stopCommand() *cobra.Command {
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "stop [flags]",
		Short: "stop the channel on AWS, and wait until it is idle",
		Long: `Stops a deployed channel and waits until it is IDLE. A stopped channel costs
next to nothing; lilo destroy takes it away. Ctrl-C ends the waiting; the
channel goes on stopping.`,
		Example: `  lilo stop
  lilo stop --config lilo.yaml`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.operate(cmd, args, aws.Idle, func(ctx context.Context, a *aws.Account, id string, tell func(string)) error {
				return a.Stop(ctx, id, tell)
			})
		},
	}
	naming(cmd)
	jsonFlag(cmd, "print every state as a line of JSON")
	return cmd
}

// operate brings the channel of a deployment to a state, showing those it passes.
func (p *Program) operate(cmd *cobra.Command, args []string, goal string, drive func(context.Context, *aws.Account, string, func(string)) error) error {
	d, err := p.deployment(cmd, args)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	a, err := p.connect(ctx, d)
	if err != nil {
		return err
	}
	id, err := p.channelOf(ctx, a, d)
	if err != nil {
		return err
	}
	show := p.states(d, id)
	err = drive(ctx, a, id, show.tell)
	show.close()
	if err == nil && !d.json {
		fmt.Fprintf(p.out, "channel %s is %s\n", id, p.out.paint(green, goal))
	}
	return err
}

// channelOf finds the channel of a deployment.
func (p *Program) channelOf(ctx context.Context, a *aws.Account, d deployment) (string, error) {
	stack, err := a.Stack(ctx, d.stack())
	if err != nil {
		return "", err
	}
	if stack.Phase() == aws.Absent {
		return "", notDeployed(d)
	}
	resources, err := a.Resources(ctx, stack.ID)
	if err != nil {
		return "", err
	}
	channels := aws.OfType(resources, aws.ChannelType)
	if len(channels) == 0 {
		return "", fault.New(fault.Deploy, "stack %s is %s and has no channel: lilo status tells more", stack.Name, stack.Status)
	}
	return channels[0].ID, nil
}

func notDeployed(d deployment) error {
	return fault.New(fault.Usage, "there is no stack %s in %s: lilo deploy makes it; --stack, --customer, --project and --region say which is meant", d.stack(), d.spec.AWS.Region)
}

// states shows the states that a channel passes: on a line of a terminal with
// the time it takes, as lines elsewhere.
type states struct {
	p     *Program
	d     deployment
	id    string
	live  *timedLine
	began time.Time
}

func (p *Program) states(d deployment, id string) *states {
	return &states{p: p, d: d, id: id, live: p.timedLine(), began: p.now()}
}

func (s *states) tell(state string) {
	if s.d.json {
		s.p.jsonLine(map[string]any{"type": "state", "channel": s.id, "state": state, "at": s.p.now().UTC()})
		return
	}
	text := fmt.Sprintf("channel %s is %s", s.id, state)
	if s.p.out.live() {
		s.live.set(text)
		return
	}
	fmt.Fprintln(s.p.out, text)
}

func (s *states) close() { s.live.close() }

// jsonLine writes a value as one line of JSON.
func (p *Program) jsonLine(v any) {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // A reader that went away needs no line.
}
