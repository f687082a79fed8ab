package aws

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
)

// CheckDestinations checks that MediaLive can send to the destinations of a spec.
func CheckDestinations(s channel.Spec) []Check {
	if len(s.To) == 0 {
		return []Check{bad(fault.Usage, "destination", "none is given", "give --to rtp://ADDRESS:PORT, the receiver's public address")}
	}
	var checks []Check
	for _, d := range s.To {
		checks = append(checks, checkDestination(d))
	}
	if s.AWS.Standard && len(s.To)%2 != 0 {
		checks = append(checks, bad(fault.Usage, "destination", fmt.Sprintf("%d for a channel of two pipelines", len(s.To)), "give --to twice: the first is pipeline 0's, the second pipeline 1's"))
	}
	return append(checks, clashes(s)...)
}

func checkDestination(d channel.Destination) Check {
	name := "destination"
	if d.String() != d.WithoutOptions().String() {
		return Check{Name: name, Result: Warning, Text: d.String() + ": MediaLive has no such options", Remedy: "leave them out: they affect lilo run only"}
	}
	a, err := netip.ParseAddr(d.Host)
	if err != nil {
		return Check{Name: name, Result: Warning, Text: d.String() + " is a name, which MediaLive resolves when it starts", Remedy: "give the address if it does not"}
	}
	a = a.Unmap()
	switch {
	case a.IsLoopback():
		return bad(fault.Destination, name, d.String()+" is a loopback address, which leads nowhere from AWS", "give the receiver's public address")
	case a.IsMulticast():
		return bad(fault.Destination, name, d.String()+" is a multicast group, which MediaLive cannot send to", "give a receiver's unicast address")
	case a.IsUnspecified(), a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return bad(fault.Destination, name, d.String()+" is not an address to send to", "give the receiver's public address")
	case a.IsLinkLocalUnicast():
		return bad(fault.Destination, name, d.String()+" is a link-local address, which is not routed", "give the receiver's public address")
	case isPrivate(d):
		return Check{Name: name, Result: Warning, Text: d.String() + " is a private address, which MediaLive reaches only from within a VPC", Remedy: "check that you did not mean the receiver's public address"}
	}
	return good(name, d.String())
}

// PrivateDestinations returns the destinations with private addresses.
func PrivateDestinations(s channel.Spec) []string {
	var all []string
	for _, d := range s.To {
		if isPrivate(d) {
			all = append(all, d.WithoutOptions().String())
		}
	}
	return all
}

func isPrivate(d channel.Destination) bool {
	a, err := netip.ParseAddr(d.Host)
	return err == nil && (a.Unmap().IsPrivate() || cgnat(a.Unmap()))
}

// cgnat reports a shared address of RFC 6598, which is as private as those of RFC 1918.
func cgnat(a netip.Addr) bool { return netip.MustParsePrefix("100.64.0.0/10").Contains(a) }

// clashes reports ports that would receive two streams, including the FEC of SMPTE
// 2022-1: columns go to port+2, rows to port+4.
func clashes(s channel.Spec) []Check {
	var checks []Check
	used := make(map[string]string)
	use := func(d channel.Destination, port int, what string) {
		key := fmt.Sprintf("%s:%d", strings.ToLower(d.Host), port)
		if other, ok := used[key]; ok {
			checks = append(checks, bad(fault.Destination, "destination", fmt.Sprintf("%s would receive %s and %s", key, other, what), "give them different ports"))
			return
		}
		used[key] = what
		if port > 65535 {
			checks = append(checks, bad(fault.Destination, "destination", fmt.Sprintf("%s: %s needs port %d", d, what, port), "give it a lower port"))
		}
	}
	for _, d := range s.To {
		use(d, d.Port, "the stream "+d.String())
		if s.FEC == nil || !d.Kind().RTP {
			continue
		}
		use(d, d.Port+2, "the column FEC of "+d.String())
		if s.FEC.IncludeFec == "COLUMN_AND_ROW" {
			use(d, d.Port+4, "the row FEC of "+d.String())
		}
	}
	return checks
}
