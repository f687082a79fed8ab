package medialive

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRegions holds the lists of regions against the SDK: those with an endpoint of
// MediaLive, and the others of the public partitions.
func TestRegions(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2", "github.com/aws/aws-sdk-go-v2/service/medialive").Output()
	if err != nil {
		t.Fatalf("go list does not find the SDK that this test is built with: %v", err)
	}
	core, service, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	var with []string
	for _, m := range regexp.MustCompile(`Region: +"([a-z0-9-]+)"`).FindAllStringSubmatch(source(t, filepath.Join(service, "internal/endpoints/endpoints.go")), -1) {
		if !strings.HasPrefix(m[1], "fips-") {
			with = append(with, m[1])
		}
	}
	slices.Sort(with)
	if with = slices.Compact(with); !slices.Equal(with, regionsWith()) {
		t.Errorf("with MediaLive: %q", with)
	}
	var all struct {
		Partitions []struct {
			ID      string
			Regions map[string]any
		}
	}
	if err := json.Unmarshal([]byte(source(t, filepath.Join(core, "internal/endpoints/awsrulesfn/partitions.json"))), &all); err != nil {
		t.Fatal(err)
	}
	var without []string
	for _, p := range all.Partitions {
		for region := range p.Regions {
			if slices.Contains([]string{"aws", "aws-cn", "aws-us-gov"}, p.ID) && !strings.HasSuffix(region, "-global") && !slices.Contains(with, region) {
				without = append(without, region)
			}
		}
	}
	if slices.Sort(without); !slices.Equal(without, regionsWithout()) {
		t.Errorf("without MediaLive: %q", without)
	}
}

func TestARegionWithoutMediaLiveIsRefused(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "", "us-west-2": "", "ap-southeast-4": "", "eusc-de-east-1": "", "xx-new-9": "",
		"eu-south-1":    "region: eu-south-1 has no MediaLive: give one that has, such as eu-central-1, eu-north-1, eu-west-1, eu-west-2, eu-west-3",
		"us-gov-west-1": "region: us-gov-west-1 has no MediaLive: give one that has, such as us-east-1, us-east-2, us-west-2",
		"af-south-1":    "region: af-south-1 has no MediaLive: give one that has, such as ap-northeast-1, ",
	} {
		s := plain()
		if err := s.Set("region", region); err != nil {
			t.Errorf("%s: %v", region, err)
			continue
		}
		_, err := ChannelRequest(s, "1", "")
		if (want == "") != (err == nil) || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", region, err)
		}
		if _, err := LocalChannelRequest(s, "1"); err != nil {
			t.Errorf("%s, here: %v", region, err)
		}
	}
}
