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

// patience is how long a request waits for its segment.
const patience = 8 * time.Second

// Handler serves index.m3u8 (multivariant), video.m3u8 (media) and segments
// below the folder it is mounted at. now tells the time.
func Handler(t *Timeline, now func() time.Time) http.Handler {
	return NewMaker(Making{}).Handler(func() *Timeline { return t }, now)
}

// Handler is as the function of that name, for a timeline that may change: every
// request asks for it anew, and nil means that there is none now.
func (m *Maker) Handler(timeline func() *Timeline, now func() time.Time) http.Handler {
	return &handler{maker: m, timeline: timeline, now: now}
}

type handler struct {
	maker    *Maker
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
	switch name := path.Base(r.URL.Path); name {
	case indexName:
		playlist(w, r, t.index(), "max-age=10")
	case videoName:
		h.video(w, r, t)
	default:
		h.segment(w, r, t, name)
	}
}

// video serves the media playlist as it is now.
func (h *handler) video(w http.ResponseWriter, r *http.Request, t *Timeline) {
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
	playlist(w, r, t.media(from, end), fresh)
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

// segment serves a segment that has ended and is not too old.
func (h *handler) segment(w http.ResponseWriter, r *http.Request, t *Timeline, name string) {
	s, ok := t.named(name)
	if !ok {
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
	data, err := h.maker.segment(ctx, s)
	if err != nil {
		away(w, 2*time.Second, "the source is not there now")
		return
	}
	w.Header().Set("Content-Type", "video/mp2t")
	w.Header().Set("Cache-Control", "max-age=86400, immutable")
	w.Header().Set("ETag", `"`+name+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// named returns the segment of a name.
func (t *Timeline) named(name string) (segment, bool) {
	base, ok := strings.CutSuffix(name, ".ts")
	tag, number, cut := strings.Cut(base, "-")
	k, err := strconv.ParseInt(number, 10, 64)
	if !ok || !cut || err != nil || k < 0 {
		return segment{}, false
	}
	p := t.part(k)
	if p == nil || p.tag != tag {
		return segment{}, false
	}
	s := p.segment(k)
	return s, s.name() == name
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
