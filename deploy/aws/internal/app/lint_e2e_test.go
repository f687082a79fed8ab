//go:build e2e

package app_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// linter is the package that checks the templates.
const linter = "cfn-lint==1.58.0"

// TestLint checks the templates of several deployments, which together use every
// feature, with cfn-lint. cfn-lint knows CloudFormation's schemas. Even a warning
// is a failure.
func TestLint(t *testing.T) {
	lint := pip(t, linter, "cfn-lint")
	mpeg2 := plain()
	maps.Copy(mpeg2, map[string]string{"LILO_ENCODE": "mpeg2,framerate=25", "LILO_AUTO_START": "false", "LILO_LOG_LEVEL": "DISABLED", "LILO_SOURCE": "https://example.com/a.mp4"})
	hevc := plain()
	maps.Copy(hevc, map[string]string{"LILO_ENCODE": "hevc,framerate=50,width=1280,height=720", "LILO_TO": "udp://198.51.100.10:5000"})
	var paths []string
	for name, variables := range map[string]map[string]string{"plain": plain(), "everything": everything(t), "mpeg2": mpeg2, "hevc": hevc} {
		found, err := filepath.Glob(filepath.Join(write(t, variables).dir, "*.template.json"))
		if err != nil || len(found) != 4 {
			t.Fatalf("%s: %d templates (%v)", name, len(found), err)
		}
		paths = append(paths, found...)
	}
	out, err := exec.Command(lint, append([]string{"--regions", "eu-west-1", "--"}, paths...)...).CombinedOutput()
	if err != nil || len(strings.TrimSpace(string(out))) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// pip returns the path of a program of a package of PyPI, which it installs if necessary.
func pip(t *testing.T, pinned, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(cache, "lilo-deployment-test", strings.ReplaceAll(pinned, "==", "-"))
	program, ready := filepath.Join(dir, "bin", name), filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return program
	}
	for _, step := range [][]string{
		{"python3", "-m", "venv", "--clear", dir},
		{filepath.Join(dir, "bin", "pip"), "install", "--quiet", pinned},
		{"touch", ready},
	} {
		if out, err := exec.Command(step[0], step[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(step, " "), err, out)
		}
	}
	return program
}
