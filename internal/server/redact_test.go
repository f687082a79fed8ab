package server

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestLogsHaveNoSecretsOfURLs(t *testing.T) {
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: Redact}))
	const url = "https://anna:s3cr3t@host/a.mp4?sig=s3cr3t"
	log.With("base", url).Error("GET "+url, "error", errors.New(url+": EOF"), slog.Group("g", "at", url, "n", 7), "line", "token=s3cr3t")
	if got := b.String(); strings.Contains(got, "s3cr3t") || strings.Count(got, "https://host/a.mp4?…") != 4 || !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "g.n=7") {
		t.Error(got)
	}
}
