package server

import (
	"path/filepath"
	"testing"
)

func TestStateDir(t *testing.T) {
	for _, c := range []struct{ variable, value, want string }{
		{"STATE_DIRECTORY", "/var/lib/lilo:/var/lib/other", "/var/lib/lilo"},
		{"XDG_STATE_HOME", "/x", "/x/lilo"},
	} {
		got := StateDir(func(name string) string {
			if name == c.variable {
				return c.value
			}
			return ""
		})
		if got != filepath.FromSlash(c.want) {
			t.Errorf("%s: %s", c.variable, got)
		}
	}
	if got := StateDir(func(string) string { return "" }); filepath.Base(got) != "lilo" {
		t.Error(got)
	}
}
