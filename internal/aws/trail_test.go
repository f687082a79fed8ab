package aws

import (
	"context"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// trails is CloudTrail; whether each trail records is by its name.
type trails struct {
	records map[string]bool
	err     error
}

func (c trails) DescribeTrails(context.Context, *cloudtrail.DescribeTrailsInput, ...func(*cloudtrail.Options)) (*cloudtrail.DescribeTrailsOutput, error) {
	out := &cloudtrail.DescribeTrailsOutput{}
	for name := range c.records {
		out.TrailList = append(out.TrailList, types.Trail{Name: &name, TrailARN: &name})
	}
	return out, c.err
}

func (c trails) GetTrailStatus(_ context.Context, in *cloudtrail.GetTrailStatusInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.GetTrailStatusOutput, error) {
	var err error
	if *in.Name == "secret" {
		err = answer(400, "AccessDeniedException", "no")
	}
	return &cloudtrail.GetTrailStatusOutput{IsLogging: sdk.Bool(c.records[*in.Name])}, err
}

func TestCheckTrail(t *testing.T) {
	for name, c := range map[string]struct {
		trails trails
		result Result
		want   string
	}{
		"records": {trails{records: map[string]bool{"off": false, "main": true}}, OK, "the trail main records"},
		"stopped": {trails{records: map[string]bool{"off": false}}, Warning, "no trail records: off is stopped"},
		"secret":  {trails{records: map[string]bool{"secret": true}}, Warning, "no trail records: secret is stopped or cannot be read"},
		"none":    {trails{}, Warning, "no trail records what is done in this account"},
		"denied":  {trails{err: answer(400, "AccessDeniedException", "no")}, Skipped, "the trails cannot be read"},
	} {
		got := (&Account{Trails: c.trails}).CheckTrail(t.Context())
		if got.Result != c.result || !strings.HasPrefix(got.Text, c.want) || (got.Result == Warning) != strings.HasPrefix(got.Remedy, "create one: ") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
