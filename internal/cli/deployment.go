package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// deployment is what a command line says of a deployment. Its methods are the
// commands and what they share.
type deployment struct {
	*Program

	spec         channel.Spec
	json, yes    bool
	allowPrivate bool            // destinations may have private addresses
	encoding     *channel.Encode // how the source is encoded on this machine first, nil for not
	account      *aws.Account    // nil before connect
}

// deploymentFlags adds the flags of deploy and synth: the settings of a channel
// that apply to MediaLive, and those of a deployment.
func deploymentFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	settings := slices.DeleteFunc(channel.AllSettings(), func(s setting.Field[channel.Spec]) bool { return s.Local })
	for i, s := range settings {
		settings[i].Default = cmp.Or(s.OnAWS, s.Default)
		if s.Key == "to" {
			settings[i].Usage = "destination, " + channel.DestinationSyntax("ip:port") + "; with --standard twice: pipeline 0's, pipeline 1's"
		}
	}
	settingFlags(flags, settings)
	flags.Bool("no-auto-start", false, "leave the channel stopped (lilo start starts it)")
	flags.String("encode-here", "", "encode the source on this machine first, and upload that; `HOW` is as for --encode: avc, or avc,bitrate=8M")
	flags.String("config", "", "read all of these, and the source, from a YAML `FILE`; LILO_… variables win over it, flags over both")
}

// operation completes a command on an existing deployment: it adds the flags that
// name the deployment, and connects to its account before run.
func operation(p *Program, cmd *cobra.Command, run func(*deployment, context.Context) error) *cobra.Command {
	cmd.Args = noArguments
	cmd.RunE = withDeployment(p, func(d *deployment, ctx context.Context) error {
		if err := d.connect(ctx); err != nil {
			return err
		}
		return run(d, ctx)
	})
	settingFlags(cmd.Flags(), namingSettings())
	cmd.Flags().String("config", "", "read them from the YAML `FILE` that was deployed; LILO_… variables win over it, flags over both")
	return cmd
}

// withDeployment returns what runs a command on the deployment that its command line
// names. With --json a failure is the last line of the output, too.
func withDeployment(p *Program, run func(*deployment, context.Context) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		d, err := newDeployment(p, cmd, args)
		if err == nil {
			err = run(d, cmd.Context())
		}
		if asJSON, _ := cmd.Flags().GetBool("json"); asJSON && err != nil {
			_ = p.out.printJSON(map[string]string{"type": "error", "text": oneLine(err)}, "") // There may be no reader any more.
		}
		return err
	}
}

// namingSettings returns the settings that name a deployment.
func namingSettings() []setting.Field[channel.Spec] {
	return slices.DeleteFunc(channel.DeploySettings(), func(s setting.Field[channel.Spec]) bool {
		return !slices.Contains([]string{"region", "stack", "customer", "project"}, s.Key)
	})
}

// newDeployment reads a deployment from the file, the environment and the flags, of
// which the later win.
func newDeployment(p *Program, cmd *cobra.Command, args []string) (*deployment, error) {
	d := &deployment{Program: p, spec: channel.Default()}
	flags := cmd.Flags()
	if err := readConfig(flags, &d.spec); err != nil {
		return nil, err
	}
	if err := d.spec.ReadEnv(p.env); err != nil {
		return nil, err
	}
	if err := applyFlags(flags, channel.AllSettings(), &d.spec); err != nil {
		return nil, err
	}
	if on, err := flags.GetBool("no-auto-start"); err == nil && on {
		d.spec.AWS.AutoStart = false
	}
	if how, err := flags.GetString("encode-here"); err == nil && flags.Changed("encode-here") {
		var s channel.Spec
		if err := s.Set("encode", how); err != nil {
			return nil, fault.New(fault.Usage, "--encode-here: %w", err)
		}
		d.encoding = s.Encode
	}
	d.json, _ = flags.GetBool("json")
	d.yes, _ = flags.GetBool("yes")
	d.allowPrivate, _ = flags.GetBool("allow-private")
	if len(args) > 0 {
		if err := d.spec.Set("source", args[0]); err != nil {
			return nil, err
		}
	}
	return d, d.complete()
}

// complete fills in the defaults, and makes the path of the source absolute.
func (d *deployment) complete() error {
	if d.spec.Source != "" && !strings.Contains(d.spec.Source, "://") {
		path, err := filepath.Abs(d.spec.Source)
		if err != nil {
			return fault.New(fault.Source, "%s: %w", d.spec.Source, err)
		}
		d.spec.Source = path
	}
	to := d.spec.To
	spec, err := d.spec.Complete()
	if err != nil {
		return err
	}
	spec.To, spec.AWS = to, spec.AWS.Filled() // The default destination is this machine.
	d.spec = spec
	return nil
}

// stackName returns the name of the root stack.
func (d *deployment) stackName() string { return d.spec.AWS.Prefix() }

// flags returns the flags that name the deployment, without those of the defaults.
func (d *deployment) flags() string {
	var b strings.Builder
	defaults := channel.Default()
	for _, s := range namingSettings() {
		if is := s.Get(&d.spec); !slices.Equal(is, s.Get(&defaults)) {
			b.WriteString(" --" + s.Flag() + " " + is[0])
		}
	}
	return b.String()
}

// connect connects to the account and region of the deployment.
func (d *deployment) connect(ctx context.Context) (err error) {
	d.account, err = aws.Connect(ctx, aws.Options{Region: d.spec.AWS.Region, Clock: awsClock{d.Program}, Backoff: d.backoff})
	return err
}

// awsClock is the clock of package aws.
type awsClock struct{ p *Program }

// Now returns the time.
func (c awsClock) Now() time.Time { return c.p.now() }

// Wait returns when d has passed or ctx is done.
func (c awsClock) Wait(ctx context.Context, d time.Duration) error { return c.p.wait(ctx, d) }

// canceled reports whether ctx is done.
func canceled(ctx context.Context) bool { return ctx.Err() != nil }

// show prints a line of JSON with --json, and otherwise the text.
func (d *deployment) show(line any, text string) {
	if d.json {
		_ = d.out.printJSON(line, "") // There may be no reader any more.
		return
	}
	fmt.Fprint(d.out, text)
}

// confirm asks a question unless --yes was given. No is an error.
func (d *deployment) confirm(ctx context.Context, question string) error {
	if d.yes {
		return nil
	}
	return d.prompt.confirm(ctx, d.err, question)
}

func (d *deployment) notDeployed() error {
	return fault.New(fault.Usage, "there is no stack %s in %s: create it with lilo deploy, or name another with --stack, --customer, --project and --region", d.stackName(), d.spec.AWS.Region)
}

func noChannel(s aws.Stack) error {
	return fault.New(fault.Deploy, "stack %s is %s and has no channel: see lilo status", s.Name, s.Status)
}
