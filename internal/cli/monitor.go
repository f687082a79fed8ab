package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/monitor"
)

func newMonitorCommand(p *Program) *cobra.Command {
	asJSON := false
	var length time.Duration
	cmd := &cobra.Command{
		Use:   "monitor [--json] [--for D] URL [URL...]",
		Short: "receive a stream and measure it as TR 101 290 does",
		Long: `Receives a transport stream over RTP or UDP, or reads one from a file, and
measures it as ETSI TR 101 290 does: sync, continuity, tables, PCR interval,
accuracy and arrival jitter, timestamps and their steps, the buffers of the
system target decoder, RTP loss and order, bit rate and null packets. Beyond that,
pictures must be presented one after the other: two at one instant, pictures that
overlap and pictures that are missing are errors, unless lost packets explain them.

Several rtp:// URLs are legs that carry one stream, on two interfaces or groups
(SMPTE 2022-7). It is reconstructed from them and measured; the report says what
each leg lost, and how long it is behind the others.

It measures until Ctrl-C, or for as long as --for says from the first datagram on,
and then prints the report. The exit code is 8 if the stream has errors or nothing arrives
(docs/reference/errors.md).`,
		Example: `  lilo monitor rtp://127.0.0.1:5000
  lilo monitor --for 1m 'udp://239.1.1.1:5000?iface=eth0'
  lilo monitor 'rtp://239.1.1.1:5000?iface=eth0' 'rtp://239.1.1.1:5000?iface=eth1'
  lilo monitor --json lap.ts | jq .verdict`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fault.New(fault.Usage, "URL is missing: rtp://address:port, udp://address:port or the path of a file")
			}
			return measure(cmd.Context(), p, args, length, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().Var((*durationFlag)(&length), "for", "how long to measure, from the first datagram on (default until Ctrl-C)")
	return cmd
}

// measure receives and measures a stream, and prints the report.
func measure(ctx context.Context, p *Program, urls []string, length time.Duration, asJSON bool) error {
	show := &statusLine{term: p.err}
	report, err := monitor.Measure(ctx, urls, monitor.ReceiveOptions{
		For:      length,
		OnSecond: func(s monitor.Status) { show.Update(statusText(s)) },
	})
	show.Clear()
	if report.Packets > 0 {
		if printed := p.out.print(asJSON, &report, report.String()); printed != nil {
			return errors.Join(err, printed)
		}
	}
	switch {
	case err != nil:
		return err
	case report.Packets == 0:
		return fault.New(fault.Stream, "%s: nothing was received", strings.Join(urls, " and "))
	case report.Errors() > 0:
		return fault.New(fault.Stream, "%s has errors: %s", strings.Join(urls, " and "), report.Verdict)
	}
	return nil
}

// statusText formats what was measured so far.
func statusText(s monitor.Status) string {
	return fmt.Sprintf("%s  %s  %s  %s  %s lost  jitter %.2f ms", clock(s.Elapsed), s.BitRate,
		counted(s.Datagrams, "datagram"), counted(s.Errors, "error"), count(s.Lost), s.JitterMS)
}
