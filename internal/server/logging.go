package server

import (
	"io"
	"log/slog"
	"strings"

	"github.com/lilo-live/lilo/internal/setting"
)

// Logging is which messages are logged, and how they are written.
type Logging struct {
	Level  string // "debug", "info", "warn" or "error": the least that is written; "" means info
	Format string // "text" or "json"; "" means text
}

// LogSettings returns the settings of a log.
func LogSettings() []setting.Field[Logging] {
	type row = setting.Row
	return []setting.Field[Logging]{
		setting.Of(row{Key: "log-level", Usage: "least that is logged", Default: "info"},
			setting.Word("debug", "info", "warn", "error"), func(l *Logging) *string { return &l.Level }),
		setting.Of(row{Key: "log-format", Usage: "how messages are written: as text, or as lines of JSON on the error output", Default: "text", Example: "json"},
			setting.Word("text", "json"), func(l *Logging) *string { return &l.Format }),
	}
}

// Handler returns the handler that writes the log to w, without the secrets of URLs.
func (l Logging) Handler(w io.Writer) slog.Handler {
	o := &slog.HandlerOptions{Level: l.MinLevel(), ReplaceAttr: Redact}
	if l.Format == "json" {
		return slog.NewJSONHandler(w, o)
	}
	return slog.NewTextHandler(w, o)
}

// MinLevel returns the least level that is written.
func (l Logging) MinLevel() slog.Level {
	var level slog.Level // Info, and what an unknown word leaves.
	_ = level.UnmarshalText([]byte(strings.ToUpper(l.Level)))
	return level
}
