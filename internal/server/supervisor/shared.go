package supervisor

import (
	"fmt"
	"slices"
	"strings"
)

// sender is a pipeline on air.
type sender struct {
	of    *runtime
	index int
}

func (s sender) String() string {
	return fmt.Sprintf("pipeline %d of channel %q (%s)", s.index, s.of.name(), s.of.id)
}

// inspectAddresses updates the alerts of pipelines that send to one address: its
// receivers get a mixture of their streams.
func inspectAddresses(all []*runtime) {
	senders := map[string][]sender{}
	for _, c := range all {
		for i, p := range c.snapshot() {
			if p.Playback == nil {
				continue
			}
			for _, a := range p.addresses {
				senders[a] = append(senders[a], sender{c, i})
			}
		}
	}
	for _, c := range all {
		for i, p := range c.snapshot() {
			var shared []string
			for _, a := range p.addresses {
				if with := others(senders[a], sender{c, i}); p.Playback != nil && len(with) > 0 {
					shared = append(shared, fmt.Sprintf("%s gets a mixture of this stream and that of %s: give each an address of its own", a, strings.Join(with, ", ")))
				}
			}
			c.alerts.setIf(len(shared) > 0, i, alertShared, strings.Join(shared, "; "))
		}
	}
}

// others returns the names of all senders but one, in order.
func others(all []sender, one sender) (names []string) {
	if len(all) < 2 {
		return nil
	}
	for _, s := range all {
		if s != one {
			names = append(names, s.String())
		}
	}
	slices.Sort(names)
	return names
}
