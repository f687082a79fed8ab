package udp_test

import (
	"net"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/outputtest"
	"github.com/lilo-live/lilo/internal/output/udp"
)

func TestContract(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) { outputtest.Run(t, opener(host, nil)) })
	}
}

func TestContractMulticast(t *testing.T) {
	lo := loopback(t)
	for _, group := range []string{"239.255.77.1", "ff01::4c49"} {
		t.Run(group, func(t *testing.T) { outputtest.Run(t, opener(group, lo)) })
	}
}

// opener opens outputs to a host or to a multicast group on an interface.
func opener(host string, on *net.Interface) outputtest.Open {
	return func(t *testing.T, packets int) (output.Output, func(int) []byte) {
		l := outputtest.Listen(t, host, on)
		d := channel.Destination{Scheme: "udp", Host: host, Port: l.Port(), TTL: 3, Packets: packets}
		if on != nil {
			d.Interface = on.Name
		}
		o, err := udp.Open(t.Context(), d, output.Stream{})
		if err != nil {
			t.Skipf("this machine cannot send to %s: %v", host, err)
		}
		return o, func(n int) (all []byte) {
			for len(all) < n {
				all = append(all, l.Next()...)
			}
			return all
		}
	}
}

// loopback returns the loopback interface, and skips where multicast does not
// pass through it.
func loopback(t *testing.T) *net.Interface {
	all, err := net.Interfaces()
	if err != nil {
		t.Skip(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return &i
		}
	}
	t.Skip("no loopback interface")
	return nil
}

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
