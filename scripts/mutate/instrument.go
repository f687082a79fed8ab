package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
)

// mutant is a change in one place. Its number is its index, from 1.
type mutant struct {
	at   token.Position
	what string // it does, such as "< becomes <="
	line string // of the source
}

// mutated is a package, its files with all changes, and the changes.
type mutated struct {
	pkg     *types.Package
	dir     string
	fset    *token.FileSet
	info    *types.Info
	files   []*ast.File
	sources map[string][]byte
	mutants []mutant
	// skipped are places, as file:line, whose changes do not compile this way.
	skipped map[string]bool
}

// load parses and checks the files of a package; those that match are to be changed.
func load(ctx context.Context, name string, pattern *regexp.Regexp) (*mutated, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-deps", "-export", "-json=ImportPath,Export,Dir,GoFiles,DepOnly", name).Output()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", name, err)
	}
	p := &mutated{fset: token.NewFileSet(), sources: map[string][]byte{}, skipped: map[string]bool{}}
	p.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	exports, path, all := map[string]string{}, "", []*ast.File(nil)
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var one struct {
			ImportPath, Export, Dir string
			GoFiles                 []string
			DepOnly                 bool
		}
		if err := d.Decode(&one); err != nil {
			return nil, err
		}
		if exports[one.ImportPath] = one.Export; one.DepOnly {
			continue
		}
		path, p.dir = one.ImportPath, one.Dir
		for _, file := range one.GoFiles {
			full := filepath.Join(one.Dir, file)
			src, err := os.ReadFile(full)
			if err != nil {
				return nil, err
			}
			f, err := parser.ParseFile(p.fset, full, src, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			if all = append(all, f); pattern.MatchString(file) {
				p.files, p.sources[full] = append(p.files, f), src
			}
		}
	}
	config := types.Config{Importer: importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	p.pkg, err = config.Check(path, p.fset, all, p.info)
	return p, err
}

// change returns the files with all changes in them, by their paths.
func (p *mutated) change() map[string][]byte {
	p.mutants = nil
	out := map[string][]byte{filepath.Join(p.dir, "zz_mutation.go"): fmt.Appendf(nil, chooser, p.pkg.Name())}
	for _, f := range p.files {
		name := p.fset.File(f.Pos()).Name()
		w := &writer{mutated: p, src: p.sources[name], file: p.fset.File(f.Pos())}
		for _, d := range f.Decls {
			w.visit(d)
		}
		out[name] = w.apply()
	}
	return out
}

// edit replaces some bytes of a file. Of edits at one place, those that close what is
// deepest come first, and those that open it last.
type edit struct {
	at, length, order int
	text              string
}

// writer writes the changes of a file into it.
type writer struct {
	*mutated
	src   []byte
	file  *token.File
	depth int
	edits []edit
}

func (w *writer) edit(at token.Pos, length, order int, format string, args ...any) {
	w.edits = append(w.edits, edit{w.file.Offset(at), length, order, fmt.Sprintf(format, args...)})
}

func (w *writer) open(at token.Pos, format string, args ...any) {
	w.edit(at, 0, 1000+w.depth, format, args...)
}
func (w *writer) shut(at token.Pos, text string) { w.edit(at, 0, -w.depth, "%s", text) }

func (w *writer) replace(at token.Pos, length int, format string, args ...any) {
	w.edit(at, length, 1<<20, format, args...)
}

func (w *writer) apply() []byte {
	slices.SortStableFunc(w.edits, func(a, b edit) int { return cmp.Or(a.at-b.at, a.order-b.order) })
	var out []byte
	at := 0
	for _, e := range w.edits {
		out = append(append(out, w.src[at:e.at]...), e.text...)
		at = e.at + e.length
	}
	return append(out, w.src[at:]...)
}

// mutant adds a change and returns its number, 0 where it would not compile.
func (w *writer) mutant(at token.Pos, what string) int {
	pos := w.file.Position(at)
	if w.skipped[fmt.Sprintf("%s:%d", filepath.Base(pos.Filename), pos.Line)] {
		return 0
	}
	line := bytes.Split(w.src, []byte("\n"))[pos.Line-1]
	w.mutants = append(w.mutants, mutant{pos, what, string(bytes.TrimSpace(line))})
	return len(w.mutants)
}

// The functions of chooser that stand for operators, and what becomes of these.
func operators() map[token.Token][2]string {
	return map[token.Token][2]string{
		token.LSS: {"zzLSS", "<="}, token.LEQ: {"zzLEQ", "<"}, token.GTR: {"zzGTR", ">="}, token.GEQ: {"zzGEQ", ">"},
		token.ADD: {"zzADD", "-"}, token.SUB: {"zzSUB", "+"}, token.MUL: {"zzMUL", "/"}, token.QUO: {"zzQUO", "*"}, token.REM: {"zzREM", "*"},
	}
}

func (w *writer) visit(n ast.Node) {
	w.depth++
	defer func() { w.depth-- }()
	switch x := n.(type) {
	case *ast.GenDecl:
		if x.Tok == token.CONST || x.Tok == token.TYPE {
			return
		}
	case *ast.ArrayType:
		return
	case *ast.BinaryExpr:
		if w.info.Types[x].Value != nil {
			return
		}
		w.binary(x)
	case *ast.IncDecStmt:
		if id := w.mutant(x.TokPos, x.Tok.String()+" the other way"); id > 0 {
			op := map[token.Token]string{token.INC: "+=", token.DEC: "-="}[x.Tok]
			w.replace(x.TokPos, len("++"), " %s zzONE(%d, %s)", op, id, w.src[w.file.Offset(x.X.Pos()):w.file.Offset(x.X.End())])
		}
	case *ast.UnaryExpr:
		if x.Op == token.SUB && w.numeric(x) && w.info.Types[x].Value == nil {
			if id := w.mutant(x.OpPos, "no -"); id > 0 {
				w.replace(x.OpPos, len("-"), "zzNEG(%d, ", id)
				w.shut(x.End(), ")")
			}
		}
	}
	ast.Inspect(n, func(c ast.Node) bool {
		if c != nil && c != n {
			w.visit(c)
		}
		return c == n
	})
}

func (w *writer) binary(x *ast.BinaryExpr) {
	op, known := operators()[x.Op]
	switch {
	case x.Op == token.EQL || x.Op == token.NEQ:
		if id := w.mutant(x.OpPos, x.Op.String()+" negated"); id > 0 {
			w.open(x.Pos(), "((")
			w.shut(x.End(), fmt.Sprintf(") != zzIs(%d))", id))
		}
	case known && x.Op.Precedence() == token.LSS.Precedence():
		bound, negated := w.mutant(x.OpPos, x.Op.String()+" becomes "+op[1]), w.mutant(x.OpPos, x.Op.String()+" negated")
		if bound > 0 {
			w.open(x.Pos(), "%s(%d, %d, ", op[0], bound, negated)
			w.replace(x.OpPos, len(x.Op.String()), ",")
			w.shut(x.End(), ")")
		}
	case known && w.numeric(x):
		if id := w.mutant(x.OpPos, x.Op.String()+" becomes "+op[1]); id > 0 {
			t := types.TypeString(types.Default(w.info.Types[x].Type), func(q *types.Package) string {
				if q == w.pkg {
					return ""
				}
				return q.Name()
			})
			w.open(x.Pos(), "%s[%s](%d, ", op[0], t, id)
			w.replace(x.OpPos, len(x.Op.String()), ",")
			w.shut(x.End(), ")")
		}
	}
}

func (w *writer) numeric(x ast.Expr) bool {
	b, ok := w.info.Types[x].Type.Underlying().(*types.Basic)
	return ok && b.Info()&(types.IsInteger|types.IsFloat) != 0
}

// chooser makes the change that the environment names, and tells which ones are reached.
const chooser = `package %s

import (
	zzos "os"
	zzstrconv "strconv"
)

type zzInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}
type zzNumber interface{ zzInteger | ~float32 | ~float64 }
type zzOrdered interface{ zzNumber | ~string }

var zzChosen, zzReached = zzStart()
var zzSeen [1 << 16]bool

func zzStart() (int, *zzos.File) {
	n, _ := zzstrconv.Atoi(zzos.Getenv("MUTANT"))
	var f *zzos.File
	if name := zzos.Getenv("MUTANTS_REACHED"); name != "" {
		f, _ = zzos.Create(name)
		_ = f.Truncate(1 << 16)
	}
	return n, f
}

func zzIs(id int) bool {
	if zzReached != nil && !zzSeen[id] {
		zzSeen[id] = true
		_, _ = zzReached.WriteAt([]byte{1}, int64(id))
	}
	return zzChosen == id
}

func zzLSS[T zzOrdered](b, n int, x, y T) bool { if zzIs(n) { return x >= y }; if zzIs(b) { return x <= y }; return x < y }
func zzLEQ[T zzOrdered](b, n int, x, y T) bool { if zzIs(n) { return x > y }; if zzIs(b) { return x < y }; return x <= y }
func zzGTR[T zzOrdered](b, n int, x, y T) bool { if zzIs(n) { return x <= y }; if zzIs(b) { return x >= y }; return x > y }
func zzGEQ[T zzOrdered](b, n int, x, y T) bool { if zzIs(n) { return x < y }; if zzIs(b) { return x > y }; return x >= y }
func zzADD[T zzNumber](id int, x, y T) T { if zzIs(id) { return x - y }; return x + y }
func zzSUB[T zzNumber](id int, x, y T) T { if zzIs(id) { return x + y }; return x - y }
func zzMUL[T zzNumber](id int, x, y T) T { if zzIs(id) { return x / y }; return x * y }
func zzQUO[T zzNumber](id int, x, y T) T { if zzIs(id) { return x * y }; return x / y }
func zzREM[T zzInteger](id int, x, y T) T { if zzIs(id) { return x * y }; return x %% y }
func zzNEG[T zzNumber](id int, x T) T { if zzIs(id) { return x }; return -x }
func zzONE[T zzNumber](id int, _ T) T { if zzIs(id) { var zero T; return zero - 1 }; return 1 }
`
