package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lilo-live/lilo/deploy/aws/internal/cfnresponse"
	"github.com/lilo-live/lilo/internal/aws/awserr"
)

// Channels is the part of MediaLive that is used.
type Channels interface {
	DescribeChannel(context.Context, *medialive.DescribeChannelInput, ...func(*medialive.Options)) (*medialive.DescribeChannelOutput, error)
	StartChannel(context.Context, *medialive.StartChannelInput, ...func(*medialive.Options)) (*medialive.StartChannelOutput, error)
	StopChannel(context.Context, *medialive.StopChannelInput, ...func(*medialive.Options)) (*medialive.StopChannelOutput, error)
}

// Parameters is the part of Systems Manager that is used.
type Parameters interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// Stacks is the part of CloudFormation that is used.
type Stacks interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
}

// Machines is the part of Step Functions that is used.
type Machines interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	ListExecutions(context.Context, *sfn.ListExecutionsInput, ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error)
	StopExecution(context.Context, *sfn.StopExecutionInput, ...func(*sfn.Options)) (*sfn.StopExecutionOutput, error)
}

// Lifecycle is the function behind both custom resources.
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

// Handle takes an event of CloudFormation, which it passes to the state machine,
// or a job of the state machine, which it returns one step further.
func (l *Lifecycle) Handle(ctx context.Context, input json.RawMessage) (Job, error) {
	var in struct {
		cfn.Event
		Job json.RawMessage `json:"event"`
	}
	if err := json.Unmarshal(input, &in); err != nil {
		return Job{}, fmt.Errorf("neither an event of CloudFormation nor a job: %w", err)
	}
	if len(in.Job) == 0 {
		return Job{}, l.begin(ctx, in.Event)
	}
	var j Job
	if err := json.Unmarshal(input, &j); err != nil {
		return Job{}, fmt.Errorf("not a job: %w", err)
	}
	return l.Step(ctx, j)
}

// begin starts an execution of the state machine for an event. A permission takes time
// to propagate: until then a denied call is an error, and Lambda passes the event again
// after one minute and after three.
func (l *Lifecycle) begin(ctx context.Context, e cfn.Event) error {
	if e.ResponseURL == "" {
		return errors.New("neither an event of CloudFormation nor a job: it has no ResponseURL")
	}
	j := Job{Event: e}
	input, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encoding the job: %w", err)
	}
	_, err = l.Machines.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &l.Machine, Name: aws.String(executionName(e)), Input: aws.String(string(input)),
	})
	var exists *sfntypes.ExecutionAlreadyExists
	if err == nil || errors.As(err, &exists) {
		return nil
	}
	if awserr.KindOf(err) == awserr.Denied && l.Now().Sub(sentAt(e)) < propagation {
		return fmt.Errorf("starting the state machine: %w", err)
	}
	return l.Replies.Failure(ctx, e, j.physicalID(), fmt.Sprintf("the state machine that starts and stops the channel cannot be started: %v", err))
}

// sentAt returns when CloudFormation sent an event: when the URL for the answer was
// signed. It returns the zero time for a URL that does not say.
func sentAt(e cfn.Event) time.Time {
	answer, err := url.Parse(e.ResponseURL)
	if err != nil {
		return time.Time{}
	}
	at, err := time.Parse("20060102T150405Z", answer.Query().Get("X-Amz-Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
