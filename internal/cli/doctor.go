package cli

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/doctor"
)

func newDoctorCommand(p *Program) *cobra.Command {
	asJSON, region := false, ""
	cmd := &cobra.Command{
		Use:   "doctor [flags]",
		Short: "look at what this machine lacks, and say what to do about it",
		Long: `Looks at what LILO needs of the machine: segmentation offload, a route for
multicast, buffers of sockets, real-time priority, ffmpeg, how late threads wake up,
the clock, and access to AWS. It changes nothing. Most of it is needed for some
purposes only, as the advice says, so the exit code is 0 whatever is found.`,
		Example: `  lilo doctor
  lilo doctor --json | jq -r '.[] | select(.ok | not).advice'`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.doctor(cmd.Context(), asJSON, region)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&region, "region", "", "`REGION` of a deployment (default that of the AWS configuration)")
	return cmd
}

func (p *Program) doctor(ctx context.Context, asJSON bool, region string) error {
	all := p.examine(ctx, doctor.Patient{Env: p.env, Clock: awsClock{p}, Region: region})
	return p.out.print(asJSON, all, p.findingsText(all))
}

// findingsText formats findings for people, the advice below what it is about.
func (p *Program) findingsText(all []doctor.Finding) string {
	lines := strings.SplitAfter(table(func(w *tabwriter.Writer) {
		for _, f := range all {
			fmt.Fprintf(w, "%s\t%s\n", f.Name, strings.Map(printable, f.Found))
		}
	}), "\n")
	var b strings.Builder
	for i, f := range all {
		b.WriteString(p.out.mark(f.OK) + " " + lines[i])
		if f.Advice != "" {
			b.WriteString("    " + strings.Map(printable, f.Advice) + "\n")
		}
	}
	return b.String()
}
