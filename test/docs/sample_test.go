package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSample checks that all that the original sample offers or asks for has a row, which
// says where LILO has it and names tests that exist.
func TestSample(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/reference/sample.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "---") || strings.Contains(cells[3], " test ") {
			continue
		}
		rows = append(rows, strings.TrimSpace(cells[1]))
		for _, cell := range cells[1:4] {
			if strings.TrimSpace(cell) == "" {
				t.Errorf("a cell is empty: %s", line)
			}
		}
		folder, named := "", 0
		for part := range strings.SplitSeq(cells[3], ",") {
			where, test, ok := strings.Cut(strings.TrimSpace(part), "` ")
			if ok {
				folder = strings.TrimPrefix(where, "`")
			} else {
				test = where
			}
			named++
			if !hasTest(t, folder, test) {
				t.Errorf("there is no test %s in %s", test, folder)
			}
		}
		if named == 0 {
			t.Errorf("no test is named: %s", line)
		}
	}
	for _, want := range ofTheSample() {
		if !slices.Contains(rows, want) {
			t.Errorf("there is no row %q", want)
		}
	}
}

// ofTheSample returns what the sample's description offers or asks for.
func ofTheSample() []string {
	return []string{
		"a channel that plays an MP4 file in a continuous loop",
		"media infrastructure as code, in Python",
		"costs are the user's",
		"testing and debugging, ingest decoupling, VOD to live",
		"an AWS account with access rights to IAM, S3, MediaLive, CloudFormation",
		"a trail of CloudTrail that is up and running",
		"a machine with a terminal and the AWS CLI, or Cloud9",
		"MP4 content on S3",
		"a public HTTP origin instead",
		"video in MPEG-2, H.264, HEVC; audio in AAC",
		"an IP and a port for the RTP output",
		"core stack, with the others nested in it",
		"permission stack: roles and policies",
		"automation stack: a Lambda function and EventBridge triggers",
		"mediaservices stack: input and channel",
		"region, stack name, customer name",
		"channel name, source, destination, port",
		"auto start",
		"scripted: `run.sh -a deploy`, `run.sh -a destroy`",
		"manual: bootstrap, `cdk deploy`, `cdk destroy`",
		"security: encryption at rest",
		"security: transport by https or s3ssl",
		"reliability: STANDARD, with two pipelines",
		"operation: logs of the channel",
		"operation: API calls by triggers",
		"cost: review the encoding settings",
		"cost: reservation for 24/7",
		"cost: QVBR saves bandwidth",
		"known issue: stop the channel before destroying it",
		"architecture diagram",
		"structure of the files",
		"MIT-0 licence",
	}
}

// hasTest reports whether a folder has a test of a name.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if declared.Match(text) {
			return true
		}
	}
	return false
}
