package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
)

func newLogsCommand(p *Program) *cobra.Command {
	follow, since := false, time.Hour
	cmd := operation(p, &cobra.Command{
		Use:   "logs [flags]",
		Short: "show the log of the channel on AWS",
		Long: `Shows the log of a deployed channel, which MediaLive writes to the log group
ElementalMediaLive: the last hour, or since --since ago. With --follow it also
shows new records, until Ctrl-C. --log-level of lilo deploy sets what is logged.`,
		Example: `  lilo logs --since 10m
  lilo logs --follow
  lilo logs --json | jq -r .message`,
	}, func(d *deployment, ctx context.Context) error { return d.logs(ctx, since, follow) })
	cmd.Flags().Var((*durationFlag)(&since), "since", "how far back (default 1h)")
	cmd.Flags().BoolVar(&follow, "follow", false, "also show new records")
	cmd.Flags().Bool("json", false, "print every record as a line of JSON")
	return cmd
}

// logs shows the records since some time ago and, with follow, new ones until ctx is done.
func (d *deployment) logs(ctx context.Context, since time.Duration, follow bool) error {
	st, err := d.currentStatus(ctx)
	if err != nil {
		return err
	}
	if st.Channel == nil {
		return noChannel(st.Stack)
	}
	if err := aws.CheckLogging(st.Channel); err != nil {
		return err
	}
	log := d.account.Logs(st.Channel.ARN, d.now().Add(-since))
	for {
		records, err := log.Poll(ctx)
		if follow && canceled(ctx) {
			return nil
		}
		if err != nil && (!follow || !aws.Transient(err)) {
			return err
		}
		for _, r := range records {
			severity := ""
			if r.Severity != "" {
				severity = " " + r.Severity
			}
			d.show(r, fmt.Sprintf("%s pipeline %s%s %s\n", r.At.Format(time.RFC3339), r.Pipeline, severity, strings.Map(printable, r.Message)))
		}
		if !follow {
			if len(records) == 0 && !d.json {
				fmt.Fprintln(d.err, "nothing was logged in that time (log more with lilo deploy --log-level INFO)")
			}
			return nil
		}
		_ = d.wait(ctx, statusInterval) // If ctx is done, so is the next call at once.
	}
}
