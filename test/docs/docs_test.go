// Package docs tests that what the documentation refers to exists.
package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
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

// Every relative link, anchor and image of every page leads somewhere, and a link
// leads to every page of the documentation.
func TestLinks(t *testing.T) {
	pages := pages(t)
	if len(pages) < 50 {
		t.Fatalf("only %d pages found below %s", len(pages), root)
	}
	linked := map[string]bool{}
	for page, text := range pages {
		for _, link := range links(text) {
			file, anchor, _ := strings.Cut(link, "#")
			target := page
			if file != "" {
				target = path.Join(path.Dir(page), file)
				linked[target] = true
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: link %s: %s does not exist", page, link, target)
			} else if anchor != "" && !slices.Contains(anchors(pages[target]), anchor) {
				t.Errorf("%s: link %s: %s has no heading #%s", page, link, target, anchor)
			}
		}
	}
	for page := range pages {
		if strings.HasPrefix(page, "docs/") && !linked[page] {
			t.Errorf("no page links to %s", page)
		}
	}
}

// Every path of the tree that a page names exists. Those in folder internal may
// go without its name.
func TestPaths(t *testing.T) {
	folders := map[string]bool{"internal": true, "docs": true, "test": true, "scripts": true, "deploy": true, "packaging": true}
	entries, err := os.ReadDir(filepath.Join(root, "internal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		folders[e.Name()] = true
	}
	found := 0
	for page, text := range pages(t) {
		for _, name := range quoted(text) {
			folder, rest, isPath := strings.Cut(name, "/")
			if !isPath || !folders[folder] || strings.Contains(rest, " ") {
				continue
			}
			found++
			// "internal/codec/…" means everything below.
			file, _, _ := strings.Cut(name, "…")
			_, err := os.Stat(filepath.Join(root, file))
			if _, below := os.Stat(filepath.Join(root, "internal", file)); err != nil && below != nil {
				t.Errorf("%s: %s does not exist", page, name)
			}
		}
	}
	if found < 100 {
		t.Errorf("found %d paths", found)
	}
}

// Every identifier that a page names exists: package.Name, package.Type.Method and Type.Method.
func TestIdentifiers(t *testing.T) {
	exported := exportedNames(t)
	identifier := regexp.MustCompile(`^(?:([a-z][a-z0-9]*)\.)?([A-Z]\w*(?:\.[A-Z]\w*)?)$`)
	found := 0
	for page, text := range pages(t) {
		for _, name := range quoted(text) {
			m := identifier.FindStringSubmatch(name)
			if m == nil || m[1] == "" && !strings.Contains(m[2], ".") {
				continue
			}
			if names, ours := exported[m[1]]; ours {
				found++
				if !names[m[2]] {
					t.Errorf("%s: %s does not exist", page, name)
				}
			}
		}
	}
	if found < 50 {
		t.Errorf("found %d identifiers", found)
	}
}

// exportedNames returns the exported names of each package of the tree, and
// under "" those of all: Name, Type.Method and Type.Field.
func exportedNames(t *testing.T) map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]bool{"": {}}
	for _, dir := range []string{"internal", "deploy/aws/internal"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, d fs.DirEntry, err error) error {
			if err != nil || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			pkg := f.Name.Name
			if all[pkg] == nil {
				all[pkg] = map[string]bool{}
			}
			for _, name := range declared(f) {
				all[pkg][name], all[""][name] = true, true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// declared returns the names that a file declares: Name, Type.Method and Type.Field.
func declared(f *ast.File) []string {
	var all []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			all = append(all, name)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					for _, n := range s.Names {
						all = append(all, n.Name)
					}
				case *ast.TypeSpec:
					all = append(all, s.Name.Name)
					for _, n := range members(s.Type) {
						all = append(all, s.Name.Name+"."+n)
					}
				}
			}
		}
	}
	return all
}

func receiver(e ast.Expr) string {
	for {
		switch t := e.(type) {
		case *ast.StarExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

// members returns the names of a struct's fields or of an interface's methods.
func members(e ast.Expr) []string {
	var all []string
	var list *ast.FieldList
	switch t := e.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		return nil
	}
	for _, f := range list.List {
		for _, n := range f.Names {
			all = append(all, n.Name)
		}
	}
	return all
}

// Every direct dependency has a row in the table of dependencies.
func TestDependencies(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(root, "docs/decisions/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range []string{"go.mod", "deploy/aws/go.mod"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+$`).FindAllStringSubmatch(string(text), -1) {
			found++
			// The table names the modules of AWS's SDK by their last element.
			name := strings.TrimPrefix(strings.TrimPrefix(m[1], "github.com/aws/aws-sdk-go-v2/"), "service/")
			if !regexp.MustCompile(`(^|[^\w/.-])` + regexp.QuoteMeta(name) + `($|[^\w/.-])`).Match(table) {
				t.Errorf("%s: docs/decisions/dependencies.md has no row for %s", file, m[1])
			}
		}
	}
	if found < 30 {
		t.Errorf("found %d dependencies", found)
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

// quoted returns what a page has in backticks, code blocks aside.
func quoted(text string) []string {
	all := code.FindAllString(fence.ReplaceAllString(text, ""), -1)
	for i, q := range all {
		all[i] = strings.Trim(q, "`")
	}
	return all
}

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

// Every test that the threat model names exists.
func TestSecurityNamesTests(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	err = filepath.WalkDir(root, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		source, err := os.ReadFile(file)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(source, -1) {
			declared[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllSubmatch(text, -1)
	if len(named) < 50 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, m := range named {
		if !declared[string(m[1])] {
			t.Errorf("SECURITY.md names %s, which does not exist", m[1])
		}
	}
}
