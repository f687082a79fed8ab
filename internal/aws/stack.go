package aws

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/lilo-live/lilo/internal/fault"
)

// Stack is a stack of CloudFormation.
type Stack struct {
	Name    string    `json:"name"`
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated,omitzero"`
	Outputs []Output  `json:"outputs,omitempty"`
}

// Output is what a stack tells of itself.
type Output struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Phase is what can be done with a stack.
type Phase int

// The phases of a stack.
const (
	// Absent: there is none.
	Absent Phase = iota
	// Stable: it is there, and can be updated and deleted.
	Stable
	// InProgress: CloudFormation creates, updates or rolls back.
	InProgress
	// Deleting: CloudFormation deletes it.
	Deleting
	// CreateFailed: it is what a creation left that failed, and can but be deleted.
	CreateFailed
	// DeleteFailed: deleting it failed; it can be tried again.
	DeleteFailed
	// RollbackFailed: an update failed, and so did going back; a person must look.
	RollbackFailed
)

// Phase tells what can be done with a stack of that status.
func (s Stack) Phase() Phase {
	switch s.Status {
	case "", "DELETE_COMPLETE":
		return Absent
	case "DELETE_IN_PROGRESS":
		return Deleting
	case "DELETE_FAILED":
		return DeleteFailed
	case "CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED":
		return CreateFailed
	case "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED":
		return RollbackFailed
	case "REVIEW_IN_PROGRESS": // A change set that nobody carried out; the next deployment takes it over.
		return Stable
	}
	if strings.HasSuffix(s.Status, "_IN_PROGRESS") {
		return InProgress
	}
	return Stable
}

// Output returns what the stack tells under that key, nothing where it does not.
func (s Stack) Output(key string) string {
	i := slices.IndexFunc(s.Outputs, func(o Output) bool { return o.Key == key })
	if i < 0 {
		return ""
	}
	return s.Outputs[i].Value
}

// Stack describes a stack by its name or its id. One that is not there has no status.
func (a *Account) Stack(ctx context.Context, name string) (Stack, error) {
	out, err := a.Stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		if troubleOf(err) == absent {
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

// Delete has CloudFormation delete a stack, and does not wait.
func (a *Account) Delete(ctx context.Context, id string) error {
	if _, err := a.Stacks.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &id}); err != nil {
		return a.fault("deleting stack "+nameOf(id), err)
	}
	return nil
}

// Resource is a resource of a stack or of one nested in it.
type Resource struct {
	// Path is where it stands: mediaservices/Channel.
	Path string `json:"path"`
	// ID is what the service calls it.
	ID     string `json:"id,omitempty"`
	Type   string `json:"type"`
	Status string `json:"status"`
}

const nestedType = "AWS::CloudFormation::Stack"

// Types of the resources that LILO looks after.
const (
	ChannelType = "AWS::MediaLive::Channel"
	InputType   = "AWS::MediaLive::Input"
	BucketType  = "AWS::S3::Bucket"
	LogType     = "AWS::Logs::LogGroup"
)

// Resources lists what a stack and the stacks nested in it hold now, in the
// stack's order. A stack that is not there holds nothing.
func (a *Account) Resources(ctx context.Context, stack string) ([]Resource, error) {
	return a.resources(ctx, stack, "")
}

func (a *Account) resources(ctx context.Context, stack, prefix string) ([]Resource, error) {
	var all []Resource
	for in := (&cloudformation.ListStackResourcesInput{StackName: &stack}); ; {
		out, err := a.Stacks.ListStackResources(ctx, in)
		if err != nil && troubleOf(err) == absent {
			return all, nil
		}
		if err != nil {
			return nil, a.fault("listing the resources of stack "+nameOf(stack), err)
		}
		for _, r := range out.StackResourceSummaries {
			one := Resource{
				Path: prefix + DisplayID(sdk.ToString(r.LogicalResourceId)), ID: sdk.ToString(r.PhysicalResourceId),
				Type: sdk.ToString(r.ResourceType), Status: string(r.ResourceStatus),
			}
			if one.Status == "DELETE_COMPLETE" {
				continue
			}
			all = append(all, one)
			if one.Type != nestedType || one.ID == "" {
				continue
			}
			below, err := a.resources(ctx, one.ID, one.Path+"/")
			if err != nil {
				return nil, err
			}
			all = append(all, below...)
		}
		if out.NextToken == nil {
			return all, nil
		}
		in.NextToken = out.NextToken
	}
}

// OfType returns those of the resources that are of that type and exist.
func OfType(all []Resource, kind string) []Resource {
	var some []Resource
	for _, r := range all {
		if r.Type == kind && r.ID != "" {
			some = append(some, r)
		}
	}
	return some
}

// DisplayID takes from a logical id what the CDK adds to make it unique: a hash,
// and the words around the name of a nested stack.
func DisplayID(id string) string {
	id = regexp.MustCompile(`[0-9A-F]{8}$`).ReplaceAllString(id, "")
	if name, _, ok := strings.Cut(id, "NestedStack"); ok && name != "" {
		return name
	}
	if id == "" {
		return "?"
	}
	return id
}

// nameOf is the name of a stack in its id, or the name itself.
func nameOf(id string) string {
	if parts := strings.Split(id, "/"); len(parts) == 3 && strings.HasPrefix(id, "arn:") {
		return parts[1]
	}
	return id
}

// CheckUsable says why a stack cannot be deployed to, nil where it can.
func (a *Account) CheckUsable(s Stack) error {
	if s.Phase() != RollbackFailed {
		return nil
	}
	return fault.New(fault.Deploy, "stack %s is %s (%s): an update failed, and going back too; mend what the events name and run aws cloudformation continue-update-rollback --stack-name %s --region %s, or lilo destroy",
		s.Name, s.Status, s.Reason, s.Name, a.Region)
}
