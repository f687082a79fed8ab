package lifecycle

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"github.com/lilo-live/lilo/internal/aws/function"
)

// beginOnAir starts or stops the channel as the event of the on-air resource asks.
func (l *Lifecycle) beginOnAir(ctx context.Context, j Job, now time.Time) (Job, error) {
	j.Channel = j.property(function.ChannelProperty)
	switch {
	case j.Channel == "":
		return l.fail(ctx, j, "the property "+function.ChannelProperty+" is missing")
	case j.Event.RequestType == cfn.RequestDelete:
		j.enter(Stopping, now)
		return l.stop(ctx, j, now)
	case j.property(function.AutoStartProperty) == "true":
		j.enter(Starting, now)
		return l.start(ctx, j, now)
	}
	return l.succeed(ctx, j)
}
