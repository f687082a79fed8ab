package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/fault"
)

func (p *Program) logsCommand() *cobra.Command {
	follow := false
	cmd := &cobra.Command{
		DisableFlagsInUseLine: true,

		Use:   "logs [flags]",
		Short: "show what the channel on AWS logs",
		Long: `Shows the log of a deployed channel, which MediaLive writes to the log group
ElementalMediaLive: the last hour, or since --since ago. With --follow also what
comes, until Ctrl-C. What is logged is for --log-level of lilo deploy to say.`,
		Example: `  lilo logs --since 10m
  lilo logs --follow
  lilo logs --json | jq -r .message`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, args []string) error { return p.logs(cmd, args, follow) },
	}
	naming(cmd)
	cmd.Flags().VarP(&flagValue{kind: "D"}, "since", "", "how far back (default 1h)")
	cmd.Flags().BoolVar(&follow, "follow", false, "show what comes, too")
	jsonFlag(cmd, "print every record as a line of JSON")
	return cmd
}

func (p *Program) logs(cmd *cobra.Command, args []string, follow bool) error {
	since, err := durationFlag(cmd.Flags(), "since")
	if err != nil {
		return err
	}
	if since == 0 {
		since = time.Hour
	}
	d, err := p.deployment(cmd, args)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	a, err := p.connect(ctx, d)
	if err != nil {
		return err
	}
	st, err := a.Status(ctx, d.stack())
	switch {
	case err != nil:
		return err
	case st.Stack.Phase() == aws.Absent:
		return notDeployed(d)
	case st.Channel == nil:
		return fault.New(fault.Deploy, "stack %s is %s and has no channel: lilo status tells more", st.Stack.Name, st.Stack.Status)
	}
	if err := aws.CheckLogging(st.Channel); err != nil {
		return err
	}
	return p.tail(ctx, a.Logs(st.Channel.ARN, p.now().Add(-since)), d, follow)
}

// tail shows the records that are there, and with follow those that come.
func (p *Program) tail(ctx context.Context, log *aws.LogReader, d deployment, follow bool) error {
	shown := 0
	for {
		records, err := log.Poll(ctx)
		if over(ctx) && follow {
			return nil
		}
		if err != nil && (!follow || !aws.Transient(err)) {
			return err
		}
		for _, r := range records {
			p.record(r, d)
			shown++
		}
		if !follow {
			if shown == 0 && !d.json {
				fmt.Fprintln(p.err, "nothing was logged in that time (lilo deploy --log-level INFO has more logged)")
			}
			return nil
		}
		if !p.pause(ctx, watchPause) {
			return nil
		}
	}
}

func (p *Program) record(r aws.LogRecord, d deployment) {
	if d.json {
		p.jsonLine(r)
		return
	}
	severity := ""
	if r.Severity != "" {
		severity = " " + r.Severity
	}
	fmt.Fprintf(p.out, "%s pipeline %s%s %s\n", r.At.Format(time.RFC3339), r.Pipeline, severity, strings.Map(printable, r.Message))
}
