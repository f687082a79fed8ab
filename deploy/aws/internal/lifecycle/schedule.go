package lifecycle

import (
	"context"
	"time"

	"github.com/lilo-live/lilo/internal/aws/function"
)

// beginSchedule begins a start or a stop of the schedule: it waits until CloudFormation
// has finished with the stack. EventBridge Scheduler, which began the execution, does
// not wait for an answer.
func (l *Lifecycle) beginSchedule(ctx context.Context, j Job, now time.Time) (Job, error) {
	j.Channel, j.Answered = j.property(function.ChannelProperty), true
	j.enter(Settling, now)
	return l.settle(ctx, j, now)
}
