// Package docs tests the documentation: what its pages refer to exists.
package docs

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// Every relative link, anchor and image of every page leads somewhere.
func TestLinks(t *testing.T) {
	pages := pages(t)
	if len(pages) < 50 {
		t.Fatalf("only %d pages found below %s", len(pages), root)
	}
	for page, text := range pages {
		for _, link := range links(text) {
			file, anchor, _ := strings.Cut(link, "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(page), file)
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: link %s: %s does not exist", page, link, target)
			} else if anchor != "" && !slices.Contains(anchors(pages[target]), anchor) {
				t.Errorf("%s: link %s: %s has no heading #%s", page, link, target, anchor)
			}
		}
	}
}

// Every path of the tree that a page names exists.
func TestPaths(t *testing.T) {
	paths := regexp.MustCompile("`((?:internal|docs|test|scripts|deploy|packaging)/[^` ]*)`")
	named := map[string]int{}
	for page, text := range pages(t) {
		for _, m := range paths.FindAllStringSubmatch(text, -1) {
			named[page]++
			// "internal/codec/…" means everything below.
			name, _, _ := strings.Cut(m[1], "…")
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s: %s does not exist", page, m[1])
			}
		}
	}
	for _, page := range []string{"CONTRIBUTING.md", "docs/design.md"} {
		if named[page] < 5 {
			t.Errorf("%s: found %d paths", page, named[page])
		}
	}
}

// pages returns the text of all pages by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			// What git does not track: its own folder, builds, and packages of Node.js and Python.
			if slices.Contains([]string{".git", "bin", "dist", "node_modules", "cdk.out", ".venv"}, d.Name()) {
				return fs.SkipDir
			}
		case path.Ext(file) == ".md":
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, file)
			all[filepath.ToSlash(name)] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var (
	fence    = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	code     = regexp.MustCompile("`[^`\n]+`")
	link     = regexp.MustCompile(`\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"`)
	absolute = regexp.MustCompile(`^[a-z]+:`)
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	anchored = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	dropped  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// links returns the relative links and images of a page.
func links(text string) []string {
	var all []string
	text = code.ReplaceAllString(fence.ReplaceAllString(text, ""), "")
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if target := m[1] + m[2]; !absolute.MatchString(target) {
			all = append(all, target)
		}
	}
	return all
}

// anchors returns the anchors that GitHub gives to the headings of a page.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		title := anchored.ReplaceAllString(m[1], "$1")
		anchor := strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
		for n, repeated := 1, anchor; ; n++ {
			if !slices.Contains(all, repeated) {
				all = append(all, repeated)
				break
			}
			repeated = anchor + "-" + strconv.Itoa(n)
		}
	}
	return all
}

func TestAnchors(t *testing.T) {
	const page = "# `lilo serve`\n\n## What it costs\n\n## A [link](x.md), twice\n\n```sh\n# no heading\n```\n\n## What it costs\n"
	if got, want := anchors(page), []string{"lilo-serve", "what-it-costs", "a-link-twice", "what-it-costs-1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
