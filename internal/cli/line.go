package cli

import (
	"fmt"
	"sync"
	"unicode/utf8"
)

// line is the last line of a terminal, written again and again in its place,
// while whole lines may appear above it. Where there is no terminal it is
// never shown. It may be used by any number of goroutines.
type line struct {
	term terminal

	mu    sync.Mutex
	shown string
}

// Update shows the text in the place of the one before, cut to the width.
func (l *line) Update(text string) {
	if !l.term.live() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = cut(text, l.term.width()-1)
	fmt.Fprint(l.term, "\r"+l.shown+"\x1b[K")
}

// Print writes a whole line above.
func (l *line) Print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown == "" {
		fmt.Fprintln(l.term, text)
		return
	}
	fmt.Fprint(l.term, "\r\x1b[K"+text+"\n"+l.shown)
}

// Clear takes the line away.
func (l *line) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown != "" {
		fmt.Fprint(l.term, "\r\x1b[K")
		l.shown = ""
	}
}

// cut shortens the text to so many characters.
func cut(text string, width int) string {
	if width < 1 || utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}
