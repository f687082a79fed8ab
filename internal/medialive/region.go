package medialive

import (
	"slices"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// regionsWith returns the regions that have MediaLive: those whose endpoints the SDK
// has. TestRegions holds them against its sources.
func regionsWith() []string {
	return []string{
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-4",
		"ap-southeast-5", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "me-central-1", "sa-east-1",
		"us-east-1", "us-east-2", "us-iso-east-1", "us-isob-east-1", "us-west-2",
	}
}

// regionsWithout returns the other regions of the partitions aws, aws-cn and
// aws-us-gov. Whether MediaLive is in a region of neither list, such as one of the
// European Sovereign Cloud, only AWS can tell.
func regionsWithout() []string {
	return []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-southeast-3", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "cn-north-1", "cn-northwest-1",
		"eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-south-1", "me-west-1", "mx-central-1", "sa-west-1", "us-gov-east-1",
		"us-gov-west-1", "us-west-1",
	}
}

// checkRegion reports a region without MediaLive.
func checkRegion(region string) error {
	if !slices.Contains(regionsWithout(), region) {
		return nil
	}
	near := slices.DeleteFunc(regionsWith(), func(other string) bool { return strings.Contains(other, "-iso") })
	if same := slices.DeleteFunc(slices.Clone(near), func(other string) bool { return other[:2] != region[:2] }); len(same) > 0 {
		near = same
	}
	return fault.New(fault.Usage, "region: %s has no MediaLive: give one that has, such as %s", region, strings.Join(near, ", "))
}
