package server

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
)

// newScreen returns the console of a station.
func newScreen(s *station, o Options, log *slog.Logger) screen {
	log.Debug("sources", "allowed", o.sourceTexts())
	return &bare{station: s}
}

type bare struct{ station *station }

func (b *bare) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/hls/")
	id, _, _ := strings.Cut(rest, "/")
	if h := b.station.HLS(id); ok && h != nil {
		http.StripPrefix("/hls/"+id, h).ServeHTTP(w, r)
		return
	}
	http.NotFound(w, r)
}

func (b *bare) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}

// sourceTexts says, a sentence each, what sources may be.
func (o *Options) sourceTexts() []string {
	var all []string
	if len(o.AllowFiles) > 0 {
		all = append(all, "Files in "+strings.Join(o.AllowFiles, ", ")+".")
	} else {
		all = append(all, "No files of this machine: --allow-files names a folder of them.")
	}
	if len(o.AllowHosts) > 0 {
		return append(all, "URLs of "+strings.Join(o.AllowHosts, ", ")+".")
	}
	if o.AllowPrivate || o.open() {
		return append(all, "URLs of any https://, http:// or s3:// server.")
	}
	return append(all, "URLs of public https://, http:// and s3:// servers.")
}
