package server

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// Config is what a configuration file says.
type Config struct {
	// Channels are those that there should be.
	Channels []channel.Listed

	settings []said
}

// said is a setting as the file has it.
type said struct {
	key    string
	values []string
}

// ReadConfig reads a configuration file: the settings of a server, and under
// channels those that there should be. Faults are of kind Usage; those of what
// stands in the file tell the line.
func ReadConfig(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, reason(err))
	}
	defer f.Close()
	c := new(Config)
	var probe Options
	c.Channels, err = channel.ReadList(f, func(key string, values []string) error {
		if key == "config" {
			return fault.New(fault.Usage, "it cannot stand in the configuration itself")
		}
		if !slices.ContainsFunc(Settings(), func(s Setting) bool { return s.Key == key }) {
			return fault.New(fault.Usage, "it is not known (channels, %s are)", strings.Join(keys(), ", "))
		}
		c.settings = append(c.settings, said{key, values})
		return probe.Set(key, values...)
	})
	if err != nil {
		return nil, fault.New(fault.Usage, "%s: %w", path, reason(err))
	}
	for _, one := range c.Channels {
		if err := suits(one.Spec); err != nil {
			return nil, fault.New(fault.Usage, "%s: line %d: %w", path, one.Line, err)
		}
	}
	return c, nil
}

// suits refuses what only lilo run and render can do.
func suits(s channel.Spec) error {
	if s.For > 0 {
		return fault.New(fault.Usage, "for: a server's channel plays until it is stopped: leave it out")
	}
	_, err := documentOf(s, "clip.mp4") // Wherever it lies.
	return err
}

func keys() []string {
	var all []string
	for _, s := range Settings() {
		all = append(all, s.Key)
	}
	return all
}

// reason takes the name of the file, which the caller tells, out of an error.
func reason(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// Apply gives the options what the file says, but for the settings that are
// given otherwise. Faults are of kind Usage.
func (c *Config) Apply(o *Options, otherwise func(key string) bool) error {
	for _, s := range c.settings {
		if otherwise(s.key) {
			continue
		}
		if err := o.Set(s.key, s.values...); err != nil {
			return fault.New(fault.Usage, "%s: %w", s.key, err)
		}
	}
	return nil
}

// changed returns the keys of the settings that two files have differently.
func (c *Config) changed(from *Config) []string {
	var all []string
	for _, key := range keys() {
		if !slices.Equal(c.of(key), from.of(key)) {
			all = append(all, key)
		}
	}
	return all
}

func (c *Config) of(key string) []string {
	for _, s := range c.settings {
		if s.key == key {
			return s.values
		}
	}
	return nil
}
