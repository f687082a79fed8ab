//go:build unix

package source

import (
	"os"
	"path/filepath"
	"testing"
)

// TestReadAllocatesNothing guards the memory of a thousand channels: reads that
// allocate would double it within a minute.
func TestReadAllocatesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "movie.mp4")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openFile(path, Options{Notify: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got := make([]byte, 6)
	if n := testing.AllocsPerRun(100, func() { _, _ = f.ReadAt(got, 0) }); n > 0 {
		t.Errorf("a read allocates %v times, want 0", n)
	}
}
