package aws

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// answer returns an error as the SDK returns it for an answer with that status.
func answer(status int, code, message string) error {
	var api error = &smithy.GenericAPIError{Code: code, Message: message}
	return &smithy.OperationError{ServiceID: "S", OperationName: "O", Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: api},
	}}
}

// clock is a Clock whose waits take no time.
type clock struct {
	now  time.Time
	left int // waits until it is interrupted; 0 for never
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	if c.left--; c.left == 0 {
		return context.Canceled
	}
	c.now = c.now.Add(d)
	return ctx.Err()
}

// stacks is CloudFormation with scripted answers.
type stacks struct {
	Stacks

	// statuses are those of the stack, one for each DescribeStacks; the last stays. "" is no stack.
	statuses []string
	reason   string
	outputs  []types.Output
	// failures are returned first, one for each call of any kind.
	failures []error
	// events, the newest first, and resources are by the id of the stack.
	events    map[string][]types.StackEvent
	resources map[string][]types.StackResourceSummary
	deleted   []string
}

func (s *stacks) fail() error {
	if len(s.failures) == 0 {
		return nil
	}
	err := s.failures[0]
	s.failures = s.failures[1:]
	return err
}

func (s *stacks) DescribeStacks(_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	status := s.statuses[0]
	if len(s.statuses) > 1 {
		s.statuses = s.statuses[1:]
	}
	if status == "" {
		return nil, answer(400, "ValidationError", "Stack with id "+*in.StackName+" does not exist")
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []types.Stack{{
		StackName: sdk.String("S"), StackId: sdk.String(rootID), StackStatus: types.StackStatus(status), StackStatusReason: &s.reason,
		CreationTime: sdk.Time(time.Unix(100, 0)), Outputs: s.outputs,
	}}}, nil
}

const (
	rootID   = "arn:aws:cloudformation:eu-west-1:1:stack/S/1"
	nestedID = "arn:aws:cloudformation:eu-west-1:1:stack/S-media/2"
)

// page returns two items of a list from a token on, and the next token.
func page[T any](all []T, token *string) ([]T, *string) {
	from, _ := strconv.Atoi(sdk.ToString(token))
	to := min(from+2, len(all))
	if to < len(all) {
		return all[from:to], sdk.String(strconv.Itoa(to))
	}
	return all[from:to], nil
}

func (s *stacks) DescribeStackEvents(_ context.Context, in *cloudformation.DescribeStackEventsInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	events, ok := s.events[*in.StackName]
	if !ok {
		return nil, answer(400, "ValidationError", "Stack [x] does not exist")
	}
	out := &cloudformation.DescribeStackEventsOutput{}
	out.StackEvents, out.NextToken = page(events, in.NextToken)
	return out, nil
}

func (s *stacks) ListStackResources(_ context.Context, in *cloudformation.ListStackResourcesInput, _ ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error) {
	if err := s.fail(); err != nil {
		return nil, err
	}
	all, ok := s.resources[*in.StackName]
	if !ok {
		return nil, answer(400, "ValidationError", "Stack with id x does not exist")
	}
	out := &cloudformation.ListStackResourcesOutput{}
	out.StackResourceSummaries, out.NextToken = page(all, in.NextToken)
	return out, nil
}

func (s *stacks) DeleteStack(_ context.Context, in *cloudformation.DeleteStackInput, _ ...func(*cloudformation.Options)) (*cloudformation.DeleteStackOutput, error) {
	s.deleted = append(s.deleted, *in.StackName)
	return &cloudformation.DeleteStackOutput{}, s.fail()
}

// happen adds an event at a time in seconds to a stack: the newest comes first.
func (s *stacks) happen(stack string, at int, logical, physical, kind, status, reason string) {
	if s.events == nil {
		s.events = make(map[string][]types.StackEvent)
	}
	s.events[stack] = slices.Insert(s.events[stack], 0, types.StackEvent{
		EventId: sdk.String(stack + strconv.Itoa(len(s.events[stack]))), StackId: &stack, StackName: sdk.String(nameOf(stack)),
		LogicalResourceId: &logical, PhysicalResourceId: &physical, ResourceType: &kind, ResourceStatus: types.ResourceStatus(status),
		ResourceStatusReason: &reason, Timestamp: sdk.Time(time.Unix(int64(at), 0)),
	})
}

// resource returns a resource for a list of them.
func resource(logical, physical, kind, status string) types.StackResourceSummary {
	return types.StackResourceSummary{LogicalResourceId: &logical, PhysicalResourceId: &physical, ResourceType: &kind, ResourceStatus: types.ResourceStatus(status)}
}

// lateStacks calls after once, when the events of the nested stack were read.
type lateStacks struct {
	stacks

	after func()
}

func (s *lateStacks) DescribeStackEvents(ctx context.Context, in *cloudformation.DescribeStackEventsInput, o ...func(*cloudformation.Options)) (*cloudformation.DescribeStackEventsOutput, error) {
	out, err := s.stacks.DescribeStackEvents(ctx, in, o...)
	if *in.StackName == nestedID && s.after != nil {
		s.after()
		s.after = nil
	}
	return out, err
}
