package identity

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the sums; refused unless LILO_REWRITE_IDENTITY=1")

// sums compares what a test makes with a file of the sums of commit d872415.
// Each line of it is a sum and the name of a case.
type sums struct {
	t         *testing.T
	file      string
	want, got map[string]string
}

// open reads testdata/name.txt. When the test ends, it reports cases that are
// missing or new.
func open(t *testing.T, name string) *sums {
	t.Helper()
	s := &sums{t: t, file: filepath.Join("testdata", name+".txt"), want: map[string]string{}, got: map[string]string{}}
	if *update {
		refuseUpdate(t)
	} else {
		s.read()
	}
	t.Cleanup(s.close)
	return s
}

// refuseUpdate ends the test unless a rewrite is asked for explicitly.
func refuseUpdate(t *testing.T) {
	t.Helper()
	if os.Getenv("LILO_REWRITE_IDENTITY") != "1" {
		t.Fatal("the sums are those of commit d872415 and stay in a refactoring: " +
			"only where a stream changes on purpose, set LILO_REWRITE_IDENTITY=1 and explain it in CHANGELOG.md")
	}
}

func (s *sums) read() {
	s.t.Helper()
	text, err := os.ReadFile(s.file)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		s.want[name] = sum
	}
}

// check compares the sum of one case, whose name must be unique in the file.
func (s *sums) check(data []byte, name ...string) {
	s.t.Helper()
	sum := sha256.Sum256(data)
	got, what := hex.EncodeToString(sum[:]), strings.Join(name, " ")
	if _, again := s.got[what]; again {
		s.t.Fatalf("two cases are called %q", what)
	}
	s.got[what] = got
	switch want, ok := s.want[what]; {
	case *update:
	case !ok:
		s.t.Errorf("%s: there is no sum for it in %s", what, s.file)
	case got != want:
		s.t.Errorf("%s: %d bytes with the sum %.12s…, commit d872415 made others: %.12s…", what, len(data), got, want)
	}
}

func (s *sums) close() {
	if s.t.Failed() {
		return
	}
	if *update {
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(s.got)) {
			fmt.Fprintf(&b, "%s  %s\n", s.got[name], name)
		}
		if err := os.WriteFile(s.file, []byte(b.String()), 0o644); err != nil {
			s.t.Error(err)
		}
		return
	}
	for name := range s.want {
		if _, made := s.got[name]; !made {
			s.t.Errorf("%s: %s has a sum for it, but nothing makes it any more", name, s.file)
		}
	}
}
