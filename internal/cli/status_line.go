package cli

import (
	"fmt"
	"sync"
	"unicode/utf8"
)

// statusLine is the last line of a terminal, which is rewritten in place while whole
// lines appear above it. On anything else only those are written. Any goroutine may
// use it.
type statusLine struct {
	term terminal

	mu    sync.Mutex
	shown string
}

// Update replaces the text of the line, cut to the width of the terminal.
func (l *statusLine) Update(text string) {
	if !l.term.live() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if text = cut(text, l.term.width()-1); text != l.shown {
		l.shown = text
		fmt.Fprint(l.term, "\r"+text+"\x1b[K")
	}
}

// Print writes a whole line above the status line.
func (l *statusLine) Print(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown == "" {
		fmt.Fprintln(l.term, text)
		return
	}
	fmt.Fprint(l.term, "\r\x1b[K"+text+"\n"+l.shown)
}

// Clear removes the line.
func (l *statusLine) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown != "" {
		fmt.Fprint(l.term, "\r\x1b[K")
		l.shown = ""
	}
}

// cut shortens text to width characters.
func cut(text string, width int) string {
	if width < 1 || utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}
