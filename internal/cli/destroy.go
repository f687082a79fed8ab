package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/fault"
)

func (p *Program) destroyCommand() *cobra.Command {
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "destroy [flags]",
		Short: "take the channel on AWS away, and all that belongs to it",
		Long: `Shows what a deployment consists of, asks, stops the channel and waits until it
is idle, has CloudFormation delete the stack, and looks whether anything that
costs money is left. Where there is nothing, there is nothing to do.

Ctrl-C ends the waiting, not the work; the same command again goes on with it.`,
		Example: `  lilo destroy
  lilo destroy --stack Demo --region us-east-1 --yes`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := p.deployment(cmd, args)
			if err != nil {
				return err
			}
			a, err := p.connect(cmd.Context(), d)
			if err != nil {
				return err
			}
			return p.destroy(cmd.Context(), a, d)
		},
	}
	naming(cmd)
	cmd.Flags().Bool("yes", false, "do not ask")
	jsonFlag(cmd, "print progress and result as lines of JSON")
	return cmd
}

func (p *Program) destroy(ctx context.Context, a *aws.Account, d deployment) error {
	stack, err := a.Stack(ctx, d.stack())
	if err != nil {
		return err
	}
	if stack.Phase() == aws.Absent {
		return p.nothingLeft(d, "there is no stack "+d.stack()+" in "+a.Region+": nothing to do")
	}
	resources, err := a.Resources(ctx, stack.ID)
	if err != nil {
		return err
	}
	if !d.json {
		fmt.Fprint(p.out, resourcesText(stack, resources)+"\n")
	}
	if stack.Phase() != aws.Deleting {
		if err := p.agree(ctx, "Delete all of it?", d.yes); err != nil {
			return err
		}
	}
	if err := p.stopAndRemove(ctx, a, d, stack, resources); err != nil {
		return p.destroyed(ctx, d, err)
	}
	return p.leftovers(ctx, a, d, resources)
}

// destroyed adds to an error how to go on.
func (p *Program) destroyed(ctx context.Context, d deployment, err error) error {
	again := "lilo destroy" + d.flags() + " goes on with it"
	switch {
	case ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: what was begun with stack %s goes on by itself; %s", d.stack(), again)
	case aws.CredentialsExpired(err):
		return fault.New(fault.Access, "%w; what was begun with stack %s goes on by itself", err, d.stack())
	}
	return err
}

// stopAndRemove stops the channels of a stack and then deletes it.
func (p *Program) stopAndRemove(ctx context.Context, a *aws.Account, d deployment, stack aws.Stack, resources []aws.Resource) error {
	if stack.Phase() != aws.Deleting { // Its own functions stop the channel then.
		for _, c := range aws.OfType(resources, aws.ChannelType) {
			show := p.states(d, c.ID)
			err := a.Stop(ctx, c.ID, show.tell)
			show.close()
			if err != nil {
				return err
			}
		}
	}
	return p.remove(ctx, a, d, stack)
}

// remove deletes a stack and waits until it is gone, showing its events. What
// CloudFormation still does with it is waited for first.
func (p *Program) remove(ctx context.Context, a *aws.Account, d deployment, stack aws.Stack) error {
	follow, err := a.Follow(ctx, stack.ID)
	if err != nil {
		return err
	}
	show := p.showing(d)
	defer show.close()
	// A creation can be called off; an update, or going back, is to end first.
	if stack.Phase() == aws.InProgress && stack.Status != "CREATE_IN_PROGRESS" {
		if stack, err = a.WaitForStack(ctx, stack.ID, follow, show.tell); err != nil {
			return err
		}
	}
	if stack.Phase() != aws.Deleting {
		show.events = nil
		if err := a.Delete(ctx, stack.ID); err != nil {
			return err
		}
	}
	before := stack.Status
	for range 12 { // What CloudFormation tells may be of before it was asked.
		if stack, err = a.WaitForStack(ctx, stack.ID, follow, show.tell); err != nil || stack.Status != before {
			break
		}
		if err = p.wait(ctx, 5*time.Second); err != nil {
			return err
		}
	}
	if err == nil && stack.Phase() != aws.Absent {
		err = fault.New(fault.Deploy, "%w: lilo destroy%s tries again", aws.StackError(stack, show.events), d.flags())
	}
	return err
}

// leftovers looks whether anything is left that costs money.
func (p *Program) leftovers(ctx context.Context, a *aws.Account, d deployment, resources []aws.Resource) error {
	left, err := a.Orphans(ctx, resources)
	if err != nil {
		return err
	}
	if len(left) == 0 {
		return p.nothingLeft(d, "stack "+d.stack()+" is gone, and nothing that costs money is left of it")
	}
	if d.json {
		p.jsonLine(map[string]any{"type": "result", "stack": d.stack(), "deleted": true, "left": left})
		return nil
	}
	fmt.Fprintf(p.out, "stack %s is gone; this is left of it and may cost money:\n", d.stack())
	for _, l := range left {
		fmt.Fprintf(p.out, "  %s %s: %s\n", strings.TrimPrefix(l.Type, "AWS::"), l.ID, l.Remedy)
	}
	return nil
}

func (p *Program) nothingLeft(d deployment, text string) error {
	if d.json {
		p.jsonLine(map[string]any{"type": "result", "stack": d.stack(), "deleted": true, "left": []string{}})
		return nil
	}
	_, err := fmt.Fprintln(p.out, text)
	return err
}

// resourcesText lays out what a stack consists of.
func resourcesText(s aws.Stack, resources []aws.Resource) string {
	var b strings.Builder
	fmt.Fprintf(&b, "stack %s is %s and holds:\n", s.Name, s.Status)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range resources {
		id := r.ID
		if i := strings.LastIndexByte(id, '/'); strings.HasPrefix(id, "arn:aws:cloudformation:") && i > 0 {
			id = "" // Its name stands before it.
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", r.Path, strings.TrimPrefix(r.Type, "AWS::"), cut(id, 64))
	}
	t.Flush()
	return strings.Map(keepLines, trimLines(b.String()))
}
