package aws

import (
	"context"
	"regexp"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

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
	pages := cloudformation.NewListStackResourcesPaginator(a.Stacks, &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil && awserr.KindOf(err) == awserr.NotFound {
			return all, nil
		}
		if err != nil {
			return nil, a.fault("listing the resources of stack "+nameOf(stack), err)
		}
		for _, s := range out.StackResourceSummaries {
			if s.ResourceStatus == types.ResourceStatusDeleteComplete {
				continue
			}
			r := Resource{
				Path: prefix + DisplayID(sdk.ToString(s.LogicalResourceId)), ID: sdk.ToString(s.PhysicalResourceId),
				Type: sdk.ToString(s.ResourceType), Status: string(s.ResourceStatus),
			}
			all = append(all, r)
			if r.Type == nestedType && r.ID != "" {
				nested, err := a.resources(ctx, r.ID, r.Path+"/")
				if err != nil {
					return nil, err
				}
				all = append(all, nested...)
			}
		}
	}
	return all, nil
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
