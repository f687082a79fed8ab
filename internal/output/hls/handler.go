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

// arrival is how long a segment waits for the bytes it is made of, and patience
// how long a request waits for its segment.
const (
	arrival  = 7 * time.Second
	patience = arrival + time.Second
)

// Handler serves index.m3u8 (multivariant), video.m3u8 (media) and segments
// below the folder it is mounted at. now tells the time.
func Handler(t *Timeline, now func() time.Time) http.Handler {
	return NewRenderer(Options{}).Handler(func() *Timeline { return t }, now)
}

// Handler is as the function of that name, for a timeline that may change: every
// request asks for it anew, and nil means that there is none now.
func (m *Renderer) Handler(timeline func() *Timeline, now func() time.Time) http.Handler {
	return &handler{maker: m, timeline: timeline, now: now}
}

type handler struct {
	maker    *Renderer
	timeline func() *Timeline
	now      func() time.Time
}

// ServeHTTP implements http.Handler.
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
		away(w, time.Second, "the channel is not on air")
		return
	}
	name := path.Base(r.URL.Path)
	if name == indexName {
		playlist(w, r, t.index(), "max-age=10")
		return
	}
	base, ok := strings.CutSuffix(name, suffix)
	if ok && t.parts[0].rendition(base) != nil {
		h.media(w, r, t, base)
		return
	}
	h.file(w, r, t, name)
}

// media serves the media playlist of a rendition as it is now.
func (h *handler) media(w http.ResponseWriter, r *http.Request, t *Timeline, name string) {
	now := h.now()
	from, end := t.window(now)
	if from == end {
		away(w, t.wait(now), "no segment has ended yet")
		return
	}
	fresh := "no-cache"
	if half := t.target / 2; half > 0 {
		fresh = "max-age=" + strconv.FormatInt(half, 10)
	}
	playlist(w, r, t.media(name, from, end), fresh)
}

// playlist serves a playlist with a tag of its own.
func playlist(w http.ResponseWriter, r *http.Request, text []byte, fresh string) {
	h := fnv.New64a()
	h.Write(text)
	w.Header().Set("Content-Type", "application/vnd.apple.mpegurl")
	w.Header().Set("Cache-Control", fresh)
	w.Header().Set("ETag", fmt.Sprintf(`"%016x"`, h.Sum64()))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

// file serves a segment or a header.
func (h *handler) file(w http.ResponseWriter, r *http.Request, t *Timeline, name string) {
	if p, rend := t.header(name); p != nil {
		lasting(w, r, name, rend.kind, rend.header)
		return
	}
	s, rend := t.named(name)
	if rend == nil {
		gone(w, "there is no such file here: ask for "+indexName)
		return
	}
	from, end := t.window(h.now())
	switch {
	case s.number >= end:
		gone(w, "this segment has not ended yet")
		return
	case s.number < t.kept(from, end):
		gone(w, "this segment is over")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	data, err := h.maker.segment(ctx, s, rend)
	if err != nil {
		away(w, 2*time.Second, "the source is not there now")
		return
	}
	lasting(w, r, name, rend.kind, data)
}

// lasting serves what never changes under its name.
func lasting(w http.ResponseWriter, r *http.Request, name, kind string, data []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "max-age=86400, immutable")
	w.Header().Set("ETag", `"`+name+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// header returns the part and the rendition whose header has that name, nil where none has.
func (t *Timeline) header(name string) (*part, *rendition) {
	for _, p := range t.parts {
		for i := range p.renditions {
			if r := &p.renditions[i]; r.header != nil && p.headerName(r) == name {
				return p, r
			}
		}
	}
	return nil, nil
}

// named returns the segment of a name and its rendition, nil where there is none.
func (t *Timeline) named(name string) (segment, *rendition) {
	words := strings.Split(strings.TrimSuffix(name, path.Ext(name)), "-")
	if len(words) != 3 {
		return segment{}, nil
	}
	k, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil || k < 0 {
		return segment{}, nil
	}
	p := t.part(k)
	if p == nil {
		return segment{}, nil
	}
	r := p.rendition(words[0])
	if r == nil || p.segment(k).name(r) != name {
		return segment{}, nil
	}
	return p.segment(k), r
}

func gone(w http.ResponseWriter, why string) {
	w.Header().Set("Cache-Control", "no-cache")
	http.Error(w, why, http.StatusNotFound)
}

// away answers that it is worth asking again after a while.
func away(w http.ResponseWriter, after time.Duration, why string) {
	seconds := max(1, int64((after+time.Second-1)/time.Second))
	w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	w.Header().Set("Cache-Control", "no-cache")
	http.Error(w, why, http.StatusServiceUnavailable)
}
