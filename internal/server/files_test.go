package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only what lies in the allowed folders is listed, whatever links and paths say.
func TestFilesOfAllowedFolders(t *testing.T) {
	dir := t.TempDir()
	films, secret := filepath.Join(dir, "films"), filepath.Join(dir, "secret")
	for _, d := range []string{filepath.Join(films, "old"), secret} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, films, "b.mp4", "film")
	write(t, films, "A.mp4", "film")
	write(t, films, ".hidden", "")
	write(t, secret, "keys", "")
	for link, to := range map[string]string{"out": secret, "file": filepath.Join(secret, "keys"), "gone": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(films, link)); err != nil {
			t.Fatal(err)
		}
	}
	names := func(allowed []string, folder string) string {
		l, err := files(allowed, folder)
		if err != nil {
			return err.Error()
		}
		var all []string
		for _, e := range l.Entries {
			all = append(all, e.Name)
		}
		return l.Parent + ":" + strings.Join(all, ",")
	}
	other := t.TempDir()
	for _, c := range []struct {
		allowed      []string
		folder, want string
	}{
		{[]string{films}, "", ":old,A.mp4,b.mp4"},
		{[]string{films, other}, "", ":" + films + "," + other},
		{[]string{films, other}, films + "/old/", films + ":"},
		{[]string{films}, secret, secret + " is in no folder of --allow-files"},
		{[]string{films}, films + "/../secret", secret + " is in no folder of --allow-files"},
		{[]string{films}, films + "/out", films + "/out cannot be listed"},
		{[]string{films}, films + "/none", films + "/none cannot be listed: no such file or directory"},
	} {
		if got := names(c.allowed, c.folder); !strings.HasPrefix(got, c.want) {
			t.Errorf("%v %s: %s, want %s", c.allowed, c.folder, got, c.want)
		}
	}
}
