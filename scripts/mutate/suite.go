package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// suite is the tests that must notice changes.
type suite struct {
	dir      string
	workers  int
	binaries []binary
	tests    []test // the fastest first
}

// binary is a compiled test binary of a package.
type binary struct{ path, pkg string }

// test is a test, how long it takes, and which changes it reaches.
type test struct {
	binary  binary
	name    string
	took    time.Duration
	reached []byte
}

// build compiles the changes into the test binaries. Those that do not compile are left out.
func (s *suite) build(ctx context.Context, p *mutated) error {
	for {
		overlay := map[string]string{}
		for path, text := range p.change() {
			overlay[path] = filepath.Join(s.dir, filepath.Base(path))
			if err := os.WriteFile(overlay[path], text, 0o600); err != nil {
				return err
			}
		}
		list, err := json.Marshal(map[string]any{"Replace": overlay})
		if err != nil {
			return err
		}
		name := filepath.Join(s.dir, "overlay.json")
		if err := os.WriteFile(name, list, 0o600); err != nil {
			return err
		}
		out, err := s.compile(ctx, name)
		if err == nil {
			fmt.Printf("%d changes; lines left out: %d\n", len(p.mutants), len(p.skipped))
			return nil
		}
		before := len(p.skipped)
		for _, m := range regexp.MustCompile(`(?m)(\w+\.go:\d+):`).FindAllSubmatch(out, -1) {
			p.skipped[string(m[1])] = true
		}
		if len(p.skipped) == before || ctx.Err() != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
}

// compile builds the binaries, and returns what the compiler says of one that it cannot.
func (s *suite) compile(ctx context.Context, overlay string) (out []byte, err error) {
	for _, b := range s.binaries {
		c := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-gcflags=-e", "-overlay", overlay, "-o", b.path, b.pkg)
		if out, err := c.CombinedOutput(); err != nil {
			return out, err
		}
	}
	return nil, nil
}

// command returns the command that runs tests of a binary.
func (b binary) command(ctx context.Context, tests, env string) *exec.Cmd {
	c := exec.CommandContext(ctx, b.path, "-test.short", "-test.failfast", "-test.run", "^("+tests+")$")
	c.Dir, c.Env, c.WaitDelay = b.pkg, append(os.Environ(), env, "GOMEMLIMIT=1GiB"), time.Second
	return c
}

// reach runs each test once.
func (s *suite) reach(ctx context.Context) error {
	for _, b := range s.binaries {
		c := exec.CommandContext(ctx, b.path, "-test.list", ".")
		c.Dir = b.pkg
		out, err := c.Output()
		if err != nil {
			return fmt.Errorf("list the tests of %s: %w", b.pkg, err)
		}
		for name := range strings.FieldsSeq(string(out)) {
			if strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz") {
				s.tests = append(s.tests, test{binary: b, name: name})
			}
		}
	}
	errs := make([]error, len(s.tests))
	s.inParallel(len(s.tests), func(i int) {
		t, file := &s.tests[i], filepath.Join(s.dir, fmt.Sprint("reached", i))
		begin := time.Now()
		out, err := t.binary.command(ctx, t.name, "MUTANTS_REACHED="+file).CombinedOutput()
		if t.took = time.Since(begin); err != nil {
			errs[i] = fmt.Errorf("%s of %s fails without a change: %w\n%s", t.name, t.binary.pkg, err, bytes.TrimSpace(out))
			return
		}
		t.reached, errs[i] = os.ReadFile(file)
	})
	slices.SortFunc(s.tests, func(a, b test) int { return cmp.Compare(a.took, b.took) })
	return cmp.Or(errs...)
}

// try makes each change, prints those that live and fails if too few are noticed.
func (s *suite) try(ctx context.Context, all []mutant, least float64) error {
	fates := make([]string, len(all))
	s.inParallel(len(all), func(i int) { fates[i] = s.fate(ctx, i+1) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	count := map[string]int{}
	for i, m := range all {
		if count[fates[i]]++; fates[i] != noticed {
			fmt.Printf("%-11s %s:%d:%d: %s: %s\n", fates[i], filepath.Base(m.at.Filename), m.at.Line, m.at.Column, m.what, m.line)
		}
	}
	score := 100 * float64(count[noticed]+count[endless]) / float64(max(1, len(all)))
	fmt.Printf("%d noticed, %d never ended, %d lived, %d not reached: %.1f %%\n", count[noticed], count[endless], count[lived], count[unreached], score)
	if score < least {
		return fmt.Errorf("the tests notice %.1f %% of the changes, and not %v %%", score, least)
	}
	return nil
}

// What becomes of a change.
const (
	noticed   = "noticed"
	endless   = "never ended" // the tests run for ever
	lived     = "lived"
	unreached = "not reached"
)

// fate tries a change, first with the tests that take no second together.
func (s *suite) fate(ctx context.Context, id int) string {
	fate := unreached
	for rest := s.tests; len(rest) > 0; {
		took, names, n, b := time.Duration(0), []string(nil), 0, rest[0].binary
		for _, t := range rest {
			if t.binary != b || took > 0 && took+t.took > time.Second {
				break
			}
			if n++; t.reached[id] != 0 {
				took, names = took+t.took, append(names, t.name)
			}
		}
		if rest = rest[n:]; names == nil {
			continue
		}
		fate = lived
		limited, stop := context.WithTimeout(ctx, 6*took+10*time.Second)
		err := b.command(limited, strings.Join(names, "|"), fmt.Sprint("MUTANT=", id)).Run()
		late := limited.Err() != nil
		if stop(); late {
			return endless
		}
		if err != nil {
			return noticed
		}
	}
	return fate
}

// inParallel calls do with 0 to n-1.
func (s *suite) inParallel(n int, do func(int)) {
	var working sync.WaitGroup
	next := make(chan int)
	for range s.workers {
		working.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	working.Wait()
}
