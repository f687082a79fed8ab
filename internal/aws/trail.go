package aws

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/lilo-live/lilo/internal/aws/awserr"
)

// CheckTrail checks that a trail of CloudTrail records what is done in the account. A
// deployment works without one.
func (a *Account) CheckTrail(ctx context.Context) Check {
	out, err := a.Trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil {
		return Check{Name: "cloudtrail", Result: Skipped, Text: "the trails cannot be read: " + awserr.Message(err)}
	}
	for _, t := range out.TrailList {
		status, err := a.Trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: t.TrailARN})
		if err == nil && sdk.ToBool(status.IsLogging) {
			return good("cloudtrail", "the trail "+sdk.ToString(t.Name)+" records")
		}
	}
	text := "no trail records what is done in this account"
	if len(out.TrailList) > 0 {
		text = "no trail records: " + sdk.ToString(out.TrailList[0].Name) + " is stopped or cannot be read"
	}
	return Check{
		Name: "cloudtrail", Result: Warning, Text: text,
		Remedy: "create one: aws cloudtrail create-trail and start-logging, or the CloudTrail console; the first of an account costs nothing but its storage",
	}
}
