//go:build e2e

package app_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// checkov is the package that checks the templates' security.
const checkov = "checkov==3.3.30"

// checkovExceptions returns what checkov finds.
func checkovExceptions() []exception {
	const (
		vpc     = "it calls AWS's public endpoints and holds no data"
		limit   = "a reservation would take concurrency from the account's other functions; a start or a stop needs one at a time"
		noKey   = "its variables hold names and settings, no secret; AWS encrypts them with its own key"
		logKey  = "AWS encrypts it with its own key; it holds states of a channel"
		sqsKey  = "SQS encrypts it with its own key (SqsManagedSseEnabled)"
		bucket  = "MediaLive reads one object and the deployment writes it: CloudTrail records both; an access log needs another bucket, which would have no log either"
		anyFunc = "automation/AWS::Lambda::Function.*"
	)
	return []exception{
		{"CKV_AWS_27", "automation/AWS::SQS::Queue.DeadLetters", sqsKey},
		{"CKV_AWS_115", anyFunc, limit},
		{"CKV_AWS_117", anyFunc, vpc},
		{"CKV_AWS_173", anyFunc, noKey},
		{"CKV_AWS_158", "core/AWS::Logs::LogGroup.*", logKey},
		{"CKV_AWS_18", "core/AWS::S3::Bucket.Bucket", bucket},
	}
}

// TestCheckov checks the templates with checkov. Each finding needs an exception, and
// each exception a finding.
func TestCheckov(t *testing.T) {
	program := pip(t, checkov, "checkov")
	used := map[string]bool{}
	a := write(t, everything(t))
	cmd := exec.Command(program, "--framework", "cloudformation", "--directory", a.dir, "--output", "json", "--compact", "--quiet", "--skip-download", "--soft-fail")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var report struct {
		Summary struct {
			Passed        int
			ParsingErrors int `json:"parsing_errors"`
		}
		Results struct {
			Failed []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				File     string `json:"file_path"`
				Resource string
			} `json:"failed_checks"`
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if report.Summary.Passed == 0 || report.Summary.ParsingErrors > 0 {
		t.Errorf("%d checks passed, %d templates could not be read", report.Summary.Passed, report.Summary.ParsingErrors)
	}
	for _, f := range report.Results.Failed {
		except(t, checkovExceptions(), used, f.ID, stackOf(strings.TrimPrefix(f.File, "/"))+"/"+f.Resource, f.Name)
	}
	unused(t, checkovExceptions(), used)
}
