package auth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParameter(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parameters")
	if err := os.WriteFile(file, []byte("# passwords\n#/b=no\n/medialive/a=se=cret \r\n/b=x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"/medialive/a": "se=cret ", "/b": "x"} {
		if got, err := Parameter(file, name); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", name, got, err, want)
		}
	}
	for name, c := range map[string]struct{ file, name, want string }{
		"no file":      {"", "/b", "--parameters"},
		"no parameter": {file, "/c", "/c=PASSWORD"},
		"missing file": {file + "x", "/b", "no such file"},
	} {
		if _, err := Parameter(c.file, c.name); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "cret") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if err := CheckParameters(file); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Parameter(file, "/b"); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that everybody may read: %v", err)
	}
	if err := CheckParameters(file); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("it is checked: %v", err)
	}
}
