package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/lilo-live/lilo/internal/fault"
)

// prompt is where the user answers questions.
type prompt struct {
	in          io.Reader
	interactive bool
}

// newPrompt returns a prompt on a file, interactive if it is a terminal.
func newPrompt(f *os.File) prompt {
	return prompt{in: f, interactive: term.IsTerminal(int(f.Fd()))}
}

// confirm asks a question and returns a fault unless the answer, or the flag
// --yes, is yes.
func (p *Program) confirm(ctx context.Context, question string, yes bool) error {
	if yes {
		return nil
	}
	if !p.prompt.interactive {
		return fault.New(fault.Declined, "nothing was done: there is no terminal to ask at; confirm with --yes")
	}
	fmt.Fprintf(p.err, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() { // A read from a terminal cannot be cancelled; the program ends soon.
		line, _ := bufio.NewReader(p.prompt.in).ReadString('\n')
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(p.err)
		return fault.New(fault.Declined, "nothing was done: interrupted")
	case a := <-answer:
		if a == "y" || a == "yes" {
			return nil
		}
	}
	return fault.New(fault.Declined, "nothing was done: not confirmed")
}
