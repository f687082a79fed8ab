package server

import (
	"os"
	"slices"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// Config is what a configuration file says.
type Config struct {
	// Options are the defaults with what the file says.
	Options
	// Channels are those that the file declares.
	Channels []ChannelConfig

	defaults Options
}

// ChannelConfig is a channel that a configuration file declares.
type ChannelConfig struct {
	channel.Spec
	// Line is the line at which it begins.
	Line int
}

// YAML returns the keys of a configuration: Settings, and channels.
func YAML() []setting.Field[Config] {
	channels := setting.Row{Key: "channels", Usage: "channels that the server creates, starts and keeps as they are here"}
	return append(setting.Prefixed("", func(c *Config) *Options { return &c.Options }, Settings()),
		setting.Each(channels, channel.YAML(), channel.Default, (*Config).declare))
}

// declare adds a channel, once it is complete.
func (c *Config) declare(s channel.Spec, line int) error {
	s, err := s.Complete()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(c.Channels, func(other ChannelConfig) bool { return other.Name == s.Name }); i >= 0 {
		return fault.New(fault.Usage, "%q is the name of the channel of line %d already", s.Name, c.Channels[i].Line)
	}
	if s.For > 0 {
		return fault.New(fault.Usage, "for: a server's channel plays until it is stopped: leave it out")
	}
	if _, err := documentOf(s, "clip.mp4"); err != nil { // Wherever the clip lies.
		return err
	}
	c.Channels = append(c.Channels, ChannelConfig{s, line})
	return nil
}

// ReadConfig reads a configuration file on top of the defaults. Faults are of
// kind Usage; those of what the file says name the line.
func ReadConfig(path string, defaults Options) (*Config, error) {
	c := &Config{Options: defaults, defaults: defaults}
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		err = setting.ReadYAML(f, YAML(), c)
	}
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, fault.Reason(err))
	}
	return c, nil
}

// changed returns the keys of the settings that differ from another file's.
func (c *Config) changed(from *Config) []string {
	var all []string
	for _, f := range Settings() {
		if !slices.Equal(f.Get(&c.Options), f.Get(&from.Options)) {
			all = append(all, f.Key)
		}
	}
	return all
}
