//go:build e2e

package docs

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The site is made of all pages, strictly: a link or an anchor that leads nowhere is an error. Its
// search finds what they say.
func TestSite(t *testing.T) {
	if testing.Short() {
		t.Skip("make e2e runs it: MkDocs comes from PyPI")
	}
	cmd := exec.CommandContext(t.Context(), "./scripts/site.sh", "build")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var index struct {
		Docs []struct{ Location, Title, Text string }
	}
	text, err := os.ReadFile(filepath.Join(root, "dist/site/search/search_index.json"))
	if err == nil {
		err = json.Unmarshal(text, &index)
	}
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, d := range index.Docs {
		found[strings.Split(d.Location, "#")[0]] = true
	}
	for page := range pages(t) {
		if location, ok := strings.CutPrefix(strings.TrimSuffix(page, ".md")+"/", "docs/"); ok && filepath.Base(page) != "README.md" && !found[location] {
			t.Errorf("the search does not know %s", page)
		}
	}
}
