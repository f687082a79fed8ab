package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/medialive"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/lilo-live/lilo/internal/aws/awserr"
	"github.com/lilo-live/lilo/internal/aws/deployment"
)

// Orphan is a resource that still exists after its stack was deleted.
type Orphan struct {
	Resource
	// Remedy is how to delete it.
	Remedy string `json:"todo"`
}

// Orphans returns the resources that still exist and cost money. resources are
// those of a deleted stack, listed before its deletion.
func (a *Account) Orphans(ctx context.Context, resources []Resource) ([]Orphan, error) {
	orphans := []Orphan{}
	for _, r := range resources {
		if r.ID == "" {
			continue
		}
		remedy, err := a.remedy(ctx, r)
		if err != nil {
			return orphans, a.fault("checking whether "+r.ID+" is gone", err)
		}
		if remedy != "" {
			orphans = append(orphans, Orphan{r, remedy})
		}
	}
	return orphans, nil
}

// remedy returns how to delete a resource, empty if it does not exist or costs nothing.
func (a *Account) remedy(ctx context.Context, r Resource) (remedy string, err error) {
	var exists bool
	var state string
	switch r.Type {
	case ChannelType:
		state, err = deployment.ChannelState(ctx, a.Channels, r.ID)
		exists, remedy = state != deployment.Deleted && state != deployment.Deleting, "aws medialive delete-channel --channel-id "+r.ID
	case InputType:
		state, err = inputState(ctx, a.Channels, r.ID)
		exists, remedy = state != deployment.Deleted && state != deployment.Deleting, "aws medialive delete-input --input-id "+r.ID
	case LogType:
		exists, err = logGroupExists(ctx, a.LogGroups, r.ID)
		remedy = "aws logs delete-log-group --log-group-name " + r.ID
	case BucketType:
		_, err = a.Buckets.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.ID})
		switch awserr.KindOf(err) {
		case awserr.NotFound:
			return "", nil
		case awserr.None, awserr.Denied: // Only an existing bucket denies access.
			return "empty it in the console (it keeps versions), then aws s3 rb s3://" + r.ID, nil
		default:
			return "", err
		}
	}
	if err != nil || !exists {
		return "", err
	}
	return remedy + " --region " + a.Region, nil
}

// inputState returns the state of an input, DELETED if it does not exist.
func inputState(ctx context.Context, inputs Channels, id string) (string, error) {
	out, err := inputs.DescribeInput(ctx, &medialive.DescribeInputInput{InputId: &id})
	switch awserr.KindOf(err) {
	case awserr.None:
		return string(out.State), nil
	case awserr.NotFound:
		return deployment.Deleted, nil
	default:
		return "", err
	}
}

// logGroupExists reports false if the identity may not list log groups.
func logGroupExists(ctx context.Context, groups LogGroups, name string) (bool, error) {
	out, err := groups.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if err != nil {
		if awserr.KindOf(err) == awserr.Denied {
			return false, nil
		}
		return false, err
	}
	return slices.ContainsFunc(out.LogGroups, func(g types.LogGroup) bool { return sdk.ToString(g.LogGroupName) == name }), nil
}
