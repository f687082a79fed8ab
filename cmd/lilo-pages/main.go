// Command lilo-pages writes what packages install beside the program: a manual page for
// each command, completions for shells, and the configuration of a server.
//
//	lilo-pages DIR
//
// DIR/man/man1, DIR/completions and DIR/serve.yaml are the same for the same tree: the
// date in the pages is SOURCE_DATE_EPOCH, or none.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/lilo-live/lilo/internal/cli"
	"github.com/lilo-live/lilo/internal/server"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: lilo-pages DIR")
		os.Exit(2)
	}
	// The defaults in the pages are those of any user, so the environment does not matter.
	root := cli.New(io.Discard, io.Discard, func(string) string { return "" }).Command()
	if err := write(root, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "lilo-pages:", err)
		os.Exit(1)
	}
}

func write(root *cobra.Command, dir string) error {
	man, completions := filepath.Join(dir, "man", "man1"), filepath.Join(dir, "completions")
	for _, d := range []string{man, completions} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "serve.yaml"), []byte(server.Init()), 0o644); err != nil { //nolint:gosec // It holds no secret.
		return err
	}
	date := new(time.Time)
	if seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64); err == nil {
		*date = time.Unix(seconds, 0).UTC()
	}
	header := &doc.GenManHeader{Section: "1", Source: "LILO", Manual: "LILO", Date: date}
	if err := doc.GenManTree(root, header, man); err != nil {
		return err
	}
	for name, generate := range map[string]func(io.Writer) error{
		"lilo.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"_lilo":     root.GenZshCompletion,
		"lilo.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"lilo.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		f, err := os.Create(filepath.Join(completions, name))
		if err != nil {
			return err
		}
		err = generate(f)
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return err
		}
	}
	return nil
}
