// Package rtp sends a transport stream in RTP datagrams over UDP (RFC 2250,
// RFC 3551, RFC 3550).
package rtp

import (
	"context"
	"encoding/binary"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
	"github.com/lilo-live/lilo/internal/packet"
)

// Version 2, no padding, no extension, no CSRC; no marker, for LILO's clock
// never jumps (RFC 2250, 2), and payload type 33, MP2T (RFC 3551, 6).
const (
	firstByte  = 2 << 6
	secondByte = 33
)

// Clock is the part of a stream that dates datagrams.
type Clock interface {
	// RTPTime returns the 90 kHz RTP timestamp of packet n (RFC 2250, 2).
	RTPTime(n int64) uint32
}

// Output sends to one rtp:// destination.
type Output struct {
	url     string
	packets int
	ssrc    uint32
	clock   Clock
	link    *datagram.Conn
	headers []byte // as many as go out in one call
}

// Open opens a socket to the destination. The clock is the stream's that will
// be sent; ssrc names the source of the stream and must not change when the
// channel is started again. Faults are of kind Destination.
func Open(ctx context.Context, to channel.Destination, ssrc uint32, clock Clock) (*Output, error) {
	if to.Packets == 0 {
		to.Packets = output.MaxPackets
	}
	url := output.URL(to)
	link, err := datagram.Open(ctx, to, url, datagram.HeaderSize)
	if err != nil {
		return nil, err
	}
	o := &Output{url: url, packets: to.Packets, ssrc: ssrc, clock: clock, link: link}
	o.headers = make([]byte, link.Batch()*datagram.HeaderSize)
	return o, nil
}

// URL returns the destination's URL.
func (o *Output) URL() string { return o.url }

// Packets returns how many TS packets a datagram holds.
func (o *Output) Packets() int { return o.packets }

// Send sends datagrams, as output.Output says.
func (o *Output) Send(first int64, payload []byte) (r output.Result) {
	body := o.packets * packet.Size
	for len(payload) > 0 {
		n := min(len(payload)/body, len(o.headers)/datagram.HeaderSize)
		r.Add(o.link.Send(o.stamp(first, n), payload[:n*body]))
		first, payload = first+int64(n*o.packets), payload[n*body:]
	}
	return r
}

// stamp writes the headers of n datagrams of which the first begins with that packet.
func (o *Output) stamp(first int64, n int) []byte {
	for i := range n {
		h := o.headers[i*datagram.HeaderSize:][:datagram.HeaderSize]
		h[0], h[1] = firstByte, secondByte
		binary.BigEndian.PutUint16(h[2:], uint16(first/int64(o.packets)))
		binary.BigEndian.PutUint32(h[4:], o.clock.RTPTime(first))
		binary.BigEndian.PutUint32(h[8:], o.ssrc)
		first += int64(o.packets)
	}
	return o.headers[:n*datagram.HeaderSize]
}

// Close closes the socket.
func (o *Output) Close() error { return o.link.Close() }
