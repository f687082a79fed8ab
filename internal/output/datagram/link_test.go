package datagram

import (
	"net"
	"net/netip"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

// loopback returns the loopback interface.
func loopback(t *testing.T) *net.Interface {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Flags&net.FlagLoopback != 0 {
			return &all[i]
		}
	}
	t.Fatal("no loopback interface")
	return nil
}

func TestLink(t *testing.T) {
	lo := loopback(t)
	type to = channel.Destination
	local := netip.MustParseAddr("127.0.0.1")
	for name, c := range map[string]struct {
		peer   string
		to     to
		index  int
		source netip.Addr
		err    string
	}{
		"the system's choice":           {"192.0.2.1", to{}, 0, netip.Addr{}, ""},
		"by name":                       {"239.1.1.1", to{Interface: lo.Name}, lo.Index, netip.Addr{}, ""},
		"by address":                    {"239.1.1.1", to{Interface: "127.0.0.1"}, lo.Index, local, ""},
		"by name, from an address":      {"239.1.1.1", to{Interface: lo.Name, LocalAddr: "192.0.2.9"}, lo.Index, netip.MustParseAddr("192.0.2.9"), ""},
		"by zone":                       {"ff02::7%" + lo.Name, to{}, lo.Index, netip.Addr{}, ""},
		"by zone and the same name":     {"fe80::7%" + lo.Name, to{Interface: lo.Name}, lo.Index, netip.Addr{}, ""},
		"from an address":               {"192.0.2.1", to{LocalAddr: "127.0.0.1"}, 0, local, ""},
		"nobody's name":                 {"192.0.2.1", to{Interface: "none0"}, 0, netip.Addr{}, `no network interface "none0": choose another with iface=`},
		"nobody's address":              {"192.0.2.1", to{Interface: "192.0.2.77"}, 0, netip.Addr{}, "no network interface has the address 192.0.2.77: choose another with iface="},
		"nobody's zone":                 {"fe80::1%none0", to{}, 0, netip.Addr{}, `no network interface "none0": choose another with iface=`},
		"a zone and another interface":  {"fe80::1%none0", to{Interface: lo.Name}, 0, netip.Addr{}, "iface=" + lo.Name + " is not the interface %none0 of the address: leave one of them out"},
		"a link-local address, no link": {"ff02::7", to{}, 0, netip.Addr{}, "ff02::7 is an address of one link: name its network interface, as in [ff02::7%eth0] or iface=eth0"},
		"another IP version": {
			"2001:db8::1",
			to{LocalAddr: "127.0.0.1"},
			0,
			netip.Addr{},
			"localaddr=127.0.0.1 cannot be the source of datagrams to 2001:db8::1: one is IPv4, the other IPv6",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := address{Destination: c.to, peer: netip.AddrPortFrom(netip.MustParseAddr(c.peer), 5000)}
			l, err := a.link()
			if err != nil || c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Fatalf("%v, want %q", err, c.err)
				}
				return
			}
			index := 0
			if l.Interface != nil {
				index = l.Index
			}
			if index != c.index || l.source != c.source {
				t.Errorf("interface %d from %v, want %d from %v", index, l.source, c.index, c.source)
			}
		})
	}
}
