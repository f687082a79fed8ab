package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
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
		RunE: withDeployment(p, func(d *deployment, ctx context.Context) error { return d.synth(ctx, out) }),
	}
	deploymentFlags(cmd)
	cmd.Flags().StringVar(&out, "out", out, "the `DIR` to write to")
	cmd.Flags().Bool("json", false, "print JSON")
	return cmd
}

// synth writes the cloud assembly to a folder.
func (d *deployment) synth(ctx context.Context, out string) error {
	r, err := newDeployRun(d)
	if err != nil {
		return err
	}
	r.quiet = true
	r.checkHere(ctx)
	r.assumeInput()
	if canceled(ctx) {
		return fault.New(fault.Internal, "interrupted: nothing was written")
	}
	if err := aws.CheckError(r.checks); err != nil {
		return err
	}
	dir, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	err = r.synthesize(ctx, dir)
	if canceled(ctx) {
		return fault.New(fault.Internal, "interrupted: what is in %s is not complete: repeat the command", out)
	}
	if err != nil {
		return err
	}
	n := 0
	for _, c := range r.assembly.Counts {
		n += c.N
	}
	wrong := slices.DeleteFunc(r.checks, func(c aws.Check) bool { return c.Result == aws.OK })
	return d.out.print(d.json, map[string]any{"stack": r.assembly.Stack, "folder": dir, "resources": r.assembly.Counts, "checks": wrong},
		fmt.Sprintf("stack %s, %s: in %s\n", r.assembly.Stack, counted(n, "resource"), out))
}

// assumeInput says what is assumed of a source that is not read.
func (r *deployRun) assumeInput() {
	is := r.spec.AWS.InputSpecification
	all := is.Or(channel.DefaultInputSpecification())
	if is == all || aws.Bucket(r.spec.Source) == "" {
		return
	}
	r.showCheck(aws.Check{
		Name: "source", Result: aws.Warning,
		Text:   fmt.Sprintf("synth does not read %s: its video is taken for %s, %s, %s", r.spec.Source, all.Codec, all.Resolution, all.MaximumBitrate),
		Remedy: "if it is not, say --input-specification codec=" + channel.CodecHEVC + ",resolution=" + channel.ResolutionUHD + ",maximumBitrate=MAX_20_MBPS",
	})
}
