package app

import (
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/lilo-live/lilo/deploy/aws/internal/stacks"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// wanted is the channel that is to be deployed, and how.
type wanted struct {
	spec    channel.Spec
	options stacks.Options
	// context is what the CDK was given, ours and its own.
	context map[string]any
}

// Keys that only the CDK app knows, besides those of the channel.
const (
	configKey     = "config"
	alarmTopicKey = "alarmTopic"
	sourceKeyKey  = "sourceKey"
	retainKey     = "retain"
)

// read puts together what the channel's file says, then the environment, then
// the context; the later wins.
func read(getenv func(string) string) (wanted, error) {
	given, err := contextOf(getenv(contextVariable))
	if err != nil {
		return wanted{}, err
	}
	w := wanted{spec: channel.Default(), context: given}
	get := func(key string) string {
		if text, ok := given[key].(string); ok && text != "" {
			return text
		}
		return getenv("LILO_" + strings.ToUpper(regexp.MustCompile(`[A-Z]`).ReplaceAllString(key, "_$0")))
	}
	if err := w.readConfig(get(configKey)); err != nil {
		return wanted{}, err
	}
	if err := w.spec.ReadEnv(getenv); err != nil {
		return wanted{}, err
	}
	if err := w.readContext(); err != nil {
		return wanted{}, err
	}
	w.options = stacks.Options{
		Account: getenv(accountVariable), AlarmTopic: get(alarmTopicKey), SourceKey: get(sourceKeyKey), Retain: get(retainKey) == "true",
	}
	return w, w.complete()
}

func (w *wanted) readConfig(path string) error {
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

// readContext takes the settings among the context; the rest is the CDK's.
func (w *wanted) readContext() error {
	for _, each := range append(channel.Settings(), channel.DeploySettings()...) {
		value, ok := w.context[each.Key]
		if !ok || value == "" {
			continue
		}
		values := []string{fmt.Sprint(value)}
		if each.List {
			values = strings.Fields(values[0])
		}
		if err := w.spec.Set(each.Key, values...); err != nil {
			return fault.New(fault.Usage, "-c %s: %w", each.Key, err)
		}
	}
	return nil
}

// complete checks what only a deployment must know.
func (w *wanted) complete() error {
	if len(w.spec.To) == 0 {
		return fault.New(fault.Usage, "to: a destination is missing: give -c to=rtp://ip:port, LILO_TO, or to: in the channel's file")
	}
	for key, arn := range map[string]string{alarmTopicKey: w.options.AlarmTopic, sourceKeyKey: w.options.SourceKey} {
		if arn != "" && !strings.HasPrefix(arn, "arn:") {
			return fault.New(fault.Usage, "%s: %q is not an ARN", key, arn)
		}
	}
	var err error
	w.spec, err = w.spec.Complete()
	return err
}

// local says whether the source is a file of this machine.
func (w *wanted) local() bool { return w.spec.Source != "" && !strings.Contains(w.spec.Source, "://") }

// warnings are about what can be meant so, but hardly is.
func (w *wanted) warnings() []string {
	if slices.ContainsFunc(w.spec.To, isLoopback) {
		return []string{"to: a loopback address leads nowhere from AWS"}
	}
	return nil
}

func isLoopback(d channel.Destination) bool {
	a, err := netip.ParseAddr(d.Host)
	return err == nil && a.IsLoopback()
}
