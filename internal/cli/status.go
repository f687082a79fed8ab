package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
)

// statusInterval is how often status --watch and logs --follow poll.
const statusInterval = 5 * time.Second

func newStatusCommand(p *Program) *cobra.Command {
	watch := false
	cmd := operation(p, &cobra.Command{
		Use:   "status [flags]",
		Short: "show the state of the channel on AWS",
		Long: `Shows the state of a deployed channel: the stack, the channel with its pipelines
and alerts, the input, the destinations, and what it costs an hour while it runs.
With --watch it repeats that until Ctrl-C.`,
		Example: `  lilo status
  lilo status --watch
  lilo status --json | jq .channel.state`,
	}, func(d *deployment, ctx context.Context) error { return d.status(ctx, watch) })
	cmd.Flags().BoolVar(&watch, "watch", false, "repeat every five seconds")
	cmd.Flags().Bool("json", false, "print JSON; with --watch a line at every change")
	return cmd
}

// status shows the status and, with watch, every change until ctx is done. On a
// terminal a status replaces the one before.
func (d *deployment) status(ctx context.Context, watch bool) error {
	last := ""
	for {
		st, err := d.currentStatus(ctx)
		text := channelStatusText(st)
		switch {
		case watch && canceled(ctx):
			return nil
		case err != nil && (!watch || !aws.Transient(err)):
			return err
		case !watch:
			return d.out.print(d.json, st, text)
		case err != nil || text == last:
		case last == "":
			d.show(st, text)
		case d.out.live():
			d.show(st, fmt.Sprintf("\x1b[%dA\x1b[J%s", strings.Count(last, "\n"), text))
		default:
			d.show(st, "\n"+text)
		}
		if err == nil {
			last = text
		}
		_ = d.wait(ctx, statusInterval) // If ctx is done, so is the next call at once.
	}
}

// currentStatus returns the status of the deployment, and an error if there is none.
func (d *deployment) currentStatus(ctx context.Context) (aws.Status, error) {
	st, err := d.account.Status(ctx, d.stackName())
	if err == nil && st.Stack.Phase() == aws.Absent {
		err = d.notDeployed()
	}
	return st, err
}

// channelStatusText formats a status for people.
func channelStatusText(st aws.Status) string {
	since := st.Stack.Updated
	if since.IsZero() {
		since = st.Stack.Created
	}
	return table(func(w *tabwriter.Writer) {
		fmt.Fprintf(w, "stack\t%s in %s: %s since %s\n", st.Stack.Name, st.Region, st.Stack.Status, since.UTC().Format(time.RFC3339))
		c := st.Channel
		switch {
		case c == nil:
			fmt.Fprintf(w, "channel\tnone\n")
		case c.State == aws.Running:
			fmt.Fprintf(w, "channel\t%s %q (%s): %s, %s\n", c.ID, c.Name, c.Class, c.State, counted(c.Pipelines, "pipeline"))
		default:
			fmt.Fprintf(w, "channel\t%s %q (%s): %s\n", c.ID, c.Name, c.Class, c.State)
		}
		if in := st.Input; in != nil {
			fmt.Fprintf(w, "input\t%s %s: %s\n", in.ID, in.State, strings.Join(in.Sources, ", "))
		}
		if c != nil {
			for _, d := range c.Destinations {
				fmt.Fprintf(w, "destination\t%s\n", d)
			}
			if len(st.Alerts) == 0 {
				fmt.Fprintf(w, "alerts\tnone\n")
			}
		}
		for _, a := range st.Alerts {
			fmt.Fprintf(w, "alert\tpipeline %s: %s: %s\n", a.Pipeline, a.Type, a.Message)
		}
		if p := st.Price; p != nil {
			fmt.Fprintf(w, "price\t$%.4f an hour while it runs, $%.2f a month, without tax and transfer, by %s\n", p.Hour, p.Month, p.Source)
		} else if st.NoPrice != "" {
			fmt.Fprintf(w, "price\tnot known: %s: see %s\n", st.NoPrice, aws.PricePage)
		}
		if st.Console != "" {
			fmt.Fprintf(w, "console\t%s\n", st.Console)
		}
	})
}
