package hls

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

func get(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// A channel that has just begun has a full window, of the laps before it.
func TestPlaylistsAndSegmentsAreServed(t *testing.T) {
	h := Handler(timeline(t, Part{Loop: bundled(t), From: epoch}), func() time.Time { return epoch })
	if w := get(h, "GET", "/hls/7/index.m3u8"); w.Code != 200 || !strings.Contains(w.Body.String(), "\nvideo.m3u8\n") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w := get(h, "GET", "/hls/7/video.m3u8")
	names := regexp.MustCompile(`(?m)^[^#\n].*$`).FindAllString(w.Body.String(), -1)
	if len(names) != 6 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, name := range names {
		w := get(h, "GET", "/hls/7/"+name)
		if w.Code != 200 || w.Body.Len() == 0 || w.Body.Len()%188 != 0 || w.Header().Get("Content-Type") != "video/mp2t" {
			t.Errorf("%s: %d, %d bytes, %v", name, w.Code, w.Body.Len(), w.Header())
		}
	}
}
