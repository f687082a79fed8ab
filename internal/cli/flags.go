package cli

import (
	"cmp"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// channelFlags adds a flag for every setting of a channel, and --config.
func channelFlags(cmd *cobra.Command, defaults map[string]string) {
	settings := channel.Settings()
	for i := range settings {
		settings[i].Default = cmp.Or(defaults[settings[i].Key], settings[i].Default)
	}
	settingFlags(cmd.Flags(), settings)
	cmd.Flags().VarP(&flagValue{kind: "FILE"}, "config", "", "read all of these, and the source, from YAML; flags win")
}

// settingFlags adds the flags of settings in the order of the table; a source is an argument.
func settingFlags[S any](flags *pflag.FlagSet, settings []setting.Field[S]) {
	flags.SortFlags = false
	for _, s := range settings {
		if s.Key == "source" {
			continue
		}
		f := flags.VarPF(&flagValue{kind: s.Value, list: s.List}, s.Flag(), "", s.Help())
		if s.IsSwitch() {
			f.NoOptDefVal = "true"
		}
	}
}

// flagValue is a flag whose text is kept for a setting to read.
type flagValue struct {
	kind  string // what the help calls a value
	list  bool
	given []string
}

// String shows no default: the usage says it in words.
func (v *flagValue) String() string { return "" }

// Type names the value in the help; a switch has none.
func (v *flagValue) Type() string { return cmp.Or(v.kind, "bool") }

// Set keeps the text. A flag given again replaces the first, but for a list.
func (v *flagValue) Set(text string) error {
	if !v.list {
		v.given = nil
	}
	v.given = append(v.given, text)
	return nil
}

// given returns the texts that a flag was given, nil for none.
func given(flags *pflag.FlagSet, name string) []string {
	f := flags.Lookup(name)
	if f == nil || !f.Changed {
		return nil
	}
	return f.Value.(*flagValue).given
}

// applyFlags sets what the flags of settings say.
func applyFlags[S any](flags *pflag.FlagSet, settings []setting.Field[S], to *S) error {
	for _, s := range settings {
		if values := given(flags, s.Flag()); values != nil {
			if err := s.Set(to, values...); err != nil {
				return fault.New(fault.Usage, "--%s: %w", s.Flag(), err)
			}
		}
	}
	return nil
}

// spec returns the channel that the configuration, the flags and the argument
// describe, on top of the one given.
func spec(cmd *cobra.Command, args []string, base channel.Spec) (channel.Spec, error) {
	flags := cmd.Flags()
	if file := given(flags, "config"); file != nil {
		if err := readConfig(file[0], &base); err != nil {
			return base, err
		}
	}
	if err := applyFlags(flags, channel.Settings(), &base); err != nil {
		return base, err
	}
	if len(args) > 0 {
		if args[0] == "" {
			return base, fault.New(fault.Usage, "the source is empty: leave it out to play the bundled clip")
		}
		base.Source = args[0]
	}
	return base.Complete()
}

func readConfig(file string, s *channel.Spec) error {
	f, err := os.Open(file)
	if err != nil {
		return fault.New(fault.Usage, "--config %s: %w", file, fault.Reason(err))
	}
	defer f.Close()
	if err := s.Read(f); err != nil {
		return fault.New(fault.Usage, "--config %s: %w", file, fault.Reason(err))
	}
	return nil
}
