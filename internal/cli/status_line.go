package cli

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
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

// lineLog is a slog.Handler that prints messages above the status line, with the time
// of day. It leaves out the channel's name, since a terminal shows one channel.
type lineLog struct {
	line  *statusLine
	now   func() time.Time
	level slog.Level
	attrs []slog.Attr
}

// Enabled implements slog.Handler.
func (l *lineLog) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

// Handle implements slog.Handler.
func (l *lineLog) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(l.now().Format(time.TimeOnly) + " " + r.Message)
	add := func(a slog.Attr) bool {
		if a.Key != "channel" {
			b.WriteString(" " + a.String())
		}
		return true
	}
	for _, a := range l.attrs {
		add(a)
	}
	r.Attrs(add)
	l.line.Print(strings.Map(printable, b.String()))
	return nil
}

// WithAttrs implements slog.Handler.
func (l *lineLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &lineLog{line: l.line, now: l.now, level: l.level, attrs: slices.Concat(l.attrs, attrs)}
}

// WithGroup implements slog.Handler. A terminal has no groups.
func (l *lineLog) WithGroup(string) slog.Handler { return l }
