package player

import (
	"context"
	"errors"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/rtp"
	"github.com/lilo-live/lilo/internal/output/udp"
)

// OpenOutputs opens the destinations, all of them or none. ssrc and clock are
// those of the stream that will be sent. Faults are of kind Destination.
func OpenOutputs(ctx context.Context, to []channel.Destination, ssrc uint32, clock rtp.Clock) ([]output.Output, error) {
	var outputs []output.Output
	for _, d := range to {
		o, err := openOutput(ctx, d, ssrc, clock)
		if err != nil {
			return nil, errors.Join(err, CloseOutputs(outputs))
		}
		outputs = append(outputs, o)
	}
	return outputs, nil
}

func openOutput(ctx context.Context, d channel.Destination, ssrc uint32, clock rtp.Clock) (output.Output, error) {
	if d.Scheme == "udp" {
		return asOutput(udp.Open(ctx, d))
	}
	return asOutput(rtp.Open(ctx, d, ssrc, clock))
}

// asOutput keeps a nil pointer from becoming an output that is not nil.
func asOutput[T output.Output](o T, err error) (output.Output, error) {
	if err != nil {
		return nil, err
	}
	return o, nil
}

// CloseOutputs closes outputs that nobody plays to.
func CloseOutputs(outputs []output.Output) error {
	var errs []error
	for _, o := range outputs {
		errs = append(errs, o.Close())
	}
	return errors.Join(errs...)
}
