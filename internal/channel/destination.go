package channel

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// MaxPackets is the most TS packets a datagram carries: 7 · 188 + 12 bytes of
// RTP + 28 of UDP and IPv4 (48 with IPv6) stay below Ethernet's 1,500.
const MaxPackets = 7

// Destination is an address that the stream is sent to, as its URL says:
// rtp://239.1.1.1:5000?ttl=4&iface=eth0&pkt=7.
type Destination struct {
	// Scheme is the name of one of Schemes.
	Scheme string
	// Host is an IP address or a name, without brackets.
	Host string
	// Port is 1 to 65535.
	Port int
	// TTL is the time to live or hop limit of the datagrams, 1 to 255; 0 leaves it to the system.
	TTL int
	// Interface names the network interface by which multicast leaves; empty leaves it to the system.
	Interface string
	// Packets is the number of TS packets a datagram, 1 to MaxPackets.
	Packets int
}

// Scheme is a kind of destination, named by what precedes "://" in its URL. All
// that LILO knows of it is here, but for the package that sends to it: see
// output/outputs.
type Scheme struct {
	Name    string
	Options []Option
	// RTP reports that datagrams carry an RTP header. A session description can
	// announce such a stream, and FEC protect it (SMPTE 2022-1).
	RTP bool
	// OutputGroup is the kind of MediaLive's output group that sends to it,
	// empty if MediaLive has none.
	OutputGroup string
	// players returns the commands that show what arrives at the URL.
	players func(d Destination, multicast bool) []string
}

// Option is a parameter in the query of a destination's URL.
type Option struct {
	Key string
	// Usage says what it does and which values it takes.
	Usage string
	// Default says what holds when it is left out.
	Default string

	set func(*Destination, string) error
	// get returns the value, empty if it is the default.
	get func(Destination) string
}

// Schemes returns every kind of destination.
func Schemes() []Scheme {
	return []Scheme{
		{Name: "rtp", Options: datagramOptions(), RTP: true, OutputGroup: "udp", players: datagramPlayers},
		{Name: "udp", Options: datagramOptions(), OutputGroup: "udp", players: datagramPlayers},
	}
}

func datagramOptions() []Option {
	return []Option{
		{
			Key: "ttl", Usage: "time to live or hop limit of the datagrams, 1 to 255", Default: "the system's",
			set: func(d *Destination, text string) error { return setNumber(&d.TTL, text, 1, 255) },
			get: func(d Destination) string { return nonDefault(d.TTL, 0) },
		},
		{
			Key: "iface", Usage: "name of the network interface by which multicast leaves", Default: "the system's choice",
			set: setInterface, get: func(d Destination) string { return d.Interface },
		},
		{
			Key: "pkt", Usage: fmt.Sprintf("TS packets a datagram, 1 to %d", MaxPackets), Default: strconv.Itoa(MaxPackets),
			set: func(d *Destination, text string) error { return setNumber(&d.Packets, text, 1, MaxPackets) },
			get: func(d Destination) string { return nonDefault(d.Packets, 0, MaxPackets) },
		},
	}
}

// datagramPlayers returns the commands of ffplay and of VLC, which takes the
// address of a group only.
func datagramPlayers(d Destination, multicast bool) []string {
	vlc := d.Scheme + "://@:" + strconv.Itoa(d.Port)
	if multicast {
		vlc = d.Scheme + "://@" + d.Address()
	}
	return []string{"ffplay -fflags nobuffer " + d.Scheme + "://" + d.Address(), "vlc " + vlc}
}

func setInterface(d *Destination, name string) error {
	if name == "" || strings.ContainsAny(name, " /\t\n") {
		return fmt.Errorf("%q is not the name of an interface", name)
	}
	d.Interface = name
	return nil
}

func setNumber(field *int, text string, low, high int) (err error) {
	*field, err = number(text, low, high)
	return err
}

// number reads a whole number from low to high.
func number(text string, low, high int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%q is not a number from %d to %d", text, low, high)
	}
	return n, nil
}

// nonDefault formats n, or returns "" if it is one of the defaults.
func nonDefault(n int, defaults ...int) string {
	if slices.Contains(defaults, n) {
		return ""
	}
	return strconv.Itoa(n)
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

// WithoutOptions returns the destination with the default of every option.
func (d Destination) WithoutOptions() Destination {
	return Destination{Scheme: d.Scheme, Host: d.Host, Port: d.Port, Packets: MaxPackets}
}

// Address returns host and port as net.Dial takes them.
func (d Destination) Address() string { return net.JoinHostPort(d.Host, strconv.Itoa(d.Port)) }
