// Package udp sends a transport stream in bare UDP datagrams.
package udp

import (
	"context"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
)

// Output sends to one udp:// destination.
type Output struct {
	url     string
	packets int
	link    *datagram.Conn
}

// Open opens a socket to the destination. Faults are of kind Destination.
func Open(ctx context.Context, to channel.Destination) (*Output, error) {
	if to.Packets == 0 {
		to.Packets = output.MaxPackets
	}
	url := output.URL(to)
	link, err := datagram.Open(ctx, to, url, 0)
	if err != nil {
		return nil, err
	}
	return &Output{url: url, packets: to.Packets, link: link}, nil
}

// URL returns the destination's URL.
func (o *Output) URL() string { return o.url }

// Packets returns how many TS packets a datagram holds.
func (o *Output) Packets() int { return o.packets }

// Send sends datagrams, as output.Output says.
func (o *Output) Send(_ int64, payload []byte) output.Result { return o.link.Send(nil, payload) }

// Close closes the socket.
func (o *Output) Close() error { return o.link.Close() }
