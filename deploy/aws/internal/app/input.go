package app

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/aws/stacks"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// input is the channel to deploy, and how.
type input struct {
	spec  channel.Spec
	files stacks.Files
	// context is the CDK's context: settings of LILO, and the CDK's own.
	context map[string]any
}

// Names of the file with the channel: in the context, and in the environment.
const (
	configKey      = "config"
	configVariable = "LILO_CONFIG"
)

// read reads the channel's file, then the environment, then the context; the
// later wins. lilo deploy hands over one complete file and nothing else.
func read(getenv func(string) string) (input, error) {
	given, err := contextOf(getenv(contextVariable))
	if err != nil {
		return input{}, err
	}
	w := input{spec: channel.Default(), context: given}
	file, _ := given[configKey].(string)
	if err := w.readConfig(cmp.Or(file, getenv(configVariable))); err != nil {
		return input{}, err
	}
	if err := w.spec.ReadEnv(getenv); err != nil {
		return input{}, err
	}
	err = setting.ReadTexts(channel.AllSettings(), &w.spec, func(f setting.Field[channel.Spec]) (name, text string) {
		if value, ok := given[f.Key]; ok {
			text = fmt.Sprint(value)
		}
		return "-c " + f.Key, text
	})
	if err != nil {
		return input{}, err
	}
	return w, w.complete()
}

func (w *input) readConfig(path string) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fault.New(fault.Usage, "config: %w", err)
	}
	defer f.Close()
	if err := w.spec.Read(f); err != nil {
		return fault.New(fault.Usage, "%s: %w", path, err)
	}
	return nil
}

// complete checks what a deployment needs and fills in the defaults.
func (w *input) complete() error {
	if len(w.spec.To) == 0 {
		return fault.New(fault.Usage, "to: a destination is missing: give -c to=rtp://ip:port, LILO_TO, or to: in the channel's file")
	}
	var err error
	w.spec, err = w.spec.Complete()
	return err
}

// local reports whether the source is a file of this machine.
func (w *input) local() bool { return w.spec.Source != "" && !strings.Contains(w.spec.Source, "://") }

// warnings returns settings that are valid and probably not meant.
func (w *input) warnings() []string {
	if slices.ContainsFunc(w.spec.To, isLocal) {
		return []string{"to: a loopback or private address cannot be reached from MediaLive's own network"}
	}
	return nil
}

func isLocal(d channel.Destination) bool {
	a, err := netip.ParseAddr(d.Host)
	return err == nil && (a.IsLoopback() || a.IsPrivate())
}
