package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/cli"
)

// TestPages writes the pages twice, as the same files, and looks for what each must have.
func TestPages(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "86400")
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		if err := write(cli.New(io.Discard, io.Discard, func(string) string { return "" }).Command(), dir); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"man/man1/lilo.1":                 "\\fBlilo-run(1)\\fP",
		"man/man1/lilo-run.1":             "--realtime",
		"man/man1/lilo-serve-add-key.1":   `"Jan 1970" "LILO" "LILO"`,
		"serve.yaml":                      "#allow-files:",
		"completions/lilo.bash":           "__complete",
		"completions/_lilo":               "#compdef lilo",
		"completions/lilo.fish":           "complete -c lilo",
		"completions/lilo.ps1":            "Register-ArgumentCompleter",
		"man/man1/lilo-serve-keys-list.1": "NAME",
	} {
		text, err := os.ReadFile(filepath.Join(a, name))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, without %s", name, err, want)
		}
		if again, err := os.ReadFile(filepath.Join(b, name)); err != nil || string(again) != string(text) {
			t.Errorf("%s: not the same the second time, %v", name, err)
		}
	}
	if bash, err := exec.LookPath("bash"); err == nil {
		if out, err := exec.Command(bash, "-n", filepath.Join(a, "completions", "lilo.bash")).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}
}
