package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/cdk"
)

func (p *Program) synthCommand() *cobra.Command {
	out := "cdk.out"
	cmd := &cobra.Command{
		Use:   "synth [flags] [SOURCE]",
		Short: "write the CloudFormation templates of a deployment",
		Long: `Writes the cloud assembly of a deployment: the templates of the core stack and its
nested stacks, the functions, and the other files to upload. It makes no call to
AWS and needs no credentials. Deploy it by hand with cdk deploy --app DIR.`,
		Example: `  lilo synth movie.mp4 --to rtp://203.0.113.7:5000 --out assembly
  lilo synth --config lilo.yaml`,
		Args: atMostOne("SOURCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, err := p.deployment(cmd, args)
			if err != nil {
				return err
			}
			return p.synth(cmd.Context(), d, out)
		},
	}
	deploymentFlags(cmd)
	cmd.Flags().StringVar(&out, "out", out, "folder to write to")
	cmd.Flags().Bool("yes", false, "install the CDK without asking")
	jsonFlag(cmd, "print JSON")
	return cmd
}

func (p *Program) synth(ctx context.Context, d deployment, out string) error {
	r, closeLog, err := p.newDeployRun(d)
	if err != nil {
		return err
	}
	defer func() { _ = closeLog() }()
	if err := aws.CheckError(aws.CheckDestinations(d.spec)); err != nil {
		return err
	}
	var checks []aws.Check
	r.checkTools(ctx, func(c ...aws.Check) { checks = append(checks, c...) })
	if err := aws.CheckError(checks); err != nil {
		return err
	}
	if err := r.installTools(ctx); err != nil {
		return err
	}
	dir, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if err := r.tools.Synth(ctx, dir); err != nil {
		return err
	}
	a, err := cdk.ReadAssembly(dir)
	if err != nil {
		return err
	}
	if d.json {
		return printJSON(p.out, map[string]any{"stack": a.Stack, "folder": dir, "resources": a.Counts})
	}
	n := 0
	for _, c := range a.Counts {
		n += c.N
	}
	_, err = fmt.Fprintf(p.out, "stack %s, %s: in %s\n", a.Stack, counted(n, "resource"), out)
	return err
}
