package cli

import (
	"cmp"
	"errors"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// channelFlags adds a flag for every setting of a channel but those that change nothing
// for the command, and --config.
func channelFlags(cmd *cobra.Command, defaults map[string]string, without ...string) {
	settings := slices.DeleteFunc(channel.Settings(), func(s setting.Field[channel.Spec]) bool { return slices.Contains(without, s.Key) })
	for i := range settings {
		settings[i].Default = cmp.Or(defaults[settings[i].Key], settings[i].Default)
	}
	settingFlags(cmd.Flags(), settings)
	cmd.Flags().String("config", "", "read all of these, and the source, from a YAML `FILE`; LILO_… variables win over it, flags over both")
}

// settingFlags adds the flags of settings in the order of the table; a source is an argument.
func settingFlags[S any](flags *pflag.FlagSet, settings []setting.Field[S]) {
	flags.SortFlags = false
	for _, s := range settings {
		if s.Key == "source" {
			continue
		}
		f := flags.VarPF(&settingFlag{kind: s.Value, list: s.List, complete: s.Complete}, s.Flag(), "", s.Help())
		if s.IsSwitch() {
			f.NoOptDefVal = "true"
		}
	}
}

// settingFlag is the flag of a setting. It keeps the text, since the setting is
// applied after the configuration file.
type settingFlag struct {
	kind     string // the name of a value in the help
	list     bool
	complete func(text string) []string
	given    []string
}

// String shows no default: the usage says it in words.
func (v *settingFlag) String() string { return "" }

// Type names the value in the help; a switch has none.
func (v *settingFlag) Type() string { return cmp.Or(v.kind, "bool") }

// Set keeps the text. A flag given again replaces the first, but for a list.
func (v *settingFlag) Set(text string) error {
	if !v.list {
		v.given = nil
	}
	v.given = append(v.given, text)
	return nil
}

// applyFlags sets the settings whose flags were given.
func applyFlags[S any](flags *pflag.FlagSet, settings []setting.Field[S], to *S) error {
	for _, s := range settings {
		f := flags.Lookup(s.Flag())
		if f == nil || !f.Changed {
			continue
		}
		if err := s.Set(to, f.Value.(*settingFlag).given...); err != nil {
			return fault.New(fault.Usage, "--%s: %w", s.Flag(), err)
		}
	}
	return nil
}

// durationFlag is a flag with a length of time, written as in settings.
type durationFlag time.Duration

// String shows no default: the usage says it in words.
func (d *durationFlag) String() string { return "" }

// Type names the value in the help.
func (d *durationFlag) Type() string { return "D" }

// Set implements pflag.Value.
func (d *durationFlag) Set(text string) error {
	v, err := setting.ParseDuration(text)
	*d = durationFlag(v)
	return err
}

// spec returns the channel that the configuration, the environment, the flags and the
// argument describe, of which the later win, on top of the one given.
func (p *Program) spec(cmd *cobra.Command, args []string, base channel.Spec) (channel.Spec, error) {
	if err := readConfig(cmd.Flags(), &base); err != nil {
		return base, err
	}
	if err := setting.ReadEnv(channel.Settings(), &base, p.env); err != nil {
		return base, err
	}
	if err := applyFlags(cmd.Flags(), channel.Settings(), &base); err != nil {
		return base, err
	}
	if len(args) > 0 {
		if args[0] == "" {
			return base, fault.New(fault.Usage, "the source is empty: leave it out to play the bundled clip")
		}
		if err := base.Set("source", args[0]); err != nil {
			return base, err
		}
	}
	return base.Complete()
}

// readConfig reads the file of --config, if the flag was given.
func readConfig(flags *pflag.FlagSet, s *channel.Spec) error {
	if !flags.Changed("config") {
		return nil
	}
	file := flags.Lookup("config").Value.String()
	f, err := os.Open(file)
	if err == nil {
		defer f.Close()
		err = s.Read(f)
	}
	if err != nil {
		return fault.New(fault.Usage, "--config %s: %w", file, fault.Reason(err))
	}
	return nil
}

// flagError turns an error of the flag library into one line with a hint.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	help := cmd.CommandPath() + " --help"
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fault.New(fault.Usage, "--%s: %w", invalid.GetFlag().Name, errors.Unwrap(invalid))
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return fault.New(fault.Usage, "%w (%s)", err, help)
	}
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		return fault.New(fault.Usage, "there is no flag -%s (%s lists them)", name, help)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := setting.Nearest(name, names); near != "" {
		return fault.New(fault.Usage, "there is no flag --%s: did you mean --%s? (%s)", name, near, help)
	}
	return fault.New(fault.Usage, "there is no flag --%s (%s lists them)", name, help)
}
