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

func (p *Program) statusCommand() *cobra.Command {
	watch := false
	cmd := p.operation(&cobra.Command{
		Use:   "status [flags]",
		Short: "show the state of the channel on AWS",
		Long: `Shows the state of a deployed channel: the stack, the channel with its pipelines
and alerts, the input, the destinations, and what it costs an hour while it runs.
With --watch it repeats that until Ctrl-C.`,
		Example: `  lilo status
  lilo status --watch
  lilo status --json | jq .channel.state`,
	}, func(ctx context.Context, d deployment) error {
		if watch {
			return p.watchStatus(ctx, d)
		}
		return p.status(ctx, d)
	})
	cmd.Flags().BoolVar(&watch, "watch", false, "repeat every five seconds")
	jsonFlag(cmd, "print JSON; with --watch a line at every change")
	return cmd
}

func (p *Program) status(ctx context.Context, d deployment) error {
	st, err := d.account.Status(ctx, d.stack())
	if err != nil {
		return err
	}
	if st.Stack.Phase() == aws.Absent {
		return notDeployed(d)
	}
	if d.json {
		return printJSON(p.out, st)
	}
	_, err = fmt.Fprint(p.out, channelStatusText(st))
	return err
}

// watchStatus shows the status at every change. On a terminal it replaces the one before.
func (p *Program) watchStatus(ctx context.Context, d deployment) error {
	last := ""
	for {
		st, err := d.account.Status(ctx, d.stack())
		switch {
		case canceled(ctx):
			return nil
		case err != nil && !aws.Transient(err):
			return err
		case err == nil && st.Stack.Phase() == aws.Absent:
			return notDeployed(d)
		case err == nil:
			text := channelStatusText(st)
			switch {
			case text == last:
			case d.json:
				p.jsonLine(st)
			case last == "":
				fmt.Fprint(p.out, text)
			case p.out.live():
				fmt.Fprintf(p.out, "\x1b[%dA\x1b[J%s", strings.Count(last, "\n"), text)
			default:
				fmt.Fprint(p.out, "\n"+text)
			}
			last = text
		}
		if !p.pause(ctx, statusInterval) {
			return nil
		}
	}
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
			fmt.Fprintf(w, "price\tabout $%.2f an hour while it runs, $%.0f a month (list price of us-east-1, transfer and tax not included)\n", p.Hour, p.Month)
		}
		if st.Console != "" {
			fmt.Fprintf(w, "console\t%s\n", st.Console)
		}
	})
}

// table returns what rows writes in columns, without control characters.
func table(rows func(*tabwriter.Writer)) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	rows(w)
	w.Flush()
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return printable(r)
	}, trimLines(b.String()))
}
