package cli

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/cache"
)

func TestCacheListAndClear(t *testing.T) {
	t.Setenv("LILO_CACHE", t.TempDir())
	if r := lilo(t, newFake(), "cache", "list"); r.code != 0 || !strings.HasPrefix(r.out, "0 files in ") {
		t.Errorf("empty: %+v", r)
	}
	c, err := cache.Open(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	for id, name := range map[string]string{"a": "https://host/a.mp4?…", "b": "s3://bucket/b.mp4", "c": "https://host/c.mp4"} {
		e, err := c.Use(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.SetMetadata(cache.Metadata{Name: name, Kind: "source", Size: 1000}); err != nil {
			t.Fatal(err)
		}
		if id == "c" {
			defer e.Close()
		} else {
			e.Close()
		}
	}
	if r := lilo(t, newFake(), "cache", "list"); r.code != 0 || strings.Count(r.out, "\n") != 5 || !strings.Contains(r.out, "yes     https://host/c.mp4\n") {
		t.Errorf("full: %+v", r)
	}
	var report cacheReport
	if r := lilo(t, newFake(), "cache", "list", "--json"); json.Unmarshal([]byte(r.out), &report) != nil || len(report.Entries) != 3 {
		t.Errorf("JSON: %+v", r)
	}
	for _, step := range []struct{ args, want string }{
		{"cache clear https://host/a.mp4?sig=1", "1 file removed"},
		{"cache clear s3ssl://bucket/b.mp4", "1 file removed"},
		{"cache clear s3ssl://bucket/b.mp4", "0 files removed"},
		{"cache clear --all", "https://host/c.mp4 is in use and stays\n0 files removed"},
	} {
		if r := lilo(t, newFake(), strings.Fields(step.args)...); r.code != 0 || !strings.HasPrefix(r.out, step.want) {
			t.Errorf("%s: %+v", step.args, r)
		}
	}
	for _, args := range []string{"cache clear", "cache clear --all x", "cache lst"} {
		r := lilo(t, newFake(), strings.Fields(args)...)
		oneLineOf(t, r)
		if r.code != 2 {
			t.Errorf("%s: %+v", args, r)
		}
	}
}
