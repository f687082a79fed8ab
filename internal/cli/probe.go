package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/setting"
)

func newProbeCommand(p *Program) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "probe [--json] [SOURCE]",
		Short: "show what a file holds, and whether and how it loops",
		Long: `Shows what a file holds, whether and how it loops, how long a lap is, which rate
the multiplex needs, and notes: what of the file is not carried as it is, and what
to do about it. Without SOURCE it probes the bundled clip.

For a file that cannot loop it shows what can be read, and the exit code says why
(docs/reference/errors.md).`,
		Example: `  lilo probe movie.mp4
  lilo probe --json movie.mp4 | jq .mux_rate`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := p.spec(cmd, args, channel.Default())
			if err != nil {
				return err
			}
			report, err := p.probe(cmd.Context(), s)
			if report.Container == "" { // Nothing could be read.
				return err
			}
			return errors.Join(p.out.print(asJSON, report, reportText(report)), err)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	settingFlags(cmd.Flags(), slices.DeleteFunc(channel.Settings(), func(s setting.Field[channel.Spec]) bool { return s.Key != "encode" }))
	return cmd
}

// reportText formats a report for people.
func reportText(r player.Report) string {
	var b strings.Builder
	b.WriteString(table(func(w *tabwriter.Writer) {
		fmt.Fprintf(w, "source\t%s\n", r.Source)
		fmt.Fprintf(w, "container\t%s, %s\n", r.Container, size(r.Bytes))
		if r.Loops {
			fmt.Fprintf(w, "loops\tyes, every %s\n", r.LoopLength)
			fmt.Fprintf(w, "mux rate\t%s, %s a lap\n", rate(r.MuxRate), counted(r.PacketsALap, "packet"))
			if r.PCRPID != 0 {
				fmt.Fprintf(w, "PCR\ton PID %d: the decoder's buffer has no room for it beside the pictures\n", r.PCRPID)
			}
			if r.JoinSeconds > 0 {
				fmt.Fprintf(w, "joining\twaits %.3f s at most for a picture to begin with\n", r.JoinSeconds)
			}
		} else {
			fmt.Fprintf(w, "loops\tno: %s\n", r.Error)
		}
	}))
	if len(r.Tracks) > 0 {
		b.WriteString("\n" + table(func(w *tabwriter.Writer) {
			fmt.Fprintln(w, "PID\ttrack\tkind\tcoding\tlanguage\tlength\tunits\trate\tbit rate\tbuffer")
			for _, t := range r.Tracks {
				fmt.Fprintf(w, "%d\t%d\t%s\t%s\t%s\t%.3f s\t%s\t%s\t%s\t%s\n", t.PID, t.ID, t.Kind, t.Coding,
					cmp.Or(t.Language, "und"), t.Seconds, count(t.Units), t.Rate, rate(t.BitRate), t.Buffer)
			}
		}))
	}
	if len(r.Notes) > 0 {
		b.WriteString("\nnotes\n")
		for _, n := range r.Notes {
			b.WriteString("  - " + n.Text + "\n")
		}
	}
	return b.String()
}
