package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScriptWithoutGo runs scripts/run.sh where there is no Go: it takes the lilo that is
// installed, and says what to do where there is none.
func TestScriptWithoutGo(t *testing.T) {
	script, err := filepath.Abs("../../scripts/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func() (string, error) {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", script, "-a", "deploy", "--to", to)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	want := "run.sh: there is no lilo, and no Go and make to build it with: install a release of lilo, or set LILO to the path of one\n"
	if out, err := run(); err == nil || out != want {
		t.Errorf("%q, %v", out, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lilo"), []byte("#!/bin/sh\necho \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := run(); err != nil || strings.TrimSpace(out) != "deploy --yes --to "+to {
		t.Errorf("%q, %v", out, err)
	}
}
