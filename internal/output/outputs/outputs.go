// Package outputs opens the destinations of a channel. It is the only package
// that knows the packages of all outputs.
package outputs

import (
	"context"
	"errors"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/rtp"
	"github.com/lilo-live/lilo/internal/output/sap"
	"github.com/lilo-live/lilo/internal/output/udp"
)

type opener func(context.Context, channel.Destination, output.Stream) (output.Output, error)

// openers returns the Open of each scheme in channel.Schemes.
func openers() map[string]opener {
	return map[string]opener{
		"rtp": rtp.Open,
		"udp": udp.Open,
	}
}

// Open opens the destinations, all of them or none, for a stream. Faults are of
// kind Destination.
func Open(ctx context.Context, to []channel.Destination, of output.Stream) ([]output.Output, error) {
	var all []output.Output
	known := openers()
	for _, d := range to {
		open, ok := known[d.Scheme]
		if !ok {
			return nil, errors.Join(fault.New(fault.Destination, "%s: nothing sends to %s://", d, d.Scheme), Close(all))
		}
		o, err := open(ctx, d, of)
		if err == nil && d.SAP {
			o, err = announce(o, d, of)
		}
		if err != nil {
			return nil, errors.Join(err, Close(all))
		}
		all = append(all, o)
	}
	return all, nil
}

func announce(o output.Output, d channel.Destination, of output.Stream) (output.Output, error) {
	sender, ok := o.(sap.Sender)
	if !ok {
		return nil, errors.Join(fault.New(fault.Destination, "%s: %s:// cannot be announced: leave out sap=", d, d.Scheme), o.Close())
	}
	announced, err := sap.Announce(sender, d, of)
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return announced, nil
}

// Close closes outputs that no channel has taken over.
func Close(all []output.Output) error {
	var errs []error
	for _, o := range all {
		errs = append(errs, o.Close())
	}
	return errors.Join(errs...)
}
