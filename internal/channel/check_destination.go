package channel

import (
	"cmp"
	"fmt"
	"net/netip"

	"github.com/lilo-live/lilo/internal/packet"
)

// Sizes of headers in bytes.
const (
	RTPHeader = 12 // without CSRCs (RFC 3550, 5.1)
	FECHeader = 16 // after that of RTP (SMPTE 2022-1, 8.1; RFC 2733, 4, with its extension)
)

// Check reports an option that does not fit the others, the address or the FEC, nil for
// none. Of a host that is a name, what it resolves to is checked when it is opened.
func (d Destination) Check(f *FEC) error {
	peer, err := netip.ParseAddr(d.Host)
	if err != nil {
		return nil //nolint:nilerr // It is a name.
	}
	peer = peer.Unmap()
	header := 0
	if d.Kind().RTP {
		header = RTPHeader
		if f != nil {
			header += FECHeader
		}
	}
	return cmp.Or(d.CheckLink(peer), d.CheckSAP(peer), d.CheckMTU(peer, header))
}

// CheckLink reports a source address of the other IP version than peer's, and an address of
// one link without its interface. An address that iface= gives is the source only if
// localaddr= gives none.
func (d Destination) CheckLink(peer netip.Addr) error {
	for _, option := range []struct{ key, text string }{{"localaddr", d.LocalAddr}, {"iface", d.Interface}} {
		source, err := netip.ParseAddr(option.text)
		if err != nil {
			continue // It is not given, or the name of an interface.
		}
		if source.Unmap().Is4() != peer.Is4() {
			return fmt.Errorf("%s=%s cannot be the source of datagrams to %s: one is IPv4, the other IPv6", option.key, option.text, peer)
		}
		break
	}
	oneLink := peer.Is6() && (peer.IsLinkLocalUnicast() || peer.IsLinkLocalMulticast() || peer.IsInterfaceLocalMulticast())
	if oneLink && d.Interface == "" && peer.Zone() == "" {
		return fmt.Errorf("%s is an address of one link: name its network interface, as in [%s%%eth0] or iface=eth0", peer, peer)
	}
	return nil
}

// CheckSAP reports an announcement of what is no group.
func (d Destination) CheckSAP(peer netip.Addr) error {
	if d.SAP && !peer.IsMulticast() {
		return fmt.Errorf("sap= announces multicast groups, and %s is none: leave it out", peer)
	}
	return nil
}

// CheckMTU reports more TS packets a datagram, beside that many bytes of header, than MTU takes.
func (d Destination) CheckMTU(peer netip.Addr, header int) error {
	if fit := Fitting(d.MTU, peer, header); d.MTU != 0 && d.Packets > fit {
		return fmt.Errorf("pkt=%d does not fit into mtu=%d: pkt=%d does", d.Packets, d.MTU, fit)
	}
	return nil
}

// Fitting returns how many TS packets a datagram to an address has at most, beside that many
// bytes of header, in an IP packet of mtu bytes.
func Fitting(mtu int, to netip.Addr, header int) int {
	return max(0, min(MaxPackets, (mtu-IPHeaders(to)-header)/packet.Size))
}

// IPHeaders returns the size of the headers of IPv4 or IPv6 and of UDP in bytes.
func IPHeaders(to netip.Addr) int {
	if to.Is4() {
		return 20 + 8
	}
	return 40 + 8
}
