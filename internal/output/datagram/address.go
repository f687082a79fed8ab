package datagram

import (
	"context"
	"net"
	"net/netip"
	"slices"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
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

// lookup finds the addresses of a host.
type lookup func(context.Context) ([]netip.AddrPort, error)

// lookupOf returns the lookup of a destination's host: nil for an address, of which the resolver
// would lose the zone. Of a name that has both, IPv4 comes first.
func lookupOf(to channel.Destination) (peer netip.AddrPort, find lookup) {
	if ip, err := netip.ParseAddr(to.Host); err == nil {
		return netip.AddrPortFrom(ip.Unmap(), uint16(to.Port)), nil
	}
	return netip.AddrPort{}, func(ctx context.Context) ([]netip.AddrPort, error) {
		ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", to.Host)
		if err != nil {
			return nil, fault.New(fault.Destination, "host %q does not resolve: %w", to.Host, err)
		}
		var all []netip.AddrPort
		for _, ip := range ips {
			all = append(all, netip.AddrPortFrom(ip.Unmap(), uint16(to.Port)))
		}
		slices.SortStableFunc(all, func(a, b netip.AddrPort) int { return a.Addr().BitLen() - b.Addr().BitLen() })
		return all, nil
	}
}

// candidates returns the addresses to try after one has failed: those that the host has
// now. The one that failed comes first, unless it is to be avoided, and is the only one
// where the host does not resolve.
func candidates(ctx context.Context, find lookup, failed netip.AddrPort, avoid bool) []netip.AddrPort {
	if find == nil {
		return []netip.AddrPort{failed}
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	all, err := find(ctx)
	if err != nil || len(all) == 0 {
		return []netip.AddrPort{failed}
	}
	i := slices.Index(all, failed)
	if i < 0 {
		return all
	}
	if avoid {
		i++
	}
	return append(slices.Clone(all[i:]), all[:i]...)
}
