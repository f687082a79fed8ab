package assembly

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHash(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.mp4")
	hash := func(text string) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Hash(t.Context(), path, filepath.Join(dir, "cache"))
		if err != nil {
			t.Fatal(err)
		}
		return f.Hash
	}
	one := hash("one")
	if hash("one") != one || hash("another") == one {
		t.Error("the hash does not follow the content")
	}
	if _, err := Hash(t.Context(), dir, dir); err == nil {
		t.Error("a folder is accepted as a file")
	}
}
