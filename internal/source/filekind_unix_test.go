//go:build unix

package source

import (
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// TestNoRegularFile opens what is none, which must not wait for anybody.
func TestNoRegularFile(t *testing.T) {
	dir := t.TempDir()
	pipe, socket := filepath.Join(dir, "pipe"), filepath.Join(dir, "socket")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for path, want := range map[string]string{dir: "a directory", pipe: "a pipe", socket: "a socket", "/dev/null": "a device"} {
		for _, opts := range []Options{{AllowFiles: true}, {AllowFiles: true, Folders: []string{filepath.Dir(path)}}} {
			if _, err := Open(t.Context(), path, opts); fault.KindOf(err) != fault.Source || !strings.Contains(err.Error(), "is "+want+": give a regular file") {
				t.Errorf("%s: Open returned %v", path, err)
			}
		}
	}
}
