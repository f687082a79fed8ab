package lifecycle

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"github.com/lilo-live/lilo/internal/aws/function"
	"github.com/lilo-live/lilo/internal/weekly"
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
	case j.property(function.AutoStartProperty) != "true":
		return l.succeed(ctx, j)
	}
	if text := j.property(function.ScheduleProperty); text != "" {
		schedule, err := weekly.Parse(text)
		switch {
		case err != nil:
			return l.fail(ctx, j, "the schedule: "+err.Error())
		case !schedule.On(now):
			return l.succeed(ctx, j)
		}
	}
	j.enter(Starting, now)
	return l.start(ctx, j, now)
}
