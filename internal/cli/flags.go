package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// channelFlags adds a flag for every setting of a channel, and --config.
func channelFlags(cmd *cobra.Command, defaults map[string]string) {
	flags := cmd.Flags()
	flags.SortFlags = false
	for _, s := range channel.Settings() {
		if s.Key != "source" {
			settingFlag(flags, s, defaults[s.Key])
		}
	}
	flags.VarP(&setting{value: "FILE"}, "config", "", "read all of these, and the source, from YAML; flags win")
}

// settingFlag adds the flag of a setting, with a default of its own or the setting's.
func settingFlag(flags *pflag.FlagSet, s channel.Setting, usual string) {
	if usual == "" {
		usual = s.Default
	}
	flags.VarP(&setting{value: s.Value, list: s.List}, s.Key, "", s.Usage+" (default "+usual+")")
}

// encodeFlag adds --encode alone.
func encodeFlag(flags *pflag.FlagSet) {
	for _, s := range channel.Settings() {
		if s.Key == "encode" {
			settingFlag(flags, s, "")
		}
	}
}

// setting is a flag whose text is kept for the spec to read.
type setting struct {
	value string // what the help calls it
	list  bool
	given []string
}

// String shows no default: the usage says it in words.
func (s *setting) String() string { return "" }

// Type names the value in the help; a switch has none.
func (s *setting) Type() string { return cmp.Or(s.value, "bool") }

// Set keeps the text. A flag given again wins over itself, but for a list.
func (s *setting) Set(text string) error {
	if !s.list {
		s.given = nil
	}
	s.given = append(s.given, text)
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
	for _, s := range channel.Settings() {
		values := given(flags, s.Key)
		if values == nil {
			continue
		}
		if err := base.Set(s.Key, values...); err != nil {
			return base, fault.New(fault.Usage, "--%s: %w", s.Key, err)
		}
	}
	if len(args) > 0 {
		if args[0] == "" {
			return base, fault.New(fault.Usage, "the source is empty: leave it out to play the bundled clip")
		}
		base.Source = args[0]
	}
	return base.Complete()
}

// given returns what was said of a flag, nil for nothing.
func given(flags *pflag.FlagSet, name string) []string {
	f := flags.Lookup(name)
	if f == nil || !f.Changed {
		return nil
	}
	return f.Value.(*setting).given
}

func readConfig(file string, s *channel.Spec) error {
	f, err := os.Open(file)
	if err != nil {
		return fault.New(fault.Usage, "--config %s: %w", file, reason(err))
	}
	defer f.Close()
	if err := s.Read(f); err != nil {
		return fault.New(fault.Usage, "--config %s: %w", file, reason(err))
	}
	return nil
}

// reason takes the name of the file, which the caller tells, out of an error.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
