package cli

import (
	"cmp"
	"context"
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

// configVariable names the channel's file to the CDK app.
const configVariable = "LILO_CONFIG"

// deployment is what the command line says of one.
type deployment struct {
	spec channel.Spec
	json bool
	yes  bool
}

// deploymentFlags adds the flags of deploy and synth: what of a channel means
// something on MediaLive, and what a deployment needs besides.
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

// naming adds the flags that say which deployment is meant.
func naming(cmd *cobra.Command) {
	settingFlags(cmd.Flags(), namingSettings())
	cmd.Flags().VarP(&flagValue{kind: "FILE"}, "config", "", "read them from the YAML that was deployed; LILO_… variables win over it, flags over both")
}

// namingSettings returns the settings that name a deployment.
func namingSettings() []setting.Field[channel.Spec] {
	return slices.DeleteFunc(channel.DeploySettings(), func(s setting.Field[channel.Spec]) bool {
		return !slices.Contains([]string{"region", "stack", "customer", "project"}, s.Key)
	})
}

// deployment reads what is said of one: the file, then the environment, then
// the flags, the later winning.
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

// complete fills in what was left out, and makes a path one that holds
// wherever the app runs.
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
	spec.To, spec.AWS = to, spec.AWS.Filled() // Nothing is sent to this machine by default.
	d.spec = spec
	return nil
}

// stack is the name of the root stack.
func (d deployment) stack() string { return d.spec.AWS.Prefix() }

// flags repeats on a command line which deployment is meant, where that is not the usual one.
func (d deployment) flags() string {
	var b strings.Builder
	usual := channel.Default()
	for _, s := range namingSettings() {
		if is := s.Get(&d.spec); !slices.Equal(is, s.Get(&usual)) {
			b.WriteString(" --" + s.Flag() + " " + is[0])
		}
	}
	return b.String()
}

// connect connects to the account in the region of a deployment.
func (p *Program) connect(ctx context.Context, d deployment) (*aws.Account, error) {
	return aws.Connect(ctx, aws.Options{Region: d.spec.AWS.Region, Clock: waiting{p}, Backoff: cmp.Or(p.backoff, 20*time.Second)})
}

// waiting is the clock by which a deployment is waited for.
type waiting struct{ p *Program }

// Now is the instant.
func (w waiting) Now() time.Time { return w.p.now() }

// Wait returns when so much time has passed or ctx is done.
func (w waiting) Wait(ctx context.Context, d time.Duration) error { return w.p.wait(ctx, d) }

// over reports whether ctx is done.
func over(ctx context.Context) bool { return ctx.Err() != nil }

// pause waits, and returns false when ctx is done first.
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
func jsonFlag(cmd *cobra.Command, what string) {
	cmd.Flags().Bool("json", false, what)
}
