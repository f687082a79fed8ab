package cli

import (
	"io"
	"os"

	"golang.org/x/term"
)

// terminal is one of the program's outputs, and what it can show.
type terminal struct {
	io.Writer
	file   *os.File // nil where there is no terminal behind the writer
	colour bool
}

// newTerminal finds out what stands behind a writer. Colour is left off where
// NO_COLOR is set to anything (no-color.org) or the terminal is a dumb one.
func newTerminal(w io.Writer, env func(string) string) terminal {
	t := terminal{Writer: w}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		t.file = f
		t.colour = env("NO_COLOR") == "" && env("TERM") != "dumb"
	}
	return t
}

// live reports whether a line can be written again in its place.
func (t terminal) live() bool { return t.file != nil }

// width returns the columns of the terminal now.
func (t terminal) width() int {
	const usual = 80
	if t.file == nil {
		return usual
	}
	if w, _, err := term.GetSize(int(t.file.Fd())); err == nil && w > 0 {
		return w
	}
	return usual
}

// colours, as the numbers of SGR (ECMA-48, 8.3.117).
type colour string

const (
	bold  colour = "1"
	red   colour = "31"
	green colour = "32"
)

// paint returns the text in that colour where the terminal shows colours.
func (t terminal) paint(c colour, text string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
