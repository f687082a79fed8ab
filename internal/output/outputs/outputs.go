// Package outputs opens the destinations of a channel. It is the only package
// that knows the packages of all outputs.
package outputs

import (
	"context"
	"errors"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
	"github.com/lilo-live/lilo/internal/output/rtp"
	"github.com/lilo-live/lilo/internal/output/sap"
	"github.com/lilo-live/lilo/internal/output/udp"
)

type opener func(context.Context, channel.Destination) (output.Output, error)

// openers returns the Open of each scheme in channel.Schemes.
func openers() map[string]func(context.Context, channel.Destination, output.Stream) (output.Output, error) {
	return map[string]func(context.Context, channel.Destination, output.Stream) (output.Output, error){
		"rtp": rtp.Open,
		"udp": udp.Open,
	}
}

// Open opens the destinations, all of them or none, for a stream. One that cannot be opened
// for a reason that may pass is opened later if another can be now. Faults are of kind Destination.
func Open(ctx context.Context, to []channel.Destination, of output.Stream) ([]output.Output, error) {
	known := openers()
	return openAll(ctx, to, func(ctx context.Context, d channel.Destination) (output.Output, error) {
		open, ok := known[d.Scheme]
		if !ok {
			return nil, fault.New(fault.Destination, "%s: nothing sends to %s://", d, d.Scheme)
		}
		o, err := open(ctx, d, of)
		if err == nil && d.SAP {
			return announce(o, d, of)
		}
		return o, err
	}, time.After)
}

func openAll(ctx context.Context, to []channel.Destination, open opener, after func(time.Duration) <-chan time.Time) ([]output.Output, error) {
	all, failed := make([]output.Output, len(to)), make([]error, len(to))
	var first error
	opened := 0
	for i, d := range to {
		o, err := open(ctx, d)
		if err != nil && !datagram.MayPass(err) {
			return nil, errors.Join(err, Close(all))
		}
		if failed[i] = err; err == nil {
			all[i] = o
			opened++
		} else if first == nil {
			first = err
		}
	}
	if opened == 0 && first != nil {
		return nil, first
	}
	for i, err := range failed {
		if err != nil {
			all[i] = openLate(ctx, to[i], err, func(ctx context.Context) (output.Output, error) { return open(ctx, to[i]) }, after)
		}
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

// Close closes outputs that no channel has taken over; nil ones are none.
func Close(all []output.Output) error {
	var errs []error
	for _, o := range all {
		if o != nil {
			errs = append(errs, o.Close())
		}
	}
	return errors.Join(errs...)
}
