package cli

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// lineLog is a slog.Handler that prints messages above the status line, with the time
// of day. It leaves out the channel's name, since a terminal shows one channel.
type lineLog struct {
	line  *statusLine
	now   func() time.Time
	attrs []slog.Attr
}

// Enabled implements slog.Handler. Debug messages are not shown.
func (*lineLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }

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
	return &lineLog{line: l.line, now: l.now, attrs: slices.Concat(l.attrs, attrs)}
}

// WithGroup implements slog.Handler. A terminal has no groups.
func (l *lineLog) WithGroup(string) slog.Handler { return l }
