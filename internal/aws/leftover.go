package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Orphan is a resource of a stack that is there after the stack is gone.
type Orphan struct {
	Resource
	// Remedy is how it is removed.
	Remedy string `json:"todo"`
}

// Orphans returns those of a deleted stack's resources that are still there
// and cost money. The list is of before the deletion.
func (a *Account) Orphans(ctx context.Context, resources []Resource) ([]Orphan, error) {
	left := []Orphan{}
	for _, r := range resources {
		there, todo, err := a.remains(ctx, r)
		if err != nil {
			return left, a.fault("looking whether "+r.ID+" is gone", err)
		}
		if there {
			left = append(left, Orphan{r, todo})
		}
	}
	return left, nil
}

func (a *Account) remains(ctx context.Context, r Resource) (there bool, todo string, err error) {
	if r.ID == "" {
		return false, "", nil
	}
	at := " --region " + a.Region
	var state string
	switch r.Type {
	case ChannelType:
		state, err = a.state(ctx, r.ID)
		return state != Deleted && state != "DELETING" && err == nil, "aws medialive delete-channel --channel-id " + r.ID + at, err
	case InputType:
		state, err = a.inputState(ctx, r.ID)
		return state != Deleted && state != "DELETING" && err == nil, "aws medialive delete-input --input-id " + r.ID + at, err
	case BucketType:
		_, err = a.Buckets.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: sdk.String(r.ID)})
		todo = "empty it in the console (it keeps versions), then aws s3 rb s3://" + r.ID
	case LogType:
		return a.logGroupRemains(ctx, r.ID, at)
	default:
		return false, "", nil
	}
	if err != nil && troubleOf(err) == absent {
		return false, "", nil
	}
	return err == nil || troubleOf(err) == denied, todo, ignoring(err, denied)
}

func (a *Account) logGroupRemains(ctx context.Context, name, at string) (bool, string, error) {
	out, err := a.LogGroups.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if err != nil {
		return false, "", ignoring(err, denied)
	}
	for _, g := range out.LogGroups {
		if sdk.ToString(g.LogGroupName) == name {
			return true, "aws logs delete-log-group --log-group-name " + name + at, nil
		}
	}
	return false, "", nil
}

// ignoring returns err unless it is of one of these troubles.
func ignoring(err error, troubles ...trouble) error {
	if err == nil || slices.Contains(troubles, troubleOf(err)) {
		return nil
	}
	return err
}
