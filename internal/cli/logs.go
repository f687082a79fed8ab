package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
)

func (p *Program) logsCommand() *cobra.Command {
	follow := false
	var cmd *cobra.Command
	cmd = p.operation(&cobra.Command{
		Use:   "logs [flags]",
		Short: "show the log of the channel on AWS",
		Long: `Shows the log of a deployed channel, which MediaLive writes to the log group
ElementalMediaLive: the last hour, or since --since ago. With --follow it also
shows new records, until Ctrl-C. --log-level of lilo deploy sets what is logged.`,
		Example: `  lilo logs --since 10m
  lilo logs --follow
  lilo logs --json | jq -r .message`,
	}, func(ctx context.Context, d deployment) error {
		since, err := durationFlag(cmd.Flags(), "since")
		if err != nil {
			return err
		}
		if since == 0 {
			since = time.Hour
		}
		return p.logs(ctx, d, since, follow)
	})
	cmd.Flags().VarP(&flagValue{kind: "D"}, "since", "", "how far back (default 1h)")
	cmd.Flags().BoolVar(&follow, "follow", false, "also show new records")
	jsonFlag(cmd, "print every record as a line of JSON")
	return cmd
}

func (p *Program) logs(ctx context.Context, d deployment, since time.Duration, follow bool) error {
	st, err := d.account.Status(ctx, d.stack())
	switch {
	case err != nil:
		return err
	case st.Stack.Phase() == aws.Absent:
		return notDeployed(d)
	case st.Channel == nil:
		return noChannel(st.Stack)
	}
	if err := aws.CheckLogging(st.Channel); err != nil {
		return err
	}
	log := d.account.Logs(st.Channel.ARN, p.now().Add(-since))
	for {
		records, err := log.Poll(ctx)
		if follow && canceled(ctx) {
			return nil
		}
		if err != nil && (!follow || !aws.Transient(err)) {
			return err
		}
		for _, r := range records {
			p.logRecord(r, d)
		}
		switch {
		case follow && !p.pause(ctx, statusInterval):
			return nil
		case follow:
			continue
		case len(records) == 0 && !d.json:
			fmt.Fprintln(p.err, "nothing was logged in that time (log more with lilo deploy --log-level INFO)")
		}
		return nil
	}
}

func (p *Program) logRecord(r aws.LogRecord, d deployment) {
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
