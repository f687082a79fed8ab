package cli

import (
	"encoding/json"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/lilo-live/lilo/internal/fault"
)

// terminal is one of the program's outputs. It may or may not be a terminal.
type terminal struct {
	io.Writer
	file   *os.File // nil if the writer is no terminal
	colour bool
}

// newTerminal returns the terminal of a writer. It has no colour if NO_COLOR is set
// (no-color.org) or TERM is dumb.
func newTerminal(w io.Writer, env func(string) string) terminal {
	t := terminal{Writer: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		t.file = f
		t.colour = env("NO_COLOR") == "" && env("TERM") != "dumb"
	}
	return t
}

// Write implements io.Writer. Faults are of kind Destination.
func (t terminal) Write(b []byte) (int, error) {
	n, err := t.Writer.Write(b)
	if err != nil {
		err = fault.New(fault.Destination, "cannot write to the standard output: %w", fault.Reason(err))
	}
	return n, err
}

// live reports whether a line can be rewritten in place.
func (t terminal) live() bool { return t.file != nil }

// width returns the current number of columns.
func (t terminal) width() int {
	if t.file != nil {
		if w, _, err := term.GetSize(int(t.file.Fd())); err == nil && w > 0 {
			return w
		}
	}
	return 80
}

// colour is the parameter of an SGR sequence (ECMA-48, 8.3.117).
type colour string

const (
	bold  colour = "1"
	red   colour = "31"
	green colour = "32"
)

// paint returns the text in a colour if the terminal shows colours.
func (t terminal) paint(c colour, text string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

// mark returns a tick or a cross.
func (t terminal) mark(ok bool) string {
	if ok {
		return t.paint(green, "✓")
	}
	return t.paint(red, "✗")
}

// print writes v as indented JSON if asJSON is set, and otherwise the text.
func (t terminal) print(asJSON bool, v any, text string) error {
	if !asJSON {
		_, err := io.WriteString(t, text)
		return err
	}
	return t.printJSON(v, "  ")
}

// printJSON writes v as JSON: in one line if indent is empty.
func (t terminal) printJSON(v any, indent string) error {
	e := json.NewEncoder(t)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
