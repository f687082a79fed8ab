package server

import (
	"context"
	"log/slog"
	"regexp"
)

// scrubbed is a slog.Handler that keeps the secrets of URLs out of a log: the
// password, and the query, which may be a signature. Whoever logs a URL should
// have taken them off already; this is for errors of others' making.
type scrubbed struct{ slog.Handler }

// RedactHandler returns a handler that writes to h what has no secrets of URLs any more.
func RedactHandler(h slog.Handler) slog.Handler { return scrubbed{h} }

// Handle implements slog.Handler.
func (s scrubbed) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, scrub(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(scrubAttr(a))
		return true
	})
	return s.Handler.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (s scrubbed) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = scrubAttr(a)
	}
	return scrubbed{s.Handler.WithAttrs(clean)}
}

// WithGroup implements slog.Handler.
func (s scrubbed) WithGroup(name string) slog.Handler { return scrubbed{s.Handler.WithGroup(name)} }

func scrubAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, scrub(v.String()))
	case slog.KindGroup:
		var clean []slog.Attr
		for _, each := range v.Group() {
			clean = append(clean, scrubAttr(each))
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(clean...)}
	case slog.KindAny:
		return slog.String(a.Key, scrub(v.String()))
	default: // Numbers and times.
		return slog.Attr{Key: a.Key, Value: v}
	}
}

func scrub(text string) string {
	text = regexp.MustCompile(`(\w+://)[^\s/@"']*@`).ReplaceAllString(text, "$1")
	text = regexp.MustCompile(`(\w+://[^\s?"']*)\?[^\s"']*`).ReplaceAllString(text, "$1?…")
	return regexp.MustCompile(`(?i)((?:x-amz-signature|x-amz-credential|x-amz-security-token|token|password)=)[^\s&"']*`).ReplaceAllString(text, "$1…")
}
