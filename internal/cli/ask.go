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

// asker asks the person at the terminal.
type asker struct {
	in io.Reader
	// person tells that somebody is there to answer.
	person bool
}

// newAsker asks at a file, if a terminal stands behind it.
func newAsker(f *os.File) asker {
	return asker{in: f, person: term.IsTerminal(int(f.Fd()))}
}

// agree asks a question that is to be answered with yes before something is
// done, unless it was said with --yes already.
func (p *Program) agree(ctx context.Context, question string, yes bool) error {
	if yes {
		return nil
	}
	if !p.ask.person {
		return fault.New(fault.Declined, "nothing was done: there is no terminal to ask at; say --yes to agree to it")
	}
	fmt.Fprintf(p.err, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() { // A read from a terminal cannot be called off; the program ends soon.
		line, _ := bufio.NewReader(p.ask.in).ReadString('\n')
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
	return fault.New(fault.Declined, "nothing was done: it was not agreed to")
}
