package channel

import (
	"cmp"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/setting"
)

// MaxPackets is the most TS packets a datagram carries: 7 · 188 + 12 bytes of
// RTP + 28 of UDP and IPv4 (48 with IPv6) stay below Ethernet's 1,500.
const MaxPackets = 7

// Destination is an address that the stream is sent to, as its URL says:
// rtp://239.1.1.1:5000?ttl=4&iface=eth0&pkt=7.
type Destination struct {
	Scheme     string // the name of one of Schemes
	Host       string // an IP address, with its zone, or a name; without brackets
	Port       int    // 1 to 65535
	TTL        int    // time to live or hop limit, 1 to 255; 0 leaves it to the system
	Interface  string // by which datagrams leave: its name or one of its addresses; empty leaves it to the system
	Packets    int    // TS packets a datagram, 1 to MaxPackets; 0 is as many as MTU or the path takes, MaxPackets at most
	MTU        int    // the longest IP packet in bytes; 0 is what the path takes
	DSCP       int    // differentiated services code point (RFC 2474), 0 to 63
	LocalAddr  string // source address; empty leaves it to the system
	LocalPort  int    // source port; 0 leaves it to the system
	RTCP       bool   // sender reports go to the port above (RFC 3550)
	SAP        bool   // the group is announced (RFC 2974)
	SendBuffer int    // bytes that wait in the socket at most (SO_SNDBUF); 0 is 2 MB
}

// Scheme is a kind of destination, named by what precedes "://" in its URL. All
// that LILO knows of it is here, but for the package that sends to it: see
// output/outputs.
type Scheme struct {
	Name string
	// Options are the parameters in the query of its URLs.
	Options []setting.Field[Destination]
	// RTP reports that datagrams carry an RTP header. A session description can
	// announce such a stream, and FEC protect it (SMPTE 2022-1).
	RTP bool
	// OutputGroup is the kind of MediaLive's output group that sends to it,
	// empty if MediaLive has none.
	OutputGroup string
	// players returns the commands that show what arrives.
	players func(d Destination, multicast bool) []string
}

// Schemes returns every kind of destination. Callers must not change them.
func Schemes() []Scheme { return schemes() }

var schemes = sync.OnceValue(func() []Scheme { //nolint:gochecknoglobals // It never changes.
	return []Scheme{
		{Name: "rtp", Options: append(datagramOptions(), rtcp()), RTP: true, OutputGroup: "udp", players: datagramPlayers},
		{Name: "udp", Options: datagramOptions(), OutputGroup: "udp", players: datagramPlayers},
	}
})

// SchemeNames returns the names of all schemes.
func SchemeNames() []string {
	var names []string
	for _, s := range Schemes() {
		names = append(names, s.Name)
	}
	return names
}

func datagramOptions() []setting.Field[Destination] {
	type row = setting.Row
	return []setting.Field[Destination]{
		setting.Of(row{Key: "ttl", Usage: "time to live or hop limit of the datagrams", Default: "the system's"},
			setting.Number(1, 255), func(d *Destination) *int { return &d.TTL }),
		setting.Of(row{Key: "iface", Usage: "network interface by which the datagrams leave: its name or one of its addresses, which is then their source", Default: "the system's choice"},
			interfaceName(), func(d *Destination) *string { return &d.Interface }),
		setting.Of(row{Key: "pkt", Usage: "TS packets a datagram", Default: "7, or as many as the path takes"},
			setting.Number(1, MaxPackets), func(d *Destination) *int { return &d.Packets }),
		setting.Of(row{Key: "mtu", Usage: "longest IP packet in bytes, which decides how many TS packets a datagram has", Default: "the path's"},
			setting.Number(minMTU, 65535), func(d *Destination) *int { return &d.MTU }),
		setting.Of(row{Key: "dscp", Usage: "differentiated services code point (RFC 2474)", Default: "0"},
			dscp(), func(d *Destination) *int { return &d.DSCP }),
		setting.Of(row{Key: "localaddr", Usage: "source address of the datagrams, one of this machine", Default: "the system's choice"},
			localAddress(), func(d *Destination) *string { return &d.LocalAddr }),
		setting.Of(row{Key: "localport", Usage: "source port of the datagrams", Default: "the system's choice"},
			setting.Number(1, 65535), func(d *Destination) *int { return &d.LocalPort }),
		setting.Of(row{Key: "sndbuf", Usage: "bytes that wait in the socket at most (SO_SNDBUF), as far as the system allows (net.core.wmem_max)", Default: "2097152"},
			setting.Number(4096, 1<<30), func(d *Destination) *int { return &d.SendBuffer }),
		setting.Of(row{Key: "sap", Usage: "announce the group to players every 5 s (SAP, RFC 2974)", Default: "false"},
			setting.Bool(), func(d *Destination) *bool { return &d.SAP }),
	}
}

func rtcp() setting.Field[Destination] {
	return setting.Of(setting.Row{Key: "rtcp", Usage: "send RTCP sender reports to the port above every 5 s (RFC 3550)", Default: "false"},
		setting.Bool(), func(d *Destination) *bool { return &d.RTCP })
}

// minMTU has room for IPv6, UDP, RTP and FEC headers and a TS packet.
const minMTU = 280

func interfaceName() setting.Kind[string] {
	k := setting.String("NAME", func(name string) error {
		if name == "" || strings.ContainsAny(name, " /\t\n") {
			return fault.New(fault.Usage, "%q is neither the name of an interface nor an address", name)
		}
		return nil
	})
	k.Values = "a name or an address"
	return k
}

func localAddress() setting.Kind[string] {
	k := setting.String("IP", func(text string) error {
		if _, err := netip.ParseAddr(text); err != nil {
			return fault.New(fault.Usage, "%q is not an IP address of this machine", text)
		}
		return nil
	})
	k.Values = "an IP address"
	return k
}

// dscp is a code point: a number, or the name of its behaviour in RFC 2474 (CS0 to
// CS7), RFC 2597 (AF11 to AF43) or RFC 3246 (EF).
func dscp() setting.Kind[int] {
	k := setting.Number(0, 63)
	number := k.Parse
	k.Zero, k.Values = false, k.Values+", or a name: EF, AF41, CS5"
	k.Parse = func(text string) (int, error) {
		name := strings.ToUpper(text)
		if name == "EF" {
			return 46, nil
		}
		if len(name) == 3 && name[:2] == "CS" && name[2] >= '0' && name[2] <= '7' {
			return 8 * int(name[2]-'0'), nil
		}
		if len(name) == 4 && name[:2] == "AF" && name[2] >= '1' && name[2] <= '4' && name[3] >= '1' && name[3] <= '3' {
			return 8*int(name[2]-'0') + 2*int(name[3]-'0'), nil
		}
		return number(text)
	}
	return k
}

// datagramPlayers returns the commands of ffplay and of VLC, which takes an
// address only if it is a group's.
func datagramPlayers(d Destination, multicast bool) []string {
	vlc := d.Scheme + "://@:" + strconv.Itoa(d.Port)
	if multicast {
		vlc = d.Scheme + "://@" + d.Address()
	}
	return []string{"ffplay -fflags nobuffer " + d.Scheme + "://" + d.Address(), "vlc " + vlc}
}

// DestinationOptions returns the options of all schemes.
func DestinationOptions() []setting.Field[Destination] {
	var all []setting.Field[Destination]
	for _, s := range Schemes() {
		for _, o := range s.Options {
			if !slices.Contains(setting.Keys(all), o.Key) {
				all = append(all, o)
			}
		}
	}
	return all
}

// DestinationSyntax lists the URLs that a destination may have, for that address:
// "rtp://address:port or udp://address:port".
func DestinationSyntax(address string) string {
	var all []string
	for _, s := range Schemes() {
		all = append(all, s.Name+"://"+address)
	}
	return strings.Join(all, " or ")
}

// Kind returns the destination's scheme, the zero Scheme if it is unknown.
func (d Destination) Kind() Scheme {
	for _, s := range Schemes() {
		if s.Name == d.Scheme {
			return s
		}
	}
	return Scheme{}
}

// Watch returns the commands with which players show what goes to the
// destination. There are none for a host name other than localhost, because it does
// not tell which machine it leads to.
func (d Destination) Watch() []string {
	address, err := netip.ParseAddr(d.Host)
	players := d.Kind().players
	if err != nil && !strings.EqualFold(d.Host, "localhost") || players == nil {
		return nil
	}
	return players(d, address.IsMulticast())
}

// WithoutOptions returns the destination with the default of every option.
func (d Destination) WithoutOptions() Destination {
	return Destination{Scheme: d.Scheme, Host: d.Host, Port: d.Port}
}

// Target returns the destination with only those options that tell it from others
// of the same address: its URL names the destination in messages and metrics.
func (d Destination) Target() Destination {
	t := d.WithoutOptions()
	t.Interface, t.LocalAddr = d.Interface, d.LocalAddr
	return t
}

// TargetAddress returns what Target says, without the scheme: no two destinations of
// a channel have it in common.
func (d Destination) TargetAddress() string {
	return strings.TrimPrefix(d.Target().String(), d.Scheme+"://")
}

// MostPackets returns how many TS packets a datagram holds at most.
func (d Destination) MostPackets() int { return cmp.Or(d.Packets, MaxPackets) }

// Address returns host and port as net.Dial takes them.
func (d Destination) Address() string { return net.JoinHostPort(d.Host, strconv.Itoa(d.Port)) }

// String returns the destination's URL, with only those options that differ
// from their defaults.
func (d Destination) String() string {
	var options []string
	for _, o := range d.Kind().Options {
		if values := o.Get(&d); values != nil && values[0] != o.Default {
			options = append(options, o.Key+"="+url.QueryEscape(values[0]))
		}
	}
	u := url.URL{Scheme: d.Scheme, Host: d.Address(), RawQuery: strings.Join(options, "&")}
	return u.String()
}
