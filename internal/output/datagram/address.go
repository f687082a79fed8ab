package datagram

import (
	"context"
	"net"
	"net/netip"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// address is where datagrams go and how.
type address struct {
	url   string
	peer  netip.AddrPort
	ttl   int    // hops, 0 leaves them to the system
	iface string // multicast leaves by it, empty leaves it to the system
	size  int    // bytes a datagram
}

// resolve looks the host up, once: a channel does not change its receiver
// while it plays. IPv4 goes first where a name has both.
func resolve(ctx context.Context, d channel.Destination, url string, size int) (address, error) {
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", d.Host)
	if err != nil {
		return address{}, fault.New(fault.Destination, "%s: host %q does not resolve: %w", url, d.Host, err)
	}
	peer := netip.AddrPortFrom(prefer4(ips), uint16(d.Port))
	return address{url: url, peer: peer, ttl: d.TTL, iface: d.Interface, size: size}, nil
}

func prefer4(ips []netip.Addr) netip.Addr {
	for _, ip := range ips {
		if ip.Unmap().Is4() {
			return ip.Unmap()
		}
	}
	return ips[0]
}

// interfaceIndex returns the number of the interface the address names, 0 for none.
func (a address) interfaceIndex() (int, error) {
	if a.iface == "" {
		return 0, nil
	}
	ifi, err := net.InterfaceByName(a.iface)
	if err != nil {
		return 0, fault.New(fault.Destination, "%s: no network interface %q: %w", a.url, a.iface, err)
	}
	return ifi.Index, nil
}
