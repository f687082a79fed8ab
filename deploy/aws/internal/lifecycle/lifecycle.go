package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
)

// Channels is the part of MediaLive that is needed.
type Channels interface {
	DescribeChannel(context.Context, *medialive.DescribeChannelInput, ...func(*medialive.Options)) (*medialive.DescribeChannelOutput, error)
	StartChannel(context.Context, *medialive.StartChannelInput, ...func(*medialive.Options)) (*medialive.StartChannelOutput, error)
	StopChannel(context.Context, *medialive.StopChannelInput, ...func(*medialive.Options)) (*medialive.StopChannelOutput, error)
}

// Parameters is the part of Systems Manager that is needed.
type Parameters interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// Stacks is the part of CloudFormation that is needed.
type Stacks interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
}

// Machines is the part of Step Functions that is needed.
type Machines interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
}

// Lifecycle is what both custom resources are provided by.
type Lifecycle struct {
	Channels   Channels
	Parameters Parameters
	Stacks     Stacks
	Machines   Machines
	// Machine is the ARN of the state machine that repeats the steps.
	Machine string
	Replies cfnresponse.Sender
	Log     *slog.Logger
	// Now tells the time.
	Now func() time.Time
}

// Handle takes what the function is called with: an event of CloudFormation,
// which it hands to the state machine, or a work of the state machine, which it
// returns one step further.
func (l *Lifecycle) Handle(ctx context.Context, input json.RawMessage) (Work, error) {
	var asked struct {
		cfn.Event
		Work json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(input, &asked); err != nil {
		return Work{}, fmt.Errorf("neither an event of CloudFormation nor a work: %w", err)
	}
	if len(asked.Work) == 0 {
		return Work{}, l.begin(ctx, asked.Event)
	}
	var w Work
	if err := json.Unmarshal(input, &w); err != nil {
		return Work{}, fmt.Errorf("not a work: %w", err)
	}
	return l.Step(ctx, w)
}

// begin has the state machine take care of an event. The event's own id names
// the execution, so that an event that comes twice is taken care of once.
func (l *Lifecycle) begin(ctx context.Context, e cfn.Event) error {
	if e.ResponseURL == "" {
		return errors.New("neither an event of CloudFormation nor a work: it has no ResponseURL")
	}
	w := Work{Event: e}
	input, err := json.Marshal(w)
	if err != nil {
		return fmt.Errorf("the work: %w", err)
	}
	_, err = l.Machines.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &l.Machine, Name: &e.RequestID, Input: aws.String(string(input)),
	})
	var twice *sfntypes.ExecutionAlreadyExists
	if err == nil || errors.As(err, &twice) {
		return nil
	}
	return l.Replies.Failure(ctx, e, w.physical(), fmt.Sprintf("the state machine that looks after the channel cannot be started: %v", err))
}
