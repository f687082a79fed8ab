// Package channel is the channel spec: the one vocabulary that flags, YAML,
// the API and AWS share, with its defaults and its validation.
package channel

import "time"

// Spec defines one channel.
type Spec struct {
	// Source is a path or a URL; empty means the bundled clip.
	Source string
	// Name is the service name in the SDT and the label of metrics and logs.
	Name string
	// To lists the destinations.
	To []Destination
	// MuxRate is the constant rate of the transport stream in bit/s, 0 for the smallest possible.
	MuxRate int64
	// Epoch is the instant at which lap 0 begins; the zero Time means now.
	Epoch time.Time
	// Pacing is how much of the stream may leave at once, 1 ms or more.
	Pacing time.Duration
	// For is how long to play; 0 means for ever.
	For time.Duration
}

// Destination is one place the stream goes to, as its URL says:
// rtp://239.1.1.1:5000?ttl=4&iface=eth0&pkt=7.
type Destination struct {
	// Scheme is "rtp" or "udp".
	Scheme string
	// Host is an IP address or a name, without brackets.
	Host string
	// Port is 1 to 65535.
	Port int
	// TTL is the time to live or hop limit of the datagrams, 1 to 255; 0 leaves it to the system.
	TTL int
	// Interface names the network interface multicast leaves by; empty leaves it to the system.
	Interface string
	// Packets is the number of TS packets a datagram, 1 to 7.
	Packets int
}
