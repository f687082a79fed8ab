package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/aws/cdk"
)

func newSynthCommand(p *Program) *cobra.Command {
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
			d, err := newDeployment(p, cmd, args)
			if err != nil {
				return err
			}
			return d.synth(cmd.Context(), out)
		},
	}
	deploymentFlags(cmd)
	cmd.Flags().StringVar(&out, "out", out, "the `DIR` to write to")
	cmd.Flags().Bool("yes", false, "install the CDK without asking")
	cmd.Flags().Bool("json", false, "print JSON")
	return cmd
}

// synth writes the cloud assembly to a folder.
func (d *deployment) synth(ctx context.Context, out string) error {
	r, err := newDeployRun(d)
	if err != nil {
		return err
	}
	defer r.log.Close()
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
	n := 0
	for _, c := range a.Counts {
		n += c.N
	}
	return d.out.print(d.json, map[string]any{"stack": a.Stack, "folder": dir, "resources": a.Counts},
		fmt.Sprintf("stack %s, %s: in %s\n", a.Stack, counted(n, "resource"), out))
}
