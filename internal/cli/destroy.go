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
	cmd := p.operation(&cobra.Command{
		Use:   "destroy [flags]",
		Short: "delete the channel on AWS and everything that belongs to it",
		Long: `Shows the resources of a deployment, asks for confirmation, stops the channel and
waits until it is idle, makes CloudFormation delete the stack, and checks that
nothing that costs money is left. Without a deployment it does nothing.

Ctrl-C ends the waiting, not the work; the same command again continues it.`,
		Example: `  lilo destroy
  lilo destroy --stack Demo --region us-east-1 --yes`,
	}, p.destroy)
	cmd.Flags().Bool("yes", false, "do not ask for confirmation")
	jsonFlag(cmd, "print progress and result as lines of JSON")
	return cmd
}

func (p *Program) destroy(ctx context.Context, d deployment) error {
	stack, err := d.account.Stack(ctx, d.stack())
	if err != nil {
		return err
	}
	if stack.Phase() == aws.Absent {
		return p.showOrphans(d, "there is no stack "+d.stack()+" in "+d.account.Region+": nothing to do", []aws.Orphan{})
	}
	resources, err := d.account.Resources(ctx, stack.ID)
	if err != nil {
		return err
	}
	if !d.json {
		fmt.Fprint(p.out, resourcesText(stack, resources)+"\n")
	}
	if stack.Phase() != aws.Deleting {
		if err := p.confirm(ctx, "Delete all of it?", d.yes); err != nil {
			return err
		}
	}
	switch err := p.stopAndDelete(ctx, d, stack, resources); {
	case err != nil && ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: the work on stack %s continues by itself; lilo destroy%s continues from there", d.stack(), d.flags())
	case aws.CredentialsExpired(err):
		return fault.New(fault.Access, "%w; the work on stack %s continues by itself", err, d.stack())
	case err != nil:
		return err
	}
	orphans, err := d.account.Orphans(ctx, resources)
	if err != nil {
		return err
	}
	return p.showOrphans(d, "stack "+d.stack()+" is gone, and nothing that costs money is left of it", orphans)
}

// stopAndDelete stops the channels of a stack and then deletes it.
func (p *Program) stopAndDelete(ctx context.Context, d deployment, stack aws.Stack, resources []aws.Resource) error {
	if stack.Phase() != aws.Deleting { // Otherwise its own functions stop the channel.
		for _, c := range aws.OfType(resources, aws.ChannelType) {
			err := p.showStates(d, c.ID, func(onState func(string)) error { return d.account.Stop(ctx, c.ID, onState) })
			if err != nil {
				return err
			}
		}
	}
	return p.deleteStack(ctx, d, stack)
}

// deleteStack waits until CloudFormation has finished with a stack, deletes the
// stack and waits until it is gone, showing its events.
func (p *Program) deleteStack(ctx context.Context, d deployment, stack aws.Stack) error {
	follower, err := d.account.Follow(ctx, stack.ID)
	if err != nil {
		return err
	}
	view := p.eventView(d)
	defer view.close()
	// A creation can be cancelled; an update or a rollback must end first.
	if stack.Phase() == aws.InProgress && stack.Status != "CREATE_IN_PROGRESS" {
		if stack, err = d.account.WaitForStack(ctx, stack.ID, follower, view.show); err != nil {
			return err
		}
	}
	if stack.Phase() != aws.Deleting {
		view.events = nil
		if err := d.account.Delete(ctx, stack.ID); err != nil {
			return err
		}
	}
	before := stack.Status
	for range 12 { // CloudFormation may return the status before the deletion for a while.
		if stack, err = d.account.WaitForStack(ctx, stack.ID, follower, view.show); err != nil || stack.Status != before {
			break
		}
		if err = p.wait(ctx, 5*time.Second); err != nil {
			return err
		}
	}
	if err == nil && stack.Phase() != aws.Absent {
		err = fault.New(fault.Deploy, "%w: repeat lilo destroy%s", aws.StackError(stack, view.events), d.flags())
	}
	return err
}

// showOrphans shows what a deleted stack left behind, or text if that is nothing.
func (p *Program) showOrphans(d deployment, text string, orphans []aws.Orphan) error {
	switch {
	case d.json:
		p.jsonLine(map[string]any{"type": "result", "stack": d.stack(), "deleted": true, "left": orphans})
	case len(orphans) == 0:
		fmt.Fprintln(p.out, text)
	default:
		fmt.Fprintf(p.out, "stack %s is gone; these resources remain and may cost money:\n", d.stack())
		for _, o := range orphans {
			fmt.Fprintf(p.out, "  %s %s: %s\n", strings.TrimPrefix(o.Type, "AWS::"), o.ID, o.Remedy)
		}
	}
	return nil
}

// resourcesText formats the resources of a stack for people.
func resourcesText(s aws.Stack, resources []aws.Resource) string {
	return fmt.Sprintf("stack %s is %s and has these resources:\n", s.Name, s.Status) + table(func(w *tabwriter.Writer) {
		for _, r := range resources {
			id := r.ID
			if strings.HasPrefix(id, "arn:aws:cloudformation:") {
				id = "" // It repeats the path.
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", r.Path, strings.TrimPrefix(r.Type, "AWS::"), cut(id, 64))
		}
	})
}
