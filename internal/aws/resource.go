package aws

import (
	"context"
	"regexp"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/lilo-live/lilo/internal/aws/awserr"
)

// Resource is a resource of a stack or of a stack nested in it.
type Resource struct {
	// Path is its place in the stacks: mediaservices/Channel.
	Path string `json:"path"`
	// ID is its physical id, which the service knows it by.
	ID     string `json:"id,omitempty"`
	Type   string `json:"type"`
	Status string `json:"status"`
}

const nestedType = "AWS::CloudFormation::Stack"

// Types of resources that are started, stopped or checked for.
const (
	ChannelType = "AWS::MediaLive::Channel"
	InputType   = "AWS::MediaLive::Input"
	BucketType  = "AWS::S3::Bucket"
	LogType     = "AWS::Logs::LogGroup"
)

// Resources lists the existing resources of a stack and of those nested in it,
// in the stack's order. A stack that does not exist has none.
func (a *Account) Resources(ctx context.Context, stack string) ([]Resource, error) {
	return a.resources(ctx, stack, "")
}

func (a *Account) resources(ctx context.Context, stack, prefix string) ([]Resource, error) {
	var all []Resource
	for in := (&cloudformation.ListStackResourcesInput{StackName: &stack}); ; {
		out, err := a.Stacks.ListStackResources(ctx, in)
		if err != nil && awserr.KindOf(err) == awserr.NotFound {
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

// OfType returns the resources of a type that have an id.
func OfType(all []Resource, kind string) []Resource {
	var some []Resource
	for _, r := range all {
		if r.Type == kind && r.ID != "" {
			some = append(some, r)
		}
	}
	return some
}

// DisplayID removes from a logical id what the CDK adds to make it unique: a
// hash, and the words around the name of a nested stack.
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
