package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lilo-live/lilo/internal/fault"
)

// Run executes one command line and returns the exit code, one of those in
// docs/reference/errors.md. An error is one line on the error output. When ctx is
// done, the command ends in an orderly way.
func (p *Program) Run(ctx context.Context, args []string) int {
	root := newRootCommand(p) //nolint:contextcheck // Cobra passes the context to the commands.
	root.SetArgs(withRun(root, args))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(p.err, "%s %s\n", p.err.paint(red, "lilo:"), oneLine(err))
	return int(fault.KindOf(err))
}

// Command returns the command lilo with all others below it, for its manual pages and completions.
func (p *Program) Command() *cobra.Command { return newRootCommand(p) }

// oneLine returns the text of an error on one line, whatever a library put into it.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.Map(printable, err.Error())), " ")
}

// printable replaces control characters by blanks, so that a hostile file name or
// tag cannot control the terminal.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
