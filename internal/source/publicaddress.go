package source

import (
	"errors"
	"net/netip"
	"syscall"
)

// errPrivate reports that a name leads to an address that is not public.
var errPrivate = errors.New("private address")

// publicOnly is a net.Dialer.Control that allows only public addresses. It sees
// the address after the name was resolved, so a name that resolves to another
// address the second time does not get past it.
func publicOnly(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !public(a.Addr()) {
		return errPrivate
	}
	return nil
}

// public reports whether an address belongs to the public internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// notPublic returns the special-purpose prefixes (registries of RFC 6890) that
// netip does not know.
func notPublic() []netip.Prefix {
	var list []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8",       // this network
		"100.64.0.0/10",   // carrier-grade NAT
		"192.0.0.0/24",    // protocol assignments
		"192.88.99.0/24",  // 6to4 relays
		"198.18.0.0/15",   // benchmarks
		"240.0.0.0/4",     // reserved
		"64:ff9b::/96",    // NAT64: holds any address of version 4
		"64:ff9b:1::/48",  // local NAT64
		"100::/64",        // discard
		"2001::/23",       // Teredo and other assignments
		"2002::/16",       // 6to4: holds any address of version 4
		"fec0::/10",       // site-local
		"::/96",           // compatible: holds any address of version 4
		"::ffff:0:0:0/96", // translated
	} {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}
