package server

import (
	"os"
	"path/filepath"
	"sync"
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

// Servers of one machine may share a state directory, where etcd has the records.
func TestReplaceFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clip", "LILO.mp4")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := replaceFile(path, []byte("text"), 0o600); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v (%v), want the file alone", left, err)
	}
}
