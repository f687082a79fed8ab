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
	channel.Destination

	url  string
	peer netip.AddrPort // a link-local address with its zone
	head int            // bytes of header a datagram
	// reserve is how many bytes longer than that the longest datagram beside these is.
	reserve int
	body    int // bytes of TS packets a datagram
}

// resolve looks the host up, once: a channel keeps its receiver while it plays.
// Of a name that has both, IPv4 is preferred.
func resolve(ctx context.Context, to channel.Destination) (address, error) {
	a := address{Destination: to, url: to.Target().String(), body: to.MostPackets() * packet.Size}
	ip, err := netip.ParseAddr(to.Host) // The resolver loses the zone of an address.
	if err != nil {
		ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", to.Host)
		if err != nil {
			return address{}, fault.New(fault.Destination, "%s: host %q does not resolve: %w", a.url, to.Host, err)
		}
		ip = ips[max(0, slices.IndexFunc(ips, func(ip netip.Addr) bool { return ip.Unmap().Is4() }))]
	}
	a.peer = netip.AddrPortFrom(ip.Unmap(), uint16(to.Port))
	return a, nil
}
