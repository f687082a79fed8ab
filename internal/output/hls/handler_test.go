package hls

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

func get(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/", nil)
	r.URL.Path = path
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// uris returns what a playlist lists.
func uris(playlist string) []string {
	return regexp.MustCompile(`(?m)^[^#\n].*$`).FindAllString(playlist, -1)
}

// A channel that has just begun has a full window, of the laps before it.
func TestPlaylistsAndSegmentsAreServed(t *testing.T) {
	h := Handler(timeline(t, Entry{Loop: segmented(t, bundled(t)), From: epoch}), func() time.Time { return epoch })
	if w := get(h, "GET", "/hls/7/index.m3u8"); w.Code != 200 || !strings.Contains(w.Body.String(), "\nvideo.m3u8\n") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w := get(h, "GET", "/hls/7/video.m3u8")
	names := uris(w.Body.String())
	if len(names) != 6 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, name := range names {
		w := get(h, "GET", "/hls/7/"+name)
		if w.Code != 200 || w.Body.Len() == 0 || w.Body.Len()%188 != 0 {
			t.Errorf("%s: %d, %d bytes", name, w.Code, w.Body.Len())
		}
	}
}

// What players and what stands between them and LILO are told.
func TestHeaders(t *testing.T) {
	h := Handler(timeline(t, Entry{Loop: segmented(t, bundled(t)), From: epoch}), func() time.Time { return epoch.Add(time.Minute) })
	segment := "/" + uris(get(h, "GET", "/video.m3u8").Body.String())[2]
	tag := get(h, "GET", "/video.m3u8").Header().Get("ETag")
	for name, c := range map[string]struct {
		method, path string
		headers      []string
		code         int
		want         map[string]string
	}{
		"8216bis 4: type of a playlist":     {"GET", "/index.m3u8", nil, 200, map[string]string{"Content-Type": "application/vnd.apple.mpegurl", "Cache-Control": "max-age=10"}},
		"a media playlist is fresh half":    {"GET", "/video.m3u8", nil, 200, map[string]string{"Content-Type": "application/vnd.apple.mpegurl", "Cache-Control": "max-age=1"}},
		"9110 13.1.2: it has not changed":   {"GET", "/video.m3u8", []string{"If-None-Match", tag}, 304, map[string]string{"ETag": tag}},
		"8216bis 3.2: type of a segment":    {"GET", segment, nil, 200, map[string]string{"Content-Type": "video/mp2t", "Cache-Control": "max-age=86400, immutable"}},
		"9110 14.2: a range":                {"GET", segment, []string{"Range", "bytes=188-375"}, 206, map[string]string{"Content-Length": "188"}},
		"9110 14.2: a range that is not":    {"GET", segment, []string{"Range", "bytes=999999999-"}, 416, nil},
		"9110 9.3.2: HEAD":                  {"HEAD", segment, nil, 200, map[string]string{"Content-Type": "video/mp2t"}},
		"Fetch 3.2: any page may read":      {"GET", segment, []string{"Origin", "https://player.example"}, 200, map[string]string{"Access-Control-Allow-Origin": "*"}},
		"Fetch 3.2: preflight":              {"OPTIONS", segment, []string{"Origin", "https://player.example"}, 204, map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS"}},
		"9110 15.5.6: nothing is written":   {"PUT", segment, nil, 405, map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
		"no such file":                      {"GET", "/nothing.ts", nil, 404, map[string]string{"Cache-Control": "no-cache"}},
		"a folder":                          {"GET", "/", nil, 404, nil},
		"no such rendition":                 {"GET", "/audio1.m3u8", nil, 404, nil},
		"a path that would leave its place": {"GET", "/../../etc/passwd", nil, 404, nil},
	} {
		w := get(h, c.method, c.path, c.headers...)
		if w.Code != c.code {
			t.Errorf("%s: %d, want %d", name, w.Code, c.code)
		}
		for key, want := range c.want {
			if got := w.Header().Get(key); got != want {
				t.Errorf("%s: %s: %s, want %s", name, key, got, want)
			}
		}
		if c.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("%s: a body of %d bytes", name, w.Body.Len())
		}
	}
}

// Segments are there from when they end until no playlist that may still be
// followed lists them, and never before.
func TestSegmentsInTime(t *testing.T) {
	now := epoch.Add(time.Hour)
	tl := timeline(t, Entry{Loop: segmented(t, bundled(t)), From: epoch})
	h := Handler(tl, func() time.Time { return now })
	from, end := tl.window(now)
	r := tl.entries[0].rendition("video")
	for k, code := range map[int64]int{end: 404, end + 1: 404, end - 1: 200, from: 200, from - 12: 200, from - 13: 404, 0: 404} {
		if w := get(h, "GET", "/"+tl.entryOf(k).segment(k).name(r)); w.Code != code {
			t.Errorf("segment %d of %d to %d: %d, want %d: %s", k, from, end, w.Code, code, w.Body)
		}
	}
	// 8216bis 6.2.2: a segment that is removed stays for as long as it and the longest playlist last.
	if age := 2 * (end - from); age < 1+(end-from) {
		t.Error(age)
	}
}

// Names of a channel that began at another time are not this one's.
func TestNamesOfOtherEpochs(t *testing.T) {
	l := bundled(t)
	now := epoch.Add(time.Minute)
	clock := func() time.Time { return now }
	old := Handler(timeline(t, Entry{Loop: segmented(t, l), From: epoch}), clock)
	young := Handler(timeline(t, Entry{Loop: segmented(t, l), From: epoch.Add(time.Second)}), clock)
	for _, name := range uris(get(old, "GET", "/video.m3u8").Body.String()) {
		if w := get(young, "GET", "/"+name); w.Code != 404 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// A channel that opens cold, and one that is off air, say when to ask again.
func TestNothingYet(t *testing.T) {
	tl := timeline(t, Entry{Loop: segmented(t, bundled(t)), From: epoch, ColdStart: true})
	w := get(Handler(tl, func() time.Time { return epoch.Add(300 * time.Millisecond) }), "GET", "/video.m3u8")
	if w.Code != 503 || w.Header().Get("Retry-After") != "2" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	off := NewRenderer(slog.New(slog.DiscardHandler)).Handler(func() *Timeline { return nil }, func() time.Time { return epoch })
	if w := get(off, "GET", "/index.m3u8"); w.Code != 503 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// gate is a source that can be held up, and that counts its readers.
type gate struct {
	io.ReaderAt
	open        chan struct{}
	reads, most atomic.Int64
	readers     atomic.Int64
	err         error
	panics      bool
}

func (g *gate) ReadAt(p []byte, off int64) (int, error) {
	g.reads.Add(1)
	n := g.readers.Add(1)
	for m := g.most.Load(); n > m && !g.most.CompareAndSwap(m, n); m = g.most.Load() {
	}
	defer g.readers.Add(-1)
	<-g.open
	if g.panics {
		panic("a test")
	}
	if g.err != nil {
		return 0, g.err
	}
	return g.ReaderAt.ReadAt(p, off)
}

// Wait implements waiter.
func (g *gate) Wait(ctx context.Context, _, _ int64) error {
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gated is a channel that begins at a time, and whose source is held up.
func gated(t *testing.T, from time.Time) (*Timeline, *gate) {
	t.Helper()
	a := films["25 fps, GOP of 1 s"].asset()
	g := &gate{ReaderAt: a.Source, open: make(chan struct{})}
	l := looped(t, a)
	held := *l
	asset := *a
	asset.Source = g
	held.Asset = &asset
	return timeline(t, Entry{Loop: segmented(t, &held), From: from}), g
}

// However many players ask for a segment, it is made once, and no more than one at a time.
func TestManyPlayers(t *testing.T) {
	tl, g := gated(t, epoch)
	close(g.open)
	h := Handler(tl, func() time.Time { return epoch })
	names := uris(get(h, "GET", "/video.m3u8").Body.String())
	var all sync.WaitGroup
	for i := range 300 {
		all.Go(func() {
			if w := get(h, "GET", "/"+names[i%len(names)]); w.Code != 200 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	all.Wait()
	first := g.reads.Load()
	for _, name := range names {
		get(h, "GET", "/"+name)
	}
	if g.most.Load() != 1 || g.reads.Load() != first {
		t.Errorf("%d reads at once, %d and later %d", g.most.Load(), first, g.reads.Load())
	}
}

// A source that is away costs a request some patience, and no other channel anything.
func TestSourceAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away, g := gated(t, epoch)
		there, open := gated(t, epoch.Add(-time.Second))
		close(open.open)
		m := NewRenderer(slog.New(slog.DiscardHandler))
		clock := func() time.Time { return epoch }
		h, other := m.Handler(func() *Timeline { return away }, clock), m.Handler(func() *Timeline { return there }, clock)
		name := "/" + uris(get(h, "GET", "/video.m3u8").Body.String())[0]
		w := get(h, "GET", name)
		if w.Code != 503 || w.Header().Get("Retry-After") == "" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
		before := time.Now()
		if w := get(other, "GET", "/"+uris(get(other, "GET", "/video.m3u8").Body.String())[0]); w.Code != 200 || time.Since(before) > 0 {
			t.Errorf("the other channel: %d after %v", w.Code, time.Since(before))
		}
		close(g.open)
		if w := get(h, "GET", name); w.Code != 200 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

// A segment that could not be read is tried again when it is asked for again.
func TestSourceFails(t *testing.T) {
	tl, g := gated(t, epoch)
	close(g.open)
	g.err = errors.New("no")
	h := Handler(tl, func() time.Time { return epoch })
	name := "/" + uris(get(h, "GET", "/video.m3u8").Body.String())[0]
	if w := get(h, "GET", name); w.Code != 503 || strings.Contains(w.Body.String(), "track") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	g.err = nil
	if w := get(h, "GET", name); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A panic costs a request, and nothing that is asked for later.
func TestSourcePanics(t *testing.T) {
	tl, g := gated(t, epoch)
	close(g.open)
	g.panics = true
	h := Handler(tl, func() time.Time { return epoch })
	name := "/" + uris(get(h, "GET", "/video.m3u8").Body.String())[0]
	for range 2 {
		if w := get(h, "GET", name); w.Code != 503 || strings.Contains(w.Body.String(), "test") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	g.panics = false
	if w := get(h, "GET", name); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// What is kept is bounded, and what was used last stays.
func TestKeepsWhatIsAskedFor(t *testing.T) {
	tl, g := gated(t, epoch)
	close(g.open)
	from, end := tl.window(epoch)
	r := tl.entries[0].rendition("video")
	size := r.Size(tl.entryOf(from).segment(from).loopSegment())
	m := NewRenderer(slog.New(slog.DiscardHandler))
	m.cacheBytes = 5 * size / 2
	ask := func(k int64) int64 {
		before := g.reads.Load()
		if _, err := m.segment(t.Context(), tl.entryOf(k).segment(k), r); err != nil {
			t.Fatal(err)
		}
		return g.reads.Load() - before
	}
	for k := from; k < end; k++ {
		ask(k)
		if ask(from) != 0 && k > from+1 {
			t.Errorf("segment %d was used and made anew", from)
		}
	}
	if m.bytes > 5*size/2 || len(m.jobs) > 3 {
		t.Errorf("%d bytes in %d segments", m.bytes, len(m.jobs))
	}
	if ask(from+1) == 0 {
		t.Errorf("segment %d is still there", from+1)
	}
}

// No name makes the handler fail, or has it answer with what is not listed.
func FuzzNames(f *testing.F) {
	a := films["25 fps, GOP of 10 s"].asset()
	for _, b := range []byte{'a', 'b'} {
		t := *a.Audio[0]
		t.Entry = append([]byte("\x00\x00\x00\x10mp4a0000000"), b)
		a.Audio = append(a.Audio, &t)
	}
	a.Audio = a.Audio[1:]
	a.Video.Entry = []byte("\x00\x00\x00\x10avc100000000")
	tl := timeline(f, Entry{Loop: segmented(f, looped(f, a)), From: epoch, Laps: 40}, Entry{Loop: segmented(f, looped(f, a)), From: epoch.Add(time.Hour)})
	now := epoch.Add(time.Hour + time.Minute)
	h := Handler(tl, func() time.Time { return now })
	known := map[string]bool{"index.m3u8": true}
	for _, r := range tl.entries[0].renditions {
		playlist := get(h, "GET", "/"+r.name+".m3u8").Body.String()
		known[r.name+".m3u8"] = true
		for _, name := range uris(playlist) {
			known[name] = true
			f.Add("/" + name)
		}
		f.Add("/" + tl.entries[1].initName(&r))
	}
	for _, name := range []string{"", "/", "index.m3u8", "/x/index.m3u8", "/video-00000000-1.ts", "/video--9223372036854775808.ts", "/video-x-9223372036854775807.m4s", "/a\x00b", "/%2e%2e/x", "/audio3.m3u8"} {
		f.Add(name)
	}
	from, end := tl.window(now)
	f.Fuzz(func(t *testing.T, name string) {
		w := get(h, "GET", name)
		base := path.Base(name)
		if w.Code == 404 && !known[base] || w.Code == 200 && known[base] {
			return
		}
		if tl.initNamed(base) != nil && w.Code == 200 {
			return
		}
		if s, r := tl.segmentNamed(base); r != nil && s.number >= tl.oldestServed(from, end) && s.number < end && w.Code == 200 {
			return
		}
		t.Errorf("%q: %d", name, w.Code)
	})
}

var _ media.VideoCoding = picture{}
