package cli

import (
	"cmp"
	"context"
	"encoding/json"
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

// configVariable is the environment variable with the channel's file for the CDK app.
const configVariable = "LILO_CONFIG"

// deployment is the deployment that a command line refers to.
type deployment struct {
	spec      channel.Spec
	json, yes bool
	account   *aws.Account // nil before connect
}

// deploymentFlags adds the flags of deploy and synth: the settings of a channel
// that apply to MediaLive, and those of a deployment.
func deploymentFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	settings := slices.DeleteFunc(channel.AllSettings(), func(s setting.Field[channel.Spec]) bool { return s.Local })
	for i, s := range settings {
		settings[i].Default = cmp.Or(s.OnAWS, s.Default)
		if s.Key == "to" {
			settings[i].Usage = "destination, " + channel.URLForms("ip:port") + "; with --standard twice: pipeline 0's, pipeline 1's"
		}
	}
	settingFlags(flags, settings)
	flags.Bool("no-auto-start", false, "leave the channel stopped (lilo start starts it)")
	flags.VarP(&flagValue{kind: "FILE"}, "config", "", "read all of these, and the source, from YAML; LILO_… variables win over it, flags over both")
}

// operation completes a command on an existing deployment: it adds the flags that
// name the deployment, and connects to its account before run.
func (p *Program) operation(cmd *cobra.Command, run func(context.Context, deployment) error) *cobra.Command {
	cmd.Args = noArguments
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		d, err := p.deployment(cmd, args)
		if err == nil {
			err = p.connect(cmd.Context(), &d)
		}
		if err != nil {
			return err
		}
		return run(cmd.Context(), d)
	}
	settingFlags(cmd.Flags(), namingSettings())
	cmd.Flags().VarP(&flagValue{kind: "FILE"}, "config", "", "read them from the YAML that was deployed; LILO_… variables win over it, flags over both")
	return cmd
}

// namingSettings returns the settings that name a deployment.
func namingSettings() []setting.Field[channel.Spec] {
	return slices.DeleteFunc(channel.DeploySettings(), func(s setting.Field[channel.Spec]) bool {
		return !slices.Contains([]string{"region", "stack", "customer", "project"}, s.Key)
	})
}

// deployment reads the deployment of a command line from the file, the environment
// and the flags, of which the later win.
func (p *Program) deployment(cmd *cobra.Command, args []string) (deployment, error) {
	d := deployment{spec: channel.Default()}
	flags := cmd.Flags()
	if file := given(flags, "config"); file != nil {
		if err := readConfig(file[0], &d.spec); err != nil {
			return d, err
		}
	}
	if err := d.spec.ReadEnv(p.env); err != nil {
		return d, err
	}
	if err := applyFlags(flags, channel.AllSettings(), &d.spec); err != nil {
		return d, err
	}
	if on, err := flags.GetBool("no-auto-start"); err == nil && on {
		d.spec.AWS.AutoStart = false
	}
	d.json, _ = flags.GetBool("json")
	d.yes, _ = flags.GetBool("yes")
	if len(args) > 0 {
		d.spec.Source = args[0]
	}
	return d, d.complete()
}

// complete fills in the defaults, and makes the path of the source absolute for the
// CDK app.
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

// stack returns the name of the root stack.
func (d deployment) stack() string { return d.spec.AWS.Prefix() }

// flags returns the flags that name the deployment, without those of the defaults.
func (d deployment) flags() string {
	var b strings.Builder
	defaults := channel.Default()
	for _, s := range namingSettings() {
		if is := s.Get(&d.spec); !slices.Equal(is, s.Get(&defaults)) {
			b.WriteString(" --" + s.Flag() + " " + is[0])
		}
	}
	return b.String()
}

// connect connects to the account and region of a deployment.
func (p *Program) connect(ctx context.Context, d *deployment) (err error) {
	d.account, err = aws.Connect(ctx, aws.Options{Region: d.spec.AWS.Region, Clock: awsClock{p}, Backoff: cmp.Or(p.backoff, 20*time.Second)})
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

// pause waits, and reports false if ctx is done first.
func (p *Program) pause(ctx context.Context, d time.Duration) bool { return p.wait(ctx, d) == nil }

// wait waits by the wall clock.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// jsonFlag adds --json.
func jsonFlag(cmd *cobra.Command, usage string) {
	cmd.Flags().Bool("json", false, usage)
}

// jsonLine writes a value as one line of JSON.
func (p *Program) jsonLine(v any) {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // There may be no reader any more.
}
