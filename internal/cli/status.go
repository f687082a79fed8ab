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

// watchPause is how far the looks of status --watch are apart.
const watchPause = 5 * time.Second

func (p *Program) statusCommand() *cobra.Command {
	watch := false
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "status [flags]",
		Short: "say how the channel on AWS fares",
		Long: `Says how a deployed channel fares: the stack, the channel's state, pipelines and
alerts, the input, the destinations, and what it costs an hour while it runs.
With --watch again and again, until Ctrl-C.`,
		Example: `  lilo status
  lilo status --watch
  lilo status --json | jq .channel.state`,
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
			if watch {
				return p.watchStatus(cmd.Context(), a, d)
			}
			return p.status(cmd.Context(), a, d)
		},
	}
	naming(cmd)
	cmd.Flags().BoolVar(&watch, "watch", false, "look again every five seconds")
	jsonFlag(cmd, "print JSON; with --watch a line whenever something changed")
	return cmd
}

func (p *Program) status(ctx context.Context, a *aws.Account, d deployment) error {
	st, err := a.Status(ctx, d.stack())
	if err != nil {
		return err
	}
	if st.Stack.Phase() == aws.Absent {
		return notDeployed(d)
	}
	if d.json {
		return printJSON(p.out, st)
	}
	_, err = fmt.Fprint(p.out, p.statusText(st))
	return err
}

// watchStatus shows the status whenever it changed, in the place of the one
// before on a terminal.
func (p *Program) watchStatus(ctx context.Context, a *aws.Account, d deployment) error {
	last, lines := "", 0
	for {
		st, err := a.Status(ctx, d.stack())
		switch {
		case over(ctx):
			return nil
		case err != nil && !aws.Transient(err):
			return err
		case err == nil && st.Stack.Phase() == aws.Absent:
			return notDeployed(d)
		case err == nil:
			if text := p.statusText(st); text != last {
				if d.json {
					p.jsonLine(st)
				} else {
					fmt.Fprint(p.out, p.instead(lines, last != "")+text)
				}
				last, lines = text, strings.Count(text, "\n")
			}
		}
		if !p.pause(ctx, watchPause) {
			return nil
		}
	}
}

// instead is what makes a text take the place of one of so many lines on a
// terminal, and parts it from the one before elsewhere.
func (p *Program) instead(lines int, again bool) string {
	switch {
	case !again:
		return ""
	case p.out.live():
		return fmt.Sprintf("\x1b[%dA\x1b[J", lines)
	}
	return "\n"
}

// statusText lays a status out for people.
func (p *Program) statusText(st aws.Status) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	since := st.Stack.Updated
	if since.IsZero() {
		since = st.Stack.Created
	}
	fmt.Fprintf(w, "stack\t%s in %s: %s since %s\n", st.Stack.Name, st.Region, st.Stack.Status, since.UTC().Format(time.RFC3339))
	if c := st.Channel; c == nil {
		fmt.Fprintf(w, "channel\tnone\n")
	} else {
		p.channelText(w, *c)
	}
	if in := st.Input; in != nil {
		fmt.Fprintf(w, "input\t%s %s: %s\n", in.ID, in.State, strings.Join(in.Sources, ", "))
	}
	if st.Channel != nil {
		for _, d := range st.Channel.Destinations {
			fmt.Fprintf(w, "destination\t%s\n", d)
		}
		if len(st.Alerts) == 0 {
			fmt.Fprintf(w, "alerts\tnone\n")
		}
	}
	for _, a := range st.Alerts {
		fmt.Fprintf(w, "alert\tpipeline %s: %s: %s\n", a.Pipeline, a.Type, a.Message)
	}
	if st.Price != nil {
		fmt.Fprintf(w, "price\t%s\n", priceText(*st.Price))
	}
	if st.Console != "" {
		fmt.Fprintf(w, "console\t%s\n", st.Console)
	}
	w.Flush()
	return strings.Map(keepLines, trimLines(b.String()))
}

func (p *Program) channelText(w *tabwriter.Writer, c aws.Channel) {
	state := c.State
	if state == aws.Running {
		state += fmt.Sprintf(", %s", counted(c.Pipelines, "pipeline"))
	}
	fmt.Fprintf(w, "channel\t%s %q (%s): %s\n", c.ID, c.Name, c.Class, state)
}

// keepLines keeps what came from elsewhere from steering the terminal.
func keepLines(r rune) rune {
	if r == '\n' {
		return r
	}
	return printable(r)
}

// priceText is a price in a sentence.
func priceText(p aws.Price) string {
	return fmt.Sprintf("about $%.2f an hour while it runs, $%.0f a month (list price of us-east-1, transfer and tax not included)", p.Hour, p.Month)
}
