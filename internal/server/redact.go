package server

import (
	"context"
	"log/slog"
	"regexp"
)

// redactHandler is a slog.Handler that removes the secrets of URLs: passwords and
// queries, which may be signatures. Our own code redacts the URLs that it logs;
// this covers errors of other packages.
type redactHandler struct{ slog.Handler }

// RedactHandler returns a handler that writes records without the secrets of URLs to h.
func RedactHandler(h slog.Handler) slog.Handler { return redactHandler{h} }

// Handle implements slog.Handler.
func (h redactHandler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, redact(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(redactAttr(a))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

// WithAttrs implements slog.Handler.
func (h redactHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return redactHandler{h.Handler.WithAttrs(redactAttrs(attrs))}
}

// WithGroup implements slog.Handler.
func (h redactHandler) WithGroup(name string) slog.Handler {
	return redactHandler{h.Handler.WithGroup(name)}
}

func redactAttrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = redactAttr(a)
	}
	return clean
}

func redactAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindString, slog.KindAny:
		v = slog.StringValue(redact(v.String()))
	case slog.KindGroup:
		v = slog.GroupValue(redactAttrs(v.Group())...)
	default: // Numbers and times hold no secrets.
	}
	return slog.Attr{Key: a.Key, Value: v}
}

func redact(text string) string {
	text = regexp.MustCompile(`(\w+://)[^\s/@"']*@`).ReplaceAllString(text, "$1")
	text = regexp.MustCompile(`(\w+://[^\s?"']*)\?[^\s"']*`).ReplaceAllString(text, "$1?…")
	return regexp.MustCompile(`(?i)((?:x-amz-signature|x-amz-credential|x-amz-security-token|token|password)=)[^\s&"']*`).ReplaceAllString(text, "$1…")
}
