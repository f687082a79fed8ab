package cli

import (
	"context"
	"strings"

	"github.com/lilo-live/lilo/internal/aws"
	"github.com/lilo-live/lilo/internal/fault"
)

// confirmPrivate has destinations with private addresses confirmed: a channel reaches
// none of them from AWS's own network.
func (r *deployRun) confirmPrivate(ctx context.Context) error {
	private := strings.Join(aws.PrivateDestinations(r.spec), ", ")
	if private == "" || r.allowPrivate {
		return nil
	}
	if r.yes || !r.prompt.terminal {
		return fault.New(fault.Declined, "nothing was created: MediaLive reaches %s from within a VPC only: give the receiver's public address, or confirm this one with --allow-private", private)
	}
	return r.prompt.confirm(ctx, r.err, "MediaLive reaches "+private+" from within a VPC only. Send there all the same?")
}
