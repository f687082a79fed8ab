package hls

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// sourceTimeout is how long a segment waits for the source's bytes, and
// requestTimeout how long a request waits for its segment.
const (
	sourceTimeout  = 7 * time.Second
	requestTimeout = sourceTimeout + time.Second
)

// Handler serves a channel: index.m3u8 (the multivariant playlist), a media
// playlist for each rendition, and segments, below any path. Each request calls
// timeline, which returns nil while the channel is not on air. now tells the time.
func (r *Renderer) Handler(timeline func() *Timeline, now func() time.Time) http.Handler {
	return &handler{renderer: r, timeline: timeline, now: now}
}

type handler struct {
	renderer *Renderer
	timeline func() *Timeline
	now      func() time.Time
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	header.Set("Access-Control-Expose-Headers", "Content-Length, Content-Range, Date, ETag, Retry-After")
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		h.serve(w, r)
	case http.MethodOptions:
		header.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
		header.Set("Access-Control-Allow-Headers", "Range, If-None-Match, If-Range, Cache-Control")
		header.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	default:
		header.Set("Allow", "GET, HEAD, OPTIONS")
		http.Error(w, "only GET, HEAD and OPTIONS are answered here", http.StatusMethodNotAllowed)
	}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
	t := h.timeline()
	if t == nil {
		unavailable(w, time.Second, "the channel is not on air")
		return
	}
	name := path.Base(r.URL.Path)
	if name == indexName {
		servePlaylist(w, r, t.multivariantPlaylist(), "max-age=10")
		return
	}
	base, ok := strings.CutSuffix(name, suffix)
	if ok && t.entries[0].rendition(base) != nil {
		h.serveMediaPlaylist(w, r, t, base)
		return
	}
	h.serveFile(w, r, t, name)
}

func (h *handler) serveMediaPlaylist(w http.ResponseWriter, r *http.Request, t *Timeline, name string) {
	now := h.now()
	from, end := t.window(now)
	if from == end {
		unavailable(w, t.untilFirstEnds(now), "no segment has ended yet")
		return
	}
	cacheControl := "no-cache"
	if half := t.target / 2; half > 0 {
		cacheControl = "max-age=" + strconv.FormatInt(half, 10)
	}
	servePlaylist(w, r, t.mediaPlaylist(name, from, end), cacheControl)
}

func servePlaylist(w http.ResponseWriter, r *http.Request, text []byte, cacheControl string) {
	h := fnv.New64a()
	h.Write(text)
	w.Header().Set("Content-Type", "application/vnd.apple.mpegurl")
	w.Header().Set("Cache-Control", cacheControl)
	w.Header().Set("ETag", fmt.Sprintf(`"%016x"`, h.Sum64()))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

// serveFile serves a segment or an initialization section.
func (h *handler) serveFile(w http.ResponseWriter, r *http.Request, t *Timeline, name string) {
	if rend := t.initNamed(name); rend != nil {
		serveImmutable(w, r, name, rend.mediaType, rend.initSection)
		return
	}
	s, rend := t.segmentNamed(name)
	if rend == nil {
		notFound(w, "there is no such file here: ask for "+indexName)
		return
	}
	from, end := t.window(h.now())
	switch {
	case s.number >= end:
		notFound(w, "this segment has not ended yet")
		return
	case s.number < t.oldestServed(from, end):
		notFound(w, "this segment is no longer served")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	data, err := h.renderer.segment(ctx, s, rend)
	if err != nil {
		unavailable(w, 2*time.Second, "the source cannot be read now")
		return
	}
	serveImmutable(w, r, name, rend.mediaType, data)
}

// serveImmutable serves what never changes under its name.
func serveImmutable(w http.ResponseWriter, r *http.Request, name, mediaType string, data []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "max-age=86400, immutable")
	w.Header().Set("ETag", `"`+name+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// initNamed returns the rendition whose initialization section has that name,
// nil if none has.
func (t *Timeline) initNamed(name string) *rendition {
	for _, e := range t.entries {
		for i := range e.renditions {
			if r := &e.renditions[i]; r.initSection != nil && e.initName(r) == name {
				return r
			}
		}
	}
	return nil
}

// segmentNamed returns the segment of that name and its rendition, nil if there
// is none.
func (t *Timeline) segmentNamed(name string) (segment, *rendition) {
	words := strings.Split(strings.TrimSuffix(name, path.Ext(name)), "-")
	if len(words) != 3 {
		return segment{}, nil
	}
	k, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil || k < 0 {
		return segment{}, nil
	}
	e := t.entryOf(k)
	if e == nil {
		return segment{}, nil
	}
	r := e.rendition(words[0])
	if r == nil || e.segment(k).name(r) != name {
		return segment{}, nil
	}
	return e.segment(k), r
}

func notFound(w http.ResponseWriter, why string) {
	w.Header().Set("Cache-Control", "no-cache")
	http.Error(w, why, http.StatusNotFound)
}

// unavailable answers that the client should ask again after a while.
func unavailable(w http.ResponseWriter, after time.Duration, why string) {
	seconds := max(1, int64((after+time.Second-1)/time.Second))
	w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	w.Header().Set("Cache-Control", "no-cache")
	http.Error(w, why, http.StatusServiceUnavailable)
}
