package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/server/auth"
)

// prompt is where the user answers questions.
type prompt struct {
	in       io.Reader
	terminal bool
}

// newPrompt returns a prompt on a file, which may be a terminal.
func newPrompt(f *os.File) prompt {
	return prompt{in: f, terminal: term.IsTerminal(int(f.Fd()))}
}

// confirm asks a question on out and returns a fault unless the answer is yes.
func (p prompt) confirm(ctx context.Context, out io.Writer, question string) error {
	if !p.terminal {
		return fault.New(fault.Declined, "nothing was done: there is no terminal to ask at; confirm with --yes")
	}
	fmt.Fprintf(out, "%s [y/N] ", question)
	answer := make(chan string, 1)
	go func() { // A read from a terminal cannot be cancelled; the program ends soon.
		answer <- strings.ToLower(strings.TrimSpace(p.line()))
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(out)
		return fault.New(fault.Declined, "nothing was done: interrupted")
	case a := <-answer:
		if a == "y" || a == "yes" {
			return nil
		}
	}
	return fault.New(fault.Declined, "nothing was done: not confirmed")
}

// line reads a line, and nothing of the next: that answers the next question.
func (p prompt) line() string {
	var line []byte
	for b := make([]byte, 1); len(line) < 1<<10; {
		if _, err := io.ReadFull(p.in, b); err != nil || b[0] == '\n' {
			break
		}
		line = append(line, b[0])
	}
	return string(line)
}

// password asks for a password twice on a terminal without showing it, and reads a
// line of anything else.
func (p prompt) password(out io.Writer) (string, error) {
	if !p.terminal {
		line, err := bufio.NewReader(io.LimitReader(p.in, auth.MaxPassword+2)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fault.New(fault.Usage, "the password cannot be read: %w", fault.Reason(err))
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, ask := range []string{"password: ", "once more: "} {
		fmt.Fprint(out, ask)
		text, err := term.ReadPassword(int(p.in.(*os.File).Fd()))
		fmt.Fprintln(out)
		if err != nil {
			return "", fault.New(fault.Usage, "the password cannot be read: %w", err)
		}
		typed[i] = string(text)
	}
	if typed[0] != typed[1] {
		return "", fault.New(fault.Usage, "the two passwords differ: try again")
	}
	return typed[0], nil
}
