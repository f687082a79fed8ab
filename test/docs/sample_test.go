package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSample checks that every row about the original sample says where LILO has it and
// names tests that exist.
func TestSample(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/reference/sample.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || strings.HasPrefix(cells[1], "---") || strings.Contains(cells[3], " test ") {
			continue
		}
		rows++
		for _, cell := range cells[1:4] {
			if strings.TrimSpace(cell) == "" {
				t.Errorf("a cell is empty: %s", line)
			}
		}
		folder, named := "", 0
		for part := range strings.SplitSeq(cells[3], ",") {
			where, test, ok := strings.Cut(strings.TrimSpace(part), "` ")
			if ok {
				folder = strings.TrimPrefix(where, "`")
			} else {
				test = where
			}
			named++
			if !hasTest(t, folder, test) {
				t.Errorf("there is no test %s in %s", test, folder)
			}
		}
		if named == 0 {
			t.Errorf("no test is named: %s", line)
		}
	}
	if rows < 30 {
		t.Errorf("only %d rows", rows)
	}
}

// hasTest reports whether a folder has a test of a name.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if declared.Match(text) {
			return true
		}
	}
	return false
}
