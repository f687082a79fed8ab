package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/lilo-live/lilo/internal/aws/function"
)

// quiet is how long after the end of an execution one of its steps may still start
// the channel, with some seconds for clocks that differ. StopExecution does not
// end a step that runs (Step Functions API, StopExecution).
const quiet = function.StepTimeout + 5*time.Second

// executionName names the execution of a job after its event, so that an event that
// comes twice is handled once, and so that others see what it does.
func executionName(e cfn.Event) string {
	what := "on-air"
	switch e.ResourceType {
	case function.GateType:
		what = "gate"
	case function.ScheduleType:
		what = "schedule"
	}
	return fmt.Sprintf("%s-%s-%s", what, strings.ToLower(string(e.RequestType)), e.RequestID)
}

// mayStart reports whether the execution of a name may start the channel. Those that
// delete, and the stops of a schedule, only stop it.
func mayStart(name string) bool {
	return !strings.Contains(name, "-delete-") && !strings.HasPrefix(name, "schedule-stop-")
}

// resumes reports whether the channel is to be on air after an update that ends the
// execution of a name: that of an earlier gate, or a start of the schedule.
func resumes(name string) bool {
	return strings.HasPrefix(name, "gate-") || strings.HasPrefix(name, "schedule-start-")
}

// others is what the other executions of the state machine may still do.
type others struct {
	// until is when the last step of an execution that was ended has ended too.
	until time.Time
	// ended says that executions were ended just now, resume that one of them was to
	// start the channel again after an update.
	ended, resume bool
}

// endOthers ends all other executions that may start the channel, because the request
// to stop it is newer than theirs: CloudFormation deletes or rolls back a resource
// although its creation or update has not been answered.
func (l *Lifecycle) endOthers(ctx context.Context, j Job) (others, error) {
	var o others
	// The newest hundred: older ones ended long ago.
	list, err := l.Machines.ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: &l.Machine, MaxResults: 100})
	if err != nil {
		return o, err
	}
	self := executionName(j.Event)
	for _, x := range list.Executions {
		name := aws.ToString(x.Name)
		switch {
		case name == self || !mayStart(name):
		case x.Status == sfntypes.ExecutionStatusRunning:
			_, err := l.Machines.StopExecution(ctx, &sfn.StopExecutionInput{
				ExecutionArn: x.ExecutionArn, Error: aws.String("Superseded"), Cause: aws.String("the channel is to stop: " + self),
			})
			var gone *sfntypes.ExecutionDoesNotExist
			if err != nil && !errors.As(err, &gone) {
				return o, err
			}
			o.ended, o.resume = true, o.resume || resumes(name)
		case x.Status != sfntypes.ExecutionStatusSucceeded && x.StopDate != nil:
			until := x.StopDate.Add(quiet)
			if until.After(o.until) {
				o.until = until
			}
			// The result of the step that ended it may have been lost.
			o.resume = o.resume || resumes(name) && x.Status == sfntypes.ExecutionStatusAborted && until.After(j.Since)
		}
	}
	return o, nil
}
