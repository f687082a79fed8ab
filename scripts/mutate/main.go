// Mutate changes a package in one place at a time and reports the changes that no test notices.
//
// It compiles all changes into one test binary, in which an environment variable chooses one.
// Each test runs once to find out which changes it reaches. A change is then tried with these
// tests alone, the fastest first, so even a package whose tests take a minute takes minutes.
//
//	go run ./scripts/mutate [-files REGEXP] [-tests PACKAGES] [-least PERCENT] PACKAGE
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	if stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	files := flag.String("files", "", "change files whose name matches this expression only")
	tests := flag.String("tests", "", "packages, separated by commas, whose tests must notice; the package itself by default")
	least := flag.Float64("least", 90, "fail if the tests notice less than this percentage")
	workers := flag.Int("workers", runtime.NumCPU(), "changes to try at the same time")
	flag.Parse()
	if flag.NArg() != 1 {
		return fmt.Errorf("name one package, such as ./internal/loop")
	}
	pattern, err := regexp.Compile(*files)
	if err != nil {
		return err
	}
	p, err := load(ctx, flag.Arg(0), pattern)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	suite := &suite{dir: dir, workers: *workers}
	for name := range strings.SplitSeq(*tests, ",") {
		if name == "" {
			name = flag.Arg(0)
		}
		suite.binaries = append(suite.binaries, binary{path: filepath.Join(dir, fmt.Sprintf("%d.test", len(suite.binaries))), pkg: name})
	}
	if err := suite.build(ctx, p); err != nil {
		return err
	}
	if err := suite.reach(ctx); err != nil {
		return err
	}
	return suite.try(ctx, p.mutants, *least)
}
