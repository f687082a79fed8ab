package server

import (
	"log/slog"
	"regexp"
)

// Redact is a slog.HandlerOptions.ReplaceAttr that removes the secrets of URLs:
// passwords and queries, which may be signatures. Our own code redacts the URLs that
// it logs; this covers errors of other packages.
func Redact(_ []string, a slog.Attr) slog.Attr {
	if k := a.Value.Kind(); k == slog.KindString || k == slog.KindAny { // Numbers and times hold no secrets.
		a.Value = slog.StringValue(redact(a.Value.String()))
	}
	return a
}

func redact(text string) string {
	text = regexp.MustCompile(`(\w+://)[^\s/@"']*@`).ReplaceAllString(text, "$1")
	text = regexp.MustCompile(`(\w+://[^\s?"']*)\?[^\s"']*`).ReplaceAllString(text, "$1?…")
	return regexp.MustCompile(`(?i)((?:x-amz-signature|x-amz-credential|x-amz-security-token|token|password)=)[^\s&"']*`).ReplaceAllString(text, "$1…")
}
