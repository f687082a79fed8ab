package udp_test

import (
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/udp"
)

func TestOpenFaults(t *testing.T) {
	for name, d := range map[string]channel.Destination{
		"a name that does not resolve": {Scheme: "udp", Host: "lilo.invalid", Port: 5000},
		"an interface that is not":     {Scheme: "udp", Host: "239.1.1.1", Port: 5000, Interface: "nosuch0"},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := udp.Open(t.Context(), d, output.Stream{})
			if err == nil {
				t.Fatalf("Open succeeded: %v", o.Close())
			}
			if got := fault.KindOf(err); got != fault.Destination {
				t.Errorf("kind %d of %q, want %d", got, err, fault.Destination)
			}
		})
	}
}
