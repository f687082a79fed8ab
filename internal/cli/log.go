package cli

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// lineLog is a slog.Handler that writes messages above the status line, with
// the time of day, and their attributes only when they are not the channel's
// name, of which a terminal has one.
type lineLog struct {
	line  *statusLine
	now   func() time.Time
	attrs []slog.Attr
}

// Enabled leaves out what is for developers.
func (*lineLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

// Handle writes one message.
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

// WithAttrs returns a handler that adds them.
func (l *lineLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &lineLog{line: l.line, now: l.now, attrs: slices.Concat(l.attrs, attrs)}
}

// WithGroup returns the same handler: a terminal has no groups.
func (l *lineLog) WithGroup(string) slog.Handler { return l }
