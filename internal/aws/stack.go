package aws

import (
	"context"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/fault"
)

// Stack is a CloudFormation stack.
type Stack struct {
	Name    string    `json:"name"`
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated,omitzero"`
	Outputs []Output  `json:"outputs,omitempty"`
}

// Output is an output of a stack.
type Output struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Phase is what can be done with a stack.
type Phase int

// The phases of a stack.
const (
	Absent         Phase = iota // it does not exist
	Stable                      // it can be updated and deleted
	InProgress                  // CloudFormation creates it, updates it or rolls it back
	Deleting                    // CloudFormation deletes it
	CreateFailed                // its creation failed; what is left can only be deleted
	DeleteFailed                // its deletion failed and can be repeated
	RollbackFailed              // an update failed, and so did its rollback; a person must repair it
)

// Phase returns what can be done with the stack in its status.
func (s Stack) Phase() Phase {
	switch s.Status {
	case "", "DELETE_COMPLETE":
		return Absent
	case "DELETE_IN_PROGRESS":
		return Deleting
	case "DELETE_FAILED":
		return DeleteFailed
	case "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS": // The last: a change set of the CDK that was not executed.
		return CreateFailed
	case "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED":
		return RollbackFailed
	}
	if strings.HasSuffix(s.Status, "_IN_PROGRESS") {
		return InProgress
	}
	return Stable
}

// Output returns the value of an output, empty without it.
func (s Stack) Output(key string) string {
	i := slices.IndexFunc(s.Outputs, func(o Output) bool { return o.Key == key })
	if i < 0 {
		return ""
	}
	return s.Outputs[i].Value
}

// Stack describes a stack by name or id. One that does not exist has no status.
func (a *Account) Stack(ctx context.Context, name string) (Stack, error) {
	out, err := a.Stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		if awserr.KindOf(err) == awserr.NotFound {
			return Stack{Name: name}, nil
		}
		return Stack{}, a.fault("describing stack "+name, err)
	}
	if len(out.Stacks) == 0 {
		return Stack{Name: name}, nil
	}
	s := out.Stacks[0]
	stack := Stack{
		Name: sdk.ToString(s.StackName), ID: sdk.ToString(s.StackId), Status: string(s.StackStatus), Reason: sdk.ToString(s.StackStatusReason),
		Created: sdk.ToTime(s.CreationTime), Updated: sdk.ToTime(s.LastUpdatedTime),
	}
	for _, o := range s.Outputs {
		stack.Outputs = append(stack.Outputs, Output{sdk.ToString(o.OutputKey), sdk.ToString(o.OutputValue)})
	}
	return stack, nil
}

// Delete begins the deletion of a stack.
func (a *Account) Delete(ctx context.Context, id string) error {
	if _, err := a.Stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
		return a.fault("deleting stack "+nameOf(id), err)
	}
	return nil
}

// nameOf returns the name of a stack by its id or name.
func nameOf(id string) string {
	if parts := strings.Split(id, "/"); len(parts) == 3 && strings.HasPrefix(id, "arn:") {
		return parts[1]
	}
	return id
}

// CheckUsable returns why a stack cannot be deployed to, nil if it can.
func (a *Account) CheckUsable(s Stack) error {
	if s.Phase() != RollbackFailed {
		return nil
	}
	return fault.New(fault.Deploy, "stack %s is %s (%s): an update failed and so did its rollback; repair what the events name and run aws cloudformation continue-update-rollback --stack-name %s --region %s, or lilo destroy",
		s.Name, s.Status, s.Reason, s.Name, a.Region)
}
