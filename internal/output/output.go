// Package output defines what a destination of a channel does once it is open.
// The packages rtp and udp implement [Output] on top of package datagram,
// outputs opens the destinations of a channel and holds every implementation to the
// contract. Package hls publishes a channel on request and is no Output.
package output

import (
	"net"
	"net/netip"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/packet"
)

// Stream describes the stream that an output sends.
type Stream struct {
	// SSRC identifies the stream (RFC 3550, 8). It must not change when the
	// channel is started again.
	SSRC uint32
	// RTPTime returns the 90 kHz RTP timestamp of packet n (RFC 2250, 2).
	RTPTime func(n packet.Number) uint32
	// Time returns when packet n is due.
	Time func(n packet.Number) time.Time
	// Name is that of the channel, and BitRate the stream's in bit/s, for announcements.
	Name    string
	BitRate int64
	// FEC protects what is sent over RTP; nil sends none.
	FEC *channel.FEC
	// Dial opens a connected socket, each of whose writes sends a datagram; nil opens one of
	// this machine.
	Dial Dialer
}

// Dialer opens a connected socket to an address. Errors are the system's.
type Dialer func(to netip.AddrPort) (net.Conn, error)

// Output is an open destination. Its datagrams are numbered from the epoch:
// datagram d begins with packet d·Packets(), so that every byte that leaves
// follows from the number alone.
//
// One goroutine calls Send at a time; Close is called once, after the last Send.
type Output interface {
	// URL names the destination in messages and metrics.
	URL() string
	// Packets returns how many TS packets a datagram holds, 1 to channel.MaxPackets. Where
	// the destination leaves it to the path, that may be fewer than at the last call. The
	// goroutine that calls Send calls it; between two calls it does not change.
	Packets() int
	// Send sends whole datagrams at once: payload holds the packets first,
	// first+1, … and both first and their count are multiples of Packets.
	// It never blocks, allocates nothing while it succeeds, and does not keep
	// payload.
	Send(first packet.Number, payload []byte) Result
	// Close releases the destination.
	Close() error
}

// Result says what became of the datagrams of one Send. Sent and Dropped add up
// to their number.
type Result struct {
	// Sent counts the datagrams the system took.
	Sent int
	// Dropped counts those it did not take.
	Dropped int
	// Refused counts how often the system reported that nobody listens there;
	// those datagrams were tried once more.
	Refused int
	// Note tells, once, what the output does otherwise than it was asked to, and what to
	// do about it; mostly it is empty.
	Note string
	// Shorter says, beside the Note that tells it, how many TS packets a datagram has and had.
	Shorter Shorter
	// Err is why datagrams were dropped, nil if a queue was full for a moment.
	Err error
}

// Shorter is a change of the number of TS packets a datagram, zero for none.
type Shorter struct{ From, To int }

// Add adds the result of further datagrams.
func (r *Result) Add(more Result) {
	r.Sent += more.Sent
	r.Dropped += more.Dropped
	r.Refused += more.Refused
	if more.Note != "" {
		r.Note, r.Shorter = more.Note, more.Shorter
	}
	if more.Err != nil {
		r.Err = more.Err
	}
}
