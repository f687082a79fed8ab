package datagram

import (
	"context"
	"net"
	"net/netip"
	"slices"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/packet"
)

// address says where datagrams go and how.
type address struct {
	url   string
	peer  netip.AddrPort
	ttl   int    // hops, 0 for the system's default
	iface string // by which multicast leaves, "" for the system's choice
	head  int    // bytes of header a datagram
	body  int    // bytes of TS packets a datagram
}

// resolve looks the host up, once: a channel keeps its receiver while it plays.
// Of a name that has both, IPv4 is preferred.
func resolve(ctx context.Context, to channel.Destination) (address, error) {
	a := address{url: to.WithoutOptions().String(), ttl: to.TTL, iface: to.Interface, body: to.Packets * packet.Size}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", to.Host)
	if err != nil {
		return address{}, fault.New(fault.Destination, "%s: host %q does not resolve: %w", a.url, to.Host, err)
	}
	i := max(0, slices.IndexFunc(ips, func(ip netip.Addr) bool { return ip.Unmap().Is4() }))
	a.peer = netip.AddrPortFrom(ips[i].Unmap(), uint16(to.Port))
	return a, nil
}

// interfaceIndex returns the number of the interface the address names, 0 for none.
func (a address) interfaceIndex() (int, error) {
	if a.iface == "" {
		return 0, nil
	}
	ifi, err := net.InterfaceByName(a.iface)
	if err != nil {
		return 0, fault.New(fault.Destination, "no network interface %q: choose another with iface=", a.iface)
	}
	return ifi.Index, nil
}
