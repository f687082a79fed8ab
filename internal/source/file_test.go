package source

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// overwrite writes over the beginning of a file, long after it was written.
func overwrite(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close(), os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)))
}

// TestFileChanges checks that a file which is removed or replaced stays the same,
// with one line that says so, and that one which is written to is not read further.
func TestFileChanges(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(path string) error
		told string
		kind fault.Kind // 0 where it is read on
	}{
		"nothing happens": {func(string) error { return nil }, "", 0},
		"removed":         {os.Remove, "was removed or moved", 0},
		"replaced":        {replace, "was replaced by another file", 0},
		"cut":             {func(path string) error { return os.Truncate(path, 3) }, "", fault.Changed},
		"written to":      {func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o600) }, "", fault.Changed},
		"touched":         {func(path string) error { return os.Chtimes(path, time.Now(), time.Unix(1, 1)) }, "was touched", 0},
		"overwritten":     {func(path string) error { return overwrite(path, "beforE") }, "", fault.Changed},
		"written again":   {func(path string) error { return overwrite(path, "before") }, "was touched", 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "movie.mp4")
			if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
				t.Fatal(err)
			}
			var told []string
			f, err := openFile(path, func(line string) { told = append(told, line) })
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.ReadAt(make([]byte, 6), 0); err != nil {
				t.Fatal(err)
			}
			if err := c.do(path); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 6)
			for range 3 * checkInterval {
				if _, err = f.ReadAt(got, 0); err != nil {
					break
				}
			}
			if c.kind != 0 {
				if fault.KindOf(err) != c.kind {
					t.Errorf("read on with %v", err)
				}
				return
			}
			if err != nil || string(got) != "before" {
				t.Errorf("read %q, %v", got, err)
			}
			if all := strings.Join(told, "\n"); !strings.Contains(all, c.told) || len(told) > 1 || c.told == "" && all != "" {
				t.Errorf("told %q, want one line of %q", told, c.told)
			}
		})
	}
}

func replace(path string) error {
	if err := os.WriteFile(path+".new", []byte("after!"), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
