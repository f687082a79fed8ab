//go:build e2e

package app_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nag are the packages of cdk-nag and of what it needs.
func nag() []string { return []string{"aws-cdk-lib@2.275.0", "constructs@10.8.1", "cdk-nag@2.38.2"} }

// exception is a finding of another's rules that is accepted, and why. A resource that
// ends with * stands for all that begin so.
type exception struct{ rule, resource, why string }

// nagExceptions returns what cdk-nag's "AWS Solutions" finds.
func nagExceptions() []exception {
	return []exception{
		{"AwsSolutions-IAM5", "permission/ChannelRole", "the streams of the log group of MediaLive; listing log groups accepts no narrower ARN"},
		{"AwsSolutions-IAM5", "permission/LifecycleRole", "executions of its own state machine and the id of its own stack, which are not known before"},
		{"AwsSolutions-IAM5", "permission/UploadRole", "every object of the deployment's own bucket: it is emptied before it is deleted"},
		{"AwsSolutions-S1", "core/Bucket", "MediaLive reads one object and the deployment writes it: CloudTrail records both; an access log needs another bucket, which would have no log either"},
		{"AwsSolutions-SF1", "automation/Machine", "the function that it calls logs each step; a log of its own needs permissions on * (logs:CreateLogDelivery)"},
		{"AwsSolutions-SF2", "automation/Machine", "it has one function, whose log has each step; tracing needs permissions on * (xray:PutTraceSegments)"},
	}
}

// TestNag checks the templates with cdk-nag's "AWS Solutions". Each finding needs an
// exception, and each exception a finding.
func TestNag(t *testing.T) {
	tools := npm(t, "cdk-nag", nag()...)
	used := map[string]bool{}
	for name, variables := range map[string]map[string]string{"plain": plain(), "everything": everything(t)} {
		paths, err := filepath.Glob(filepath.Join(write(t, variables).dir, "*.template.json"))
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("node", append([]string{"testdata/nag.js", t.TempDir()}, paths...)...)
		cmd.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(tools, "node_modules"))
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		for line := range strings.Lines(string(out)) {
			var f struct{ Rule, Finding, Resource, Text string }
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			stack, resource, _ := strings.Cut(f.Resource, "/")
			except(t, nagExceptions(), used, f.Rule, stackOf(stack)+"/"+resource, f.Finding+" "+f.Text)
		}
	}
	unused(t, nagExceptions(), used)
}

// except reports a finding that is not excepted, and notes the exception used.
func except(t *testing.T, all []exception, used map[string]bool, rule, resource, text string) {
	t.Helper()
	for _, e := range all {
		if e.rule == rule && (e.resource == resource || strings.HasSuffix(e.resource, "*") && strings.HasPrefix(resource, strings.TrimSuffix(e.resource, "*"))) {
			used[e.rule+e.resource] = true
			return
		}
	}
	t.Errorf("%s: %s: %s", resource, rule, text)
}

// unused reports the exceptions that no finding needs.
func unused(t *testing.T, all []exception, used map[string]bool) {
	t.Helper()
	for _, e := range all {
		if !used[e.rule+e.resource] {
			t.Errorf("%s does not violate %s: remove the exception", e.resource, e.rule)
		}
	}
}

// npm returns a folder with packages of npm, which it installs if necessary.
func npm(t *testing.T, name string, packages ...string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "lilo-deployment-test", name+"-"+strings.NewReplacer("@", "-", "/", "-").Replace(strings.Join(packages, "-")))
	ready := filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return dir
	}
	args := append([]string{"install", "--silent", "--no-fund", "--no-audit", "--prefix", dir}, packages...)
	if out, err := exec.Command("npm", args...).CombinedOutput(); err != nil {
		t.Fatalf("npm: %v\n%s", err, out)
	}
	if err := os.WriteFile(ready, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
