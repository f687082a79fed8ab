// Package udp sends a transport stream in bare UDP datagrams.
package udp

import (
	"context"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
)

// Open opens a socket to the destination. Faults are of kind Destination.
func Open(ctx context.Context, to channel.Destination, of output.Stream) (output.Output, error) {
	c, err := datagram.Open(ctx, to, datagram.Header{}, of.Dial)
	if err != nil {
		return nil, err
	}
	return c, nil
}
