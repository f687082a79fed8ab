package datagram

import (
	"net"
	"net/netip"
	"strconv"
)

// zone returns the number of the interface a link-local address belongs to:
// its own zone (fe80::1%eth0) or the interface the destination names.
func zone(ip netip.Addr, index int) int {
	if ip.Zone() == "" {
		return index
	}
	if n, err := strconv.Atoi(ip.Zone()); err == nil {
		return n
	}
	if ifi, err := net.InterfaceByName(ip.Zone()); err == nil {
		return ifi.Index
	}
	return index
}
