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

func newDestroyCommand(p *Program) *cobra.Command {
	cmd := operation(p, &cobra.Command{
		Use:   "destroy [flags]",
		Short: "delete the channel on AWS and everything that belongs to it",
		Long: `Shows the resources of a deployment, asks for confirmation, stops the channel and
waits until it is idle, makes CloudFormation delete the stack, and checks that
nothing that costs money is left. Without a deployment it does nothing.

Ctrl-C ends the waiting, not the work; the same command again continues it.`,
		Example: `  lilo destroy
  lilo destroy --stack Demo --region us-east-1 --yes`,
	}, (*deployment).destroy)
	cmd.Flags().Bool("yes", false, "do not ask for confirmation")
	cmd.Flags().Bool("json", false, "print progress and result as lines of JSON")
	return cmd
}

func (d *deployment) destroy(ctx context.Context) error {
	stack, err := d.account.Stack(ctx, d.stackName())
	if err != nil {
		return err
	}
	if stack.Phase() == aws.Absent {
		return d.showOrphans("there is no stack "+d.stackName()+" in "+d.account.Region+": nothing to do", []aws.Orphan{})
	}
	resources, err := d.account.Resources(ctx, stack.ID)
	if err != nil {
		return err
	}
	if !d.json {
		fmt.Fprint(d.out, resourcesText(stack, resources)+"\n")
	}
	if stack.Phase() != aws.Deleting {
		if err := d.confirm(ctx, "Delete all of it?"); err != nil {
			return err
		}
	}
	switch err := d.stopAndDelete(ctx, stack, resources); {
	case err != nil && ctx.Err() != nil:
		return fault.New(fault.Internal, "interrupted: the work on stack %s continues by itself; lilo destroy%s continues from there", d.stackName(), d.flags())
	case aws.CredentialsExpired(err):
		return fault.New(fault.Access, "%w; the work on stack %s continues by itself", err, d.stackName())
	case err != nil:
		return err
	}
	orphans, err := d.account.Orphans(ctx, resources)
	if err != nil {
		return err
	}
	return d.showOrphans("stack "+d.stackName()+" is gone, and nothing that costs money is left of it", orphans)
}

// stopAndDelete stops the channels of a stack and then deletes it.
func (d *deployment) stopAndDelete(ctx context.Context, stack aws.Stack, resources []aws.Resource) error {
	if stack.Phase() != aws.Deleting { // Otherwise its own functions stop the channel.
		for _, c := range aws.OfType(resources, aws.ChannelType) {
			err := d.showStates(c.ID, func(onState func(string)) error { return d.account.Stop(ctx, c.ID, onState) })
			if err != nil {
				return err
			}
		}
	}
	return d.deleteStack(ctx, stack.ID)
}

// deleteStack waits until CloudFormation has finished with a stack, deletes the
// stack and waits until it is gone, showing its events.
func (d *deployment) deleteStack(ctx context.Context, id string) error {
	view, err := d.follow(ctx, id)
	if err != nil {
		return err
	}
	defer view.line.close()
	stack, err := d.beginDeletion(ctx, view, id)
	if err != nil || stack.Phase() == aws.Absent {
		return err
	}
	before := stack.Status
	for range 12 { // CloudFormation may return the status before the deletion for a while.
		if stack, err = view.waitForStack(ctx, id); err != nil || stack.Status != before {
			break
		}
		if err = d.wait(ctx, 5*time.Second); err != nil {
			return err
		}
	}
	if err == nil && stack.Phase() != aws.Absent {
		err = fault.New(fault.Deploy, "%w: repeat lilo destroy%s", aws.StackError(stack, view.events), d.flags())
	}
	return err
}

// beginDeletion has CloudFormation begin to delete a stack, and returns the stack as it
// was before. Others may change the stack at any time, so that each attempt reads it.
func (d *deployment) beginDeletion(ctx context.Context, view *eventView, id string) (stack aws.Stack, err error) {
	for range 12 { // The status that is read may be old.
		if stack, err = d.account.Stack(ctx, id); err != nil {
			return stack, err
		}
		// A creation can be cancelled; an update or a rollback must end first.
		if stack.Phase() == aws.InProgress && stack.Status != "CREATE_IN_PROGRESS" {
			if stack, err = view.waitForStack(ctx, id); err != nil {
				return stack, err
			}
		}
		if stack.Phase() == aws.Deleting || stack.Phase() == aws.Absent {
			return stack, nil
		}
		view.events = nil
		if err = d.account.Delete(ctx, id); !aws.Conflicts(err) {
			return stack, err
		}
		if err := d.wait(ctx, 5*time.Second); err != nil {
			return stack, err
		}
	}
	return stack, err
}

// showOrphans shows what a deleted stack left behind, or text if that is nothing.
func (d *deployment) showOrphans(text string, orphans []aws.Orphan) error {
	if len(orphans) > 0 {
		text = fmt.Sprintf("stack %s is gone; these resources remain and may cost money:", d.stackName())
	}
	for _, o := range orphans {
		text += fmt.Sprintf("\n  %s %s: %s", strings.TrimPrefix(o.Type, "AWS::"), o.ID, o.Remedy)
	}
	d.show(map[string]any{"type": "result", "stack": d.stackName(), "deleted": true, "left": orphans}, text+"\n")
	return nil
}

// resourcesText formats the resources of a stack for people.
func resourcesText(s aws.Stack, resources []aws.Resource) string {
	return fmt.Sprintf("stack %s is %s and has these resources:\n", s.Name, s.Status) + table(func(w *tabwriter.Writer) {
		for _, r := range resources {
			id := r.ID
			if strings.Contains(id, ":cloudformation:") {
				id = "" // It repeats the path.
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\n", r.Path, strings.TrimPrefix(r.Type, "AWS::"), cut(id, 64))
		}
	})
}
