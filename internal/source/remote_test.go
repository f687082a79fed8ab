package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

const size = 5<<20 + 12345

func TestObjectIsCached(t *testing.T) {
	useTestCache(t)
	s, l := serve(t, randomBytes(size)), newLines()
	r := mustOpenHTTP(t, s.URL, l, quickTiming())
	if got := all(t, r); !bytes.Equal(got, s.content) {
		t.Error("the bytes differ")
	}
	path, err := r.Download(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, s.content) {
		t.Errorf("the file differs: %v", err)
	}
	identity := r.Identity()
	closeSource(t, r)
	before := s.requests()
	r = mustOpenHTTP(t, s.URL, l, quickTiming())
	if !bytes.Equal(all(t, r), s.content) || r.Identity() != identity {
		t.Error("the second time it differs")
	}
	closeSource(t, r)
	if n := s.requests() - before; n != 1 {
		t.Errorf("%d requests for what is kept", n)
	}
	s.Close()
	r = mustOpenHTTP(t, s.URL, l, quickTiming())
	if !bytes.Equal(all(t, r), s.content) {
		t.Error("without the server it differs")
	}
	closeSource(t, r)
	if !strings.Contains(l.text(), "the cached copy is played") || strings.Count(l.text(), "\n") != 0 {
		t.Errorf("told: %s", l.text())
	}
}

func TestReadersComeFirst(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(40<<20))
	hold := make(chan struct{})
	s.fault = func(_ http.ResponseWriter, r *http.Request, n int) bool {
		if n > 5 { // The start, the end, the start again, and what follows: then no more.
			select {
			case <-hold:
			case <-r.Context().Done():
			}
		}
		return false
	}
	r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	// Wait has bytes fetched as ReadAt does, and ends with its context.
	if err := r.Wait(t.Context(), 40<<20-500, 1000); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 1000)
	for _, at := range []int64{0, 40<<20 - 1000, 1 << 19} {
		if n, err := r.ReadAt(p, at); n != len(p) || err != nil || !bytes.Equal(p, s.content[at:at+1000]) {
			t.Fatalf("at %d: %d, %v", at, n, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Wait(ctx, 20<<20, 1000); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := r.Wait(ctx, 50<<20, 1000); err != nil {
		t.Error("after the end there is nothing to wait for: ", err)
	}
	close(hold)
	closeSource(t, r)
}

func TestTransferResumes(t *testing.T) {
	useTestCache(t)
	s, l := serve(t, randomBytes(size)), newLines()
	s.fault = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if n > 20 || n%2 == 0 {
			return false
		}
		var from, to int
		if n, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); n != 2 {
			t.Error(err)
		}
		to = min(to, size-1)
		w.Header().Set("ETag", `"one"`)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, size))
		w.Header().Set("Content-Length", fmt.Sprint(to-from+1))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(s.content[from:min(to, from+100_000)])
		panic(http.ErrAbortHandler)
	}
	r := mustOpenHTTP(t, s.URL, l, quickTiming())
	if !bytes.Equal(all(t, r), s.content) {
		t.Error("the bytes differ")
	}
	closeSource(t, r)
	if l.text() != "" {
		t.Errorf("told: %s", l.text())
	}
}

func TestRestartFetchesTheRest(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	s.fault = func(_ http.ResponseWriter, r *http.Request, n int) bool {
		if n > 1 {
			<-r.Context().Done()
		}
		return n > 1
	}
	r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	if _, err := r.ReadAt(make([]byte, firstWindow*blockSize), 0); err != nil {
		t.Fatal(err)
	}
	closeSource(t, r)
	s.set(func(s *server) { s.fault, s.asked = nil, nil })
	r = mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	if !bytes.Equal(all(t, r), s.content) {
		t.Error("the bytes differ")
	}
	closeSource(t, r)
	if !strings.HasPrefix(s.asked[0], "bytes=262144-") {
		t.Errorf("asked for %s first", s.asked)
	}
}

func TestServerWithoutRanges(t *testing.T) {
	useTestCache(t)
	s, l := serve(t, randomBytes(size)), newLines()
	s.noRange = true
	s.fault = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("ETag", s.tag)
		w.Header().Set("Content-Length", fmt.Sprint(size))
		_, _ = w.Write(s.content[:size/2])
		panic(http.ErrAbortHandler) // It has to begin again.
	}
	r := mustOpenHTTP(t, s.URL, l, quickTiming())
	p := make([]byte, 100)
	if _, err := r.ReadAt(p, size-100); err != nil || !bytes.Equal(p, s.content[size-100:]) {
		t.Errorf("the end: %v", err)
	}
	if !bytes.Equal(all(t, r), s.content) {
		t.Error("the bytes differ")
	}
	closeSource(t, r)
	if n := strings.Count(l.text(), "without range requests"); n != 1 {
		t.Errorf("told: %s", l.text())
	}
}

func TestUnknownLength(t *testing.T) {
	useTestCache(t)
	s, l := serve(t, randomBytes(size)), newLines()
	s.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		w.Header().Set("ETag", s.tag)
		if r.Header.Get("If-None-Match") == s.tag {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
		for rest := s.content; len(rest) > 0; {
			n := min(len(rest), 10_000)
			_, _ = w.Write(rest[:n])
			w.(http.Flusher).Flush()
			rest = rest[n:]
		}
		return true
	}
	for range 2 {
		r := mustOpenHTTP(t, s.URL, l, quickTiming())
		if !bytes.Equal(all(t, r), s.content) {
			t.Error("the bytes differ")
		}
		closeSource(t, r)
	}
	if n := strings.Count(l.text(), "has no known length"); n != 1 {
		t.Errorf("told: %s", l.text())
	}
}

func TestEndlessBody(t *testing.T) {
	useTestCache(t)
	t.Setenv("LILO_CACHE_SIZE", "2M")
	s := serve(t, nil)
	s.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		for p := make([]byte, 10_000); r.Context().Err() == nil; {
			_, _ = w.Write(p)
			w.(http.Flusher).Flush()
		}
		return true
	}
	_, err := openHTTP(t, s.URL, newLines(), quickTiming())
	checkError(t, err, fault.Source, "does not end")
	checkCacheEmpty(t)
}

func checkError(t *testing.T, err error, k fault.Kind, text string) {
	t.Helper()
	if err == nil || fault.KindOf(err) != k || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
		t.Errorf("kind %d: %v; want kind %d: %q", fault.KindOf(err), err, k, text)
	}
}

func checkCacheEmpty(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %s, %v", left, err)
	}
}

func TestHTTPErrors(t *testing.T) {
	answer := func(code int) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, _ *http.Request, _ int) bool { w.WriteHeader(code); return true }
	}
	header := func(code int, kv ...string) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			for i := 0; i < len(kv); i += 2 {
				w.Header().Set(kv[i], kv[i+1])
			}
			w.WriteHeader(code)
			return true
		}
	}
	cases := []struct {
		name  string
		fault func(http.ResponseWriter, *http.Request, int) bool
		text  string
		tries int
	}{
		{"401", answer(401), "requires a user and a password", 1},
		{"403", answer(403), "may not be read", 1},
		{"404", answer(404), "nothing of that name", 1},
		{"410", answer(410), "nothing of that name", 1},
		{"400", answer(400), "does not expect this status", 1},
		{"500 again and again", answer(500), "try again later", 5},
		{"503 again and again", answer(503), "try again later", 5},
		{"redirect loop", header(302, "Location", "/"), "redirected in a circle", 10},
		{"redirect to another scheme", header(302, "Location", "file:///etc/passwd"), "unsupported protocol scheme", 5},
		{"compressed", header(200, "Content-Encoding", "gzip"), "sent compressed", 1},
		{"empty", header(416, "Content-Range", "bytes */0"), "is empty", 1},
		{"another part", header(206, "Content-Range", "bytes 5-9/100"), "other bytes than those asked for", 1},
		{"a part without place", header(206), "does not specify", 1},
		{"a part that overflows", header(206, "Content-Range", "bytes 0-99/50"), "other bytes than those asked for", 1},
		{"larger than the cache", header(206, "Content-Range", "bytes 0-1/99999999999999999"), "LILO_CACHE_SIZE", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			useTestCache(t)
			s := serve(t, nil)
			s.fault = c.fault
			_, err := openHTTP(t, s.URL, newLines(), quickTiming())
			checkError(t, err, fault.Source, c.text)
			if n := s.requests(); n != c.tries {
				t.Errorf("%d requests, want %d", n, c.tries)
			}
			checkCacheEmpty(t)
		})
	}
}

func TestConnectionRefused(t *testing.T) {
	useTestCache(t)
	s := serve(t, nil)
	s.Close()
	_, err := openHTTP(t, s.URL, newLines(), quickTiming())
	checkError(t, err, fault.Source, "cannot be reached")
}

func TestSilentServer(t *testing.T) {
	useTestCache(t)
	s := serve(t, nil)
	s.fault = func(_ http.ResponseWriter, r *http.Request, _ int) bool { <-r.Context().Done(); return true }
	p := quickTiming()
	p.stall = 20 * time.Millisecond
	_, err := openHTTP(t, s.URL, newLines(), p)
	checkError(t, err, fault.Source, "nothing came for 20ms")
}

func TestObjectChangesWhileFetched(t *testing.T) {
	for _, how := range []string{"tag", "length", "removed"} {
		t.Run(how, func(t *testing.T) {
			useTestCache(t)
			s := serve(t, randomBytes(size))
			done := make(chan struct{})
			s.fault = func(w http.ResponseWriter, _ *http.Request, n int) bool {
				if n > 1 {
					<-done
				}
				if n > 1 && how == "removed" {
					w.WriteHeader(404)
				}
				return n > 1 && how == "removed"
			}
			r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
			r.OnAir()
			s.set(func(s *server) {
				switch how {
				case "tag":
					s.tag = `"two"`
				case "length":
					s.content = s.content[:size-1]
				}
			})
			close(done)
			_, err := r.ReadAt(make([]byte, size), 0)
			checkError(t, err, fault.Changed, "start again")
			if n, err := r.ReadAt(make([]byte, 1000), 0); n != 1000 || err != nil {
				t.Errorf("bytes that were present are gone: %v", err)
			}
			closeSource(t, r)
		})
	}
}

func TestObjectChangesBetweenStarts(t *testing.T) {
	for _, part := range []bool{false, true} {
		t.Run(fmt.Sprintf("part=%t", part), func(t *testing.T) {
			useTestCache(t)
			s := serve(t, randomBytes(size))
			s.fault = func(_ http.ResponseWriter, r *http.Request, n int) bool {
				if n > 1 && part {
					<-r.Context().Done()
				}
				return n > 1 && part
			}
			r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
			want := size
			if part {
				want = firstWindow * blockSize
			}
			if _, err := r.ReadAt(make([]byte, want), 0); err != nil {
				t.Fatal(err)
			}
			closeSource(t, r)
			s.set(func(s *server) {
				s.fault, s.tag = nil, `"two"`
				s.content = bytes.Repeat([]byte("new"), size/3)
			})
			r = mustOpenHTTP(t, s.URL, newLines(), quickTiming())
			if !bytes.Equal(all(t, r), s.content) {
				t.Error("the bytes are not those of the new object")
			}
			closeSource(t, r)
			entries, _ := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*"))
			if len(entries) != 1 {
				t.Errorf("entries: %s", entries)
			}
		})
	}
}

func TestUnrecognizableVersionIsNotKept(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	s.tag = ""
	r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	if !bytes.Equal(all(t, r), s.content) {
		t.Error("the bytes differ")
	}
	closeSource(t, r)
	checkCacheEmpty(t)
}

func TestLastModified(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	s.tag, s.modified = "", time.Unix(1_700_000_000, 0)
	for range 2 {
		r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
		if !bytes.Equal(all(t, r), s.content) {
			t.Error("the bytes differ")
		}
		closeSource(t, r)
	}
	s.set(func(s *server) {
		s.modified = time.Unix(1_700_000_001, 0)
		s.content = bytes.Repeat([]byte("x"), size)
	})
	r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	if !bytes.Equal(all(t, r), s.content) {
		t.Error("the bytes are the old ones")
	}
	closeSource(t, r)
}

// TestReadWaitsOnAir takes the server away and brings it back at
// the same address.
func TestReadWaitsOnAir(t *testing.T) {
	useTestCache(t)
	s, l := serve(t, randomBytes(size)), newLines()
	away := make(chan struct{})
	s.fault = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		select {
		case <-away:
			return false
		default:
		}
		if n > 1 {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	r := mustOpenHTTP(t, s.URL, l, quickTiming())
	r.OnAir()
	read := make(chan error, 1)
	p := make([]byte, 1000)
	go func() {
		_, err := r.ReadAt(p, size-1000)
		read <- err
	}()
	if line := <-l.ch; !strings.Contains(line, "stays on air on null packets") {
		t.Errorf("told: %s", line)
	}
	if got := r.Progress(); !got.Stalled || got.Outages != 1 {
		t.Errorf("%+v", got)
	}
	close(away)
	if err := <-read; err != nil || !bytes.Equal(p, s.content[size-1000:]) {
		t.Errorf("it differs: %v", err)
	}
	if line := <-l.ch; !strings.Contains(line, "is back after") {
		t.Errorf("told: %s", line)
	}
	closeSource(t, r)
	if strings.Count(l.text(), "\n") != 1 {
		t.Errorf("told: %s", l.text())
	}
}

func TestReadFailsBeforeOnAir(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	s.fault = func(_ http.ResponseWriter, _ *http.Request, n int) bool {
		if n > 1 {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	_, err := r.ReadAt(make([]byte, 1000), size-1000)
	checkError(t, err, fault.Source, "the server closed the connection")
	closeSource(t, r)
}

func TestCloseEndsReads(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	stuck := make(chan struct{}, 10)
	s.fault = func(_ http.ResponseWriter, r *http.Request, n int) bool {
		if n > 1 {
			stuck <- struct{}{}
			<-r.Context().Done()
		}
		return n > 1
	}
	r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	r.OnAir()
	read := make(chan error, 1)
	go func() { _, err := r.ReadAt(make([]byte, 1000), size-1000); read <- err }()
	<-stuck
	closeSource(t, r)
	if err := <-read; err == nil {
		t.Error("a read of a closed source succeeded")
	}
}

func TestContextEndsFetching(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	stuck := make(chan struct{}, 10)
	s.fault = func(_ http.ResponseWriter, r *http.Request, n int) bool {
		if n > 1 {
			stuck <- struct{}{}
			<-r.Context().Done()
		}
		return n > 1
	}
	w, err := newHTTPObject(s.URL, Options{AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	opts := Options{Notify: func(string) {}, Progress: func(Progress) {}}
	r, err := openRemote(ctx, w, opts, quickTiming())
	if err != nil {
		t.Fatal(err)
	}
	<-stuck
	cancel()
	if _, err := r.ReadAt(make([]byte, 1000), size-1000); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("%v", err)
	}
	closeSource(t, r)
}

// TestSharedEntry opens one object twice, as two processes would. It must be
// fetched hardly more than once.
func TestSharedEntry(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	a := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	b := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	for _, r := range []Remote{b, a} {
		if path, err := r.Download(t.Context()); err != nil {
			t.Error(err)
		} else if got, _ := os.ReadFile(path); !bytes.Equal(got, s.content) {
			t.Error("the bytes differ")
		}
	}
	closeSource(t, a)
	closeSource(t, b)
	if n := s.requests(); n > 6 {
		t.Errorf("%d requests: %s", n, s.asked)
	}
}

func TestDamagedState(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
	all(t, r)
	closeSource(t, r)
	states, _ := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*", stateName))
	data, _ := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*", dataName))
	for name, harm := range map[string]func() error{
		"state cut":  func() error { return os.Truncate(states[0], 20) },
		"state gone": func() error { return os.Remove(states[0]) },
		"data cut":   func() error { return os.Truncate(data[0], 1<<20) },
	} {
		if err := harm(); err != nil {
			t.Fatal(err)
		}
		r := mustOpenHTTP(t, s.URL, newLines(), quickTiming())
		if !bytes.Equal(all(t, r), s.content) {
			t.Errorf("%s: the bytes differ", name)
		}
		closeSource(t, r)
	}
}

func TestCredentials(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(1000))
	s.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		user, password, _ := r.BasicAuth()
		if user != "me" || password != "secret" {
			w.WriteHeader(401)
			return true
		}
		return false
	}
	_, err := openHTTP(t, s.URL, newLines(), quickTiming())
	checkError(t, err, fault.Source, "netrc")
	for user, want := range map[string]string{"": "set username and passwordParam", "you": "refuses the user you"} {
		o := &httpObject{user: user, api: true}
		if hint := o.hint(401); !strings.Contains(hint, want) || strings.Contains(hint, "netrc") {
			t.Errorf("%q is advised: %s", user, hint)
		}
	}
	host, _, _ := net.SplitHostPort(s.Listener.Addr().String())
	netrc := filepath.Join(t.TempDir(), "netrc")
	if err := os.WriteFile(netrc, []byte("machine "+host+" login me password secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NETRC", netrc)
	closeSource(t, mustOpenHTTP(t, s.URL, newLines(), quickTiming()))
	t.Setenv("NETRC", "/nowhere")
	with := strings.Replace(s.URL, "http://", "http://me:secret@", 1)
	r := mustOpenHTTP(t, with+"/a?sig=secret", newLines(), quickTiming())
	if name := r.(*remote).object.name(); strings.Contains(name, "secret") || strings.Contains(r.Identity(), "secret") {
		t.Errorf("the password is shown: %s, %s", name, r.Identity())
	}
	closeSource(t, r)
}

// A caller may know the credentials of a source, such as those of an input.
func TestCredentialsOfTheCaller(t *testing.T) {
	useTestCache(t)
	t.Setenv("NETRC", "/nowhere")
	s := serve(t, randomBytes(1000))
	s.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		user, password, _ := r.BasicAuth()
		if user != "me" || password != "secret" {
			w.WriteHeader(401)
			return true
		}
		return false
	}
	var failure error
	opts := Options{AllowPrivate: true, User: "me", Password: func() (string, error) { return "secret", failure }}
	r, err := Open(t.Context(), s.URL, opts)
	if err != nil {
		t.Fatal(err)
	}
	closeSource(t, r)
	failure = errors.New("there is no parameter")
	_, err = Open(t.Context(), s.URL+"", opts)
	checkError(t, err, fault.Source, "there is no parameter")
}

func TestPrivateAddresses(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(1000))
	opts := Options{}
	_, err := Open(t.Context(), s.URL, opts)
	checkError(t, err, fault.Source, "private network")
	_, err = Open(t.Context(), strings.Replace(s.URL, "127.0.0.1", "localhost", 1), opts)
	checkError(t, err, fault.Source, "private network")
	_, err = Open(t.Context(), "movie.mp4", opts)
	checkError(t, err, fault.Usage, "files are not allowed")
	checkCacheEmpty(t)
}

func TestInvalidNames(t *testing.T) {
	useTestCache(t)
	for _, name := range []string{"ftp://host/file", "http:///path", "https://", "http://[::1", "://x", "http://ho st/"} {
		_, err := Open(t.Context(), name, Options{AllowPrivate: true, AllowFiles: true})
		checkError(t, err, fault.Usage, "")
	}
}

func TestRedact(t *testing.T) {
	for name, want := range map[string]string{
		"movie.mp4":                      "movie.mp4",
		"https://u:p@host/a.mp4?sig=1#f": "https://host/a.mp4?…",
		"s3://bucket/key":                "s3://bucket/key",
		"http://h/%zz":                   "http://…",
	} {
		if got := Redact(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestPanicWhileFetchingIsAnError: a bug in the goroutine that fetches ends its
// source, not the program.
func TestPanicWhileFetchingIsAnError(t *testing.T) {
	useTestCache(t)
	s := serve(t, randomBytes(size))
	o, err := newHTTPObject(s.URL, Options{AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	opts := Options{Notify: func(string) {}, Progress: func(Progress) { panic("a bug") }}
	r, err := openRemote(t.Context(), o, opts, quickTiming())
	if err == nil {
		_, err = r.ReadAt(make([]byte, size), 0)
		closeSource(t, r)
	}
	if fault.KindOf(err) != fault.Internal || !strings.Contains(err.Error(), "failed through a bug in LILO (a bug)") {
		t.Errorf("got %v", err)
	}
}
