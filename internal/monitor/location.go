package monitor

import (
	"cmp"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// location is where a stream comes from.
type location struct {
	path  string         // of a file, "-" for standard input, empty for a network address
	addr  netip.AddrPort // to listen on: one of this machine, or a multicast group to join
	iface string         // the network interface to join a group on: its name or one of its addresses; empty for the system's choice
}

// parseLocation parses rtp://HOST:PORT or udp://HOST:PORT, with ?iface=NAME for
// a multicast group, which a zone names too ([ff02::7%eth0]), or the path or URL of a file. An empty HOST and 0.0.0.0
// stand for every address of this machine; an @ before HOST, as some players
// write it, is ignored.
func parseLocation(s string) (location, error) {
	scheme, _, found := strings.Cut(s, "://")
	scheme = strings.ToLower(scheme)
	switch {
	case found && (scheme == "rtp" || scheme == "udp"):
		return parseNetwork(s)
	case found && scheme == "file":
		path, err := channel.FilePath(s)
		return location{path: path}, err
	case found:
		return location{}, fault.New(fault.Usage, "%s cannot be received: give rtp://host:port, udp://host:port or a file", s)
	case s == "":
		return location{}, fault.New(fault.Usage, "no stream to monitor: give rtp://host:port, udp://host:port or a file")
	}
	return location{path: s}, nil
}

func parseNetwork(s string) (location, error) {
	u, err := url.Parse(channel.EscapeZone(s))
	if err != nil {
		return location{}, fault.New(fault.Usage, "%s is not a URL: %w", s, err)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return location{}, fault.New(fault.Usage, "%s has no port from 1 to 65535: write %s://host:port", s, u.Scheme)
	}
	addr := netip.IPv4Unspecified()
	if host := u.Hostname(); host == "localhost" {
		addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	} else if host != "" {
		if addr, err = netip.ParseAddr(host); err != nil {
			return location{}, fault.New(fault.Destination,
				"%s is not an address: give one of this machine, a multicast group, or 0.0.0.0 for all", host)
		}
	}
	return location{addr: netip.AddrPortFrom(addr.Unmap(), uint16(port)), iface: cmp.Or(u.Query().Get("iface"), addr.Zone())}, nil
}
