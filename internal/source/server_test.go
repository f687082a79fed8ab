package source

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// server serves one object, with the failures that a test defines.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	content  []byte
	tag      string
	asked    []string // the Range of each request
	noRange  bool
	fault    func(w http.ResponseWriter, r *http.Request, n int) bool // true: it has answered the nth request
	modified time.Time
}

// randomBytes returns bytes that differ from block to block.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(b)
	return b
}

func serve(t *testing.T, content []byte) *server {
	s := &server{content: content, tag: `"one"`}
	s.Server = httptest.NewServer(http.HandlerFunc(s.handle))
	t.Cleanup(s.Close)
	return s
}

func (s *server) set(f func(*server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.Header.Get("Range"))
	n, fault := len(s.asked), s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r, n) {
		return
	}
	s.mu.Lock()
	content, tag, noRange, modified := s.content, s.tag, s.noRange, s.modified
	s.mu.Unlock()
	if tag != "" {
		w.Header().Set("ETag", tag)
	}
	if noRange {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content)
		return
	}
	http.ServeContent(w, r, "", modified, strings.NewReader(string(content)))
}

func (s *server) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// lines collects the lines of Options.Notify.
type lines struct {
	mu  sync.Mutex
	all []string
	ch  chan string
}

func newLines() *lines { return &lines{ch: make(chan string, 100)} }

func (l *lines) tell(line string) {
	l.mu.Lock()
	l.all = append(l.all, line)
	l.mu.Unlock()
	l.ch <- line
}

func (l *lines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

// quickTiming has short pauses and the usual stall timeout.
func quickTiming() timing {
	p := defaultTiming()
	p.backoff = func(int) time.Duration { return time.Millisecond }
	p.poll, p.settle = 5*time.Millisecond, time.Millisecond
	return p
}

// useTestCache gives the test a cache of its own.
func useTestCache(t *testing.T) {
	t.Helper()
	t.Setenv("LILO_CACHE", t.TempDir())
	t.Setenv("NETRC", "/nowhere")
}

func openHTTP(t *testing.T, url string, l *lines, p timing) (Remote, error) {
	t.Helper()
	opts := Options{AllowPrivate: true, Notify: l.tell, Progress: func(Progress) {}}
	w, err := newHTTPObject(url, opts)
	if err != nil {
		return nil, err
	}
	w.client.Transport.(*http.Transport).Proxy = nil
	s, err := openRemote(t.Context(), w, opts, p)
	if err != nil {
		return nil, err
	}
	return s.(Remote), nil
}

func mustOpenHTTP(t *testing.T, url string, l *lines, p timing) Remote {
	t.Helper()
	s, err := openHTTP(t, url, l, p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// all reads the source to its end.
func all(t *testing.T, s Source) []byte {
	t.Helper()
	b, err := io.ReadAll(io.NewSectionReader(s, 0, s.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func closeSource(t *testing.T, s Source) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
