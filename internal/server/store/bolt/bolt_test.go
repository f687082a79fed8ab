package bolt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/store/bolt"
)

func TestOneProcessAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s, err := bolt.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := bolt.Open(dir); fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "in use") {
			t.Errorf("a second Open returned %v", err)
		}
	})
}

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, bolt.FileName), []byte(strings.Repeat("no store ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := bolt.Open(dir); fault.KindOf(err) != fault.State {
		t.Errorf("Open returned %v", err)
	}
}
