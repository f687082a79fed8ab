package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/lilo-live/lilo/internal/server/auth"
)

const (
	anna     = "anna"
	annas    = "correct horse battery"
	urlToken = "s3cr3t-signature"
)

// logBuffer is a log for tests.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// testServer is a server whose handler is called directly.
type testServer struct {
	*Server
	log *logBuffer
	id  string // of an access key
	key string
}

// newTestServer returns a server with a state directory of its own. With
// credentials it has a key pair and the login of anna.
func newTestServer(t *testing.T, credentials bool, change func(*Options)) *testServer {
	t.Helper()
	dir := t.TempDir()
	s := &testServer{log: new(logBuffer)}
	o := DefaultOptions()
	o.Listen, o.State = "127.0.0.1:0", filepath.Join(dir, "state")
	if credentials {
		var section string
		s.id, s.key, section = auth.NewKey("ci")
		o.Keys, o.Logins = write(t, dir, "keys", section), write(t, dir, "logins", anna+":"+cheapHash(annas)+"\n")
	}
	if change != nil {
		change(&o)
	}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: Redact}))
	var err error
	s.Server, err = New(t.Context(), o, Environment{Log: log, Print: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.listener.Close()
		s.store.Close()
	})
	return s
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// cheapHash returns an argon2id hash that is quick to compute.
func cheapHash(password string) string {
	salt := []byte("0123456789abcdef")
	code := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", code.EncodeToString(salt),
		code.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 64, 1, 32)))
}

// do sends a request from this machine, which headers "Name: value" change.
func (s *testServer) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:50000"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		switch name {
		case "Host":
			r.Host = value
		case "From":
			r.RemoteAddr = value
		case "TLS":
			r.TLS = new(tls.ConnectionState)
		default:
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func TestWhoMayDoWhat(t *testing.T) {
	open := newTestServer(t, false, nil)
	named := newTestServer(t, false, func(o *Options) { o.Names = []string{"lilo.example"} })
	keyed := newTestServer(t, true, nil)
	onlyKeys := newTestServer(t, true, func(o *Options) { o.Logins = "" })
	onlyLogins := newTestServer(t, true, func(o *Options) { o.Keys = "" })
	public := newTestServer(t, true, func(o *Options) { o.PublicHLS = true })
	basic := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(anna+":"+annas))
	wrong := "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(anna+":x"))
	const foreign, rebound = "Origin: https://evil.example", "Host: evil.example:8080"
	cases := []struct {
		name    string
		site    *testServer
		method  string
		target  string
		headers []string
		status  int
	}{
		{"the API on this machine", open, "GET", "/prod/channels", nil, 200},
		{"signed with anything", open, "GET", "/prod/channels", []string{"Authorization: AWS4-HMAC-SHA256 nonsense"}, 200},
		{"by localhost", open, "GET", "/prod/channels", []string{"Host: localhost:8080"}, 200},
		{"by localhost, as a whole", open, "GET", "/prod/channels", []string{"Host: LocalHost."}, 200},
		{"by ::1", open, "GET", "/prod/channels", []string{"Host: [::1]:8080"}, 200},
		{"by ::1 without a port", open, "GET", "/prod/channels", []string{"Host: [::1]"}, 200},
		{"by 127.8.9.1", open, "GET", "/prod/channels", []string{"Host: 127.8.9.1"}, 200},
		{"DNS rebinding", open, "GET", "/prod/channels", []string{rebound}, 403},
		{"DNS rebinding to the page", open, "GET", "/", []string{rebound}, 403},
		{"DNS rebinding to health", open, "GET", "/healthz", []string{rebound}, 403},
		{"a private address", open, "GET", "/prod/channels", []string{"Host: 10.0.0.1"}, 403},
		{"no host", open, "GET", "/prod/channels", []string{"Host: "}, 403},
		{"localhost's look-alike", open, "GET", "/", []string{"Host: localhost.evil.example"}, 403},
		{"a page of another server writes", open, "POST", "/prod/channels", []string{foreign}, 403},
		{"a page of another server reads", open, "GET", "/prod/channels", []string{foreign}, 403},
		{"a page without an origin", open, "POST", "/prod/channels", []string{"Origin: null"}, 403},
		{"a page of another port", open, "POST", "/prod/channels", []string{"Origin: http://127.0.0.1:3000"}, 403},
		{"the server's own page", open, "GET", "/prod/channels", []string{"Origin: http://127.0.0.1:8080", "Sec-Fetch-Site: same-origin"}, 200},
		{"an image in another page", open, "GET", "/prod/channels", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"}, 403},
		{"a page of a neighbour", open, "GET", "/prod/channels", []string{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors"}, 403},
		{"a frame in another page", open, "GET", "/healthz", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, 403},
		{"a link in another page", open, "GET", "/healthz", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200},
		{"a form in another page", open, "POST", "/prod/channels", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{"typed into the browser", open, "GET", "/healthz", []string{"Sec-Fetch-Site: none"}, 200},
		{"a console request that is not the page's", open, "POST", "/console/channels/1/start", nil, 403},
		{"a token that is not the cookie's", open, "POST", "/console/channels/1/start", []string{"Cookie: lilo_csrf=AAAAAAAAAAAAAAAAAAAAAAAA", "X-Lilo-Csrf: BBBBBBBBBBBBBBBBBBBBBBBB"}, 403},
		{"a token that is too short", open, "POST", "/console/channels/1/start", []string{"Cookie: lilo_csrf=A", "X-Lilo-Csrf: A"}, 403},
		{"nobody logs in", open, "POST", "/login", nil, 403},
		{"a path that is not clean", open, "GET", "/prod//channels", nil, 403},
		{"metrics", open, "GET", "/metrics", nil, 200},

		{"by a name that was given", named, "GET", "/prod/channels", []string{"Host: LILO.example:8080"}, 200},
		{"by a name that was not", named, "GET", "/prod/channels", []string{rebound}, 403},

		{"not signed", keyed, "GET", "/prod/channels", nil, 403},
		{"the page", keyed, "GET", "/", nil, 303},
		{"the page's data", keyed, "GET", "/console/channels", nil, 401},
		{"a change", keyed, "POST", "/console/channels", nil, 401},
		{"a preview", keyed, "GET", "/hls/1/index.m3u8", nil, 401},
		{"a preview with a password", keyed, "GET", "/hls/1/index.m3u8", []string{basic}, 404},
		{"a preview with a wrong one", keyed, "GET", "/hls/1/index.m3u8", []string{wrong}, 401},
		{"metrics without a password", keyed, "GET", "/metrics", nil, 401},
		{"metrics with one", keyed, "GET", "/metrics", []string{basic}, 200},
		{"a password is no signature", keyed, "GET", "/prod/channels", []string{basic}, 403},
		{"a password is no login", keyed, "GET", "/console/channels", []string{basic}, 401},
		{"health", keyed, "GET", "/healthz", nil, 200},
		{"any name", keyed, "GET", "/healthz", []string{rebound}, 200},
		{"a page of another server logs in", keyed, "POST", "/login", []string{foreign}, 403},
		{"the login", keyed, "GET", "/login", nil, 200},
		{"its style", keyed, "GET", keyed.console.Assets() + "/app.css", nil, 200},
		{"a session that is none", keyed, "GET", "/console/channels", []string{"Cookie: lilo_session=x"}, 401},

		{"no logins: the page", onlyKeys, "GET", "/", nil, 403},
		{"no logins: metrics", onlyKeys, "GET", "/metrics", nil, 401},
		{"no keys: the API", onlyLogins, "GET", "/prod/channels", nil, 403},

		{"public HLS", public, "GET", "/hls/1/index.m3u8", nil, 404},
		{"public HLS in another page", public, "GET", "/hls/1/index.m3u8", []string{foreign, "Sec-Fetch-Site: cross-site"}, 404},
		{"nothing else is public", public, "GET", "/console/channels", []string{foreign}, 403},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := c.site.do(c.method, c.target, "", c.headers...)
			if r.Code != c.status {
				t.Errorf("%d %s, want %d", r.Code, r.Body.String(), c.status)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin"} {
				if r.Header().Get(name) != want {
					t.Errorf("%s: %q", name, r.Header().Get(name))
				}
			}
			if csp := r.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("Content-Security-Policy: %s", csp)
			}
			if r.Code == 403 && r.Header().Get("X-Amzn-Errortype") == "" {
				t.Error("no X-Amzn-ErrorType")
			}
		})
	}
}

func TestBodySize(t *testing.T) {
	s := newTestServer(t, true, nil)
	long := strings.Repeat("x", maxBody+1)
	if r := s.do("POST", "/prod/channels", long); r.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", r.Code, r.Body.String())
	}
	r := httptest.NewRequest("POST", "/prod/channels", io.NopCloser(strings.NewReader(long)))
	r.Host, r.ContentLength = "127.0.0.1", -1
	sign(t, s, r)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestBodiesTogether has more bodies at once than there is memory for.
func TestBodiesTogether(t *testing.T) {
	s := newTestServer(t, true, nil)
	g := s.access.guard
	g.bodies.Store(maxBodies - 1000)
	r := httptest.NewRequest("POST", "/prod/channels", strings.NewReader(strings.Repeat("x", 2000)))
	r.Host = "127.0.0.1:8080"
	sign(t, s, r)
	w := httptest.NewRecorder()
	if s.handler.ServeHTTP(w, r); w.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if left := g.bodies.Load(); left != maxBodies-1000 {
		t.Errorf("%d bytes are held", left)
	}
	if r := s.do("POST", "/login", "user="+strings.Repeat("x", maxForm), form); r.Code != http.StatusBadRequest {
		t.Errorf("a long form: %d", r.Code)
	}
}

// cookies returns the cookies that a response sets, by name.
func cookies(r *httptest.ResponseRecorder) map[string]*http.Cookie {
	all := make(map[string]*http.Cookie)
	for _, line := range r.Header().Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil {
			all[c.Name] = c
		}
	}
	return all
}

func loginForm(user, password string) string {
	return url.Values{"user": {user}, "password": {password}}.Encode()
}

const form = "Content-Type: application/x-www-form-urlencoded"

func TestLogin(t *testing.T) {
	s := newTestServer(t, true, nil)
	if r := s.do("POST", "/login", loginForm(anna, "wrong password"), form); r.Code != 401 || !strings.Contains(r.Body.String(), `role="alert"`) {
		t.Fatalf("%d", r.Code)
	}
	r := s.do("POST", "/login", loginForm(anna, annas), form, "TLS: on")
	set := cookies(r)
	session, csrf := set[sessionCookie], set[csrfCookie]
	if r.Code != 303 || r.Header().Get("Location") != "/" || session == nil || csrf == nil {
		t.Fatalf("%d %v", r.Code, set)
	}
	if !session.HttpOnly || !session.Secure || session.SameSite != http.SameSiteStrictMode || session.MaxAge != 12*3600 {
		t.Errorf("the session's cookie: %v", session)
	}
	if csrf.HttpOnly || !csrf.Secure || csrf.SameSite != http.SameSiteStrictMode {
		t.Errorf("the other cookie: %v", csrf)
	}
	if r := s.do("POST", "/login", loginForm(anna, annas), form); cookies(r)[sessionCookie].Secure {
		t.Error("Secure without TLS: the browser would drop it")
	}
	cookie := "Cookie: lilo_session=" + session.Value
	for name, c := range map[string]struct {
		method  string
		headers []string
		refused bool
	}{
		"looking":                   {"GET", []string{cookie}, false},
		"changing":                  {"DELETE", []string{cookie, "X-Lilo-Csrf: " + csrf.Value}, false},
		"changing without a token":  {"DELETE", []string{cookie}, true},
		"changing with a wrong one": {"DELETE", []string{cookie, "Cookie: lilo_csrf=" + session.Value, "X-Lilo-Csrf: " + session.Value}, true},
	} {
		r := s.do(c.method, "/console/channels/1", "", c.headers...)
		if refused := r.Code == 401 || r.Code == 403; refused != c.refused {
			t.Errorf("%s: %d %s", name, r.Code, r.Body.String())
		}
	}
	if r := s.do("GET", "/login", "", cookie); r.Code != 303 {
		t.Errorf("the login for somebody who is in: %d", r.Code)
	}
	if r := s.do("POST", "/logout", "", cookie); r.Code != 303 || cookies(r)[sessionCookie].MaxAge >= 0 {
		t.Errorf("%d %v", r.Code, cookies(r))
	}
	if r := s.do("GET", "/console/channels", "", cookie); r.Code != 401 {
		t.Errorf("after that: %d", r.Code)
	}
}

func TestRemovedLoginEndsSessions(t *testing.T) {
	s := newTestServer(t, true, nil)
	cookie := "Cookie: lilo_session=" + cookies(s.do("POST", "/login", loginForm(anna, annas), form))[sessionCookie].Value
	if r := s.do("GET", "/metrics", "", cookie); r.Code != 200 {
		t.Fatalf("%d", r.Code)
	}
	if err := os.WriteFile(s.opts.Logins, []byte("bob:"+cheapHash("another password")), 0o600); err != nil {
		t.Fatal(err)
	}
	s.reload(t.Context())
	if r := s.do("GET", "/metrics", "", cookie); r.Code != 401 {
		t.Errorf("%d", r.Code)
	}
}

func TestWrongPasswords(t *testing.T) {
	s := newTestServer(t, true, nil)
	const from, elsewhere = "From: 192.0.2.1:1000", "From: 192.0.2.2:1000"
	for range 10 {
		if r := s.do("POST", "/login", loginForm(anna, "wrong password"), form, from); r.Code != 401 {
			t.Fatalf("%d", r.Code)
		}
	}
	for _, path := range []string{"/login", "/metrics"} {
		headers := []string{form, from}
		method, body := "POST", loginForm(anna, annas)
		if path == "/metrics" {
			method, body = "GET", ""
			headers = append(headers, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(anna+":"+annas)))
		}
		r := s.do(method, path, body, headers...)
		if r.Code != 429 || r.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %v", path, r.Code, r.Header())
		}
		if page := r.Body.String(); path == "/login" && (!strings.Contains(page, "Try again in 15 minutes.") || !strings.Contains(page, `value="`+anna+`"`)) {
			t.Errorf("the page says\n%s", page)
		}
	}
	if r := s.do("POST", "/login", loginForm(anna, annas), form, elsewhere); r.Code != 303 {
		t.Errorf("from elsewhere: %d", r.Code)
	}
}

// TestNoSecretIsLogged makes requests with secrets fail and looks for the secrets in the log.
func TestNoSecretIsLogged(t *testing.T) {
	s := newTestServer(t, true, nil)
	r := httptest.NewRequest("GET", "/prod/channels", nil)
	sign(t, s, r)
	signature := r.Header.Get("Authorization")
	s.do("GET", "/prod/channels?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature="+urlToken+"&X-Amz-Security-Token="+urlToken, "")
	s.do("GET", "/prod/inputs", "", "Authorization: "+signature, "X-Amz-Date: 20200101T000000Z")
	s.do("GET", "/hls/1/index.m3u8?token="+urlToken, "", "Origin: https://evil.example")
	s.do("POST", "/login", loginForm(annas, annas+"!"), form)
	s.do("POST", "/login", loginForm(anna, annas), form)
	s.do("GET", "/console/channels", "", "Cookie: lilo_session="+urlToken)
	s.do("GET", "/metrics", "", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("x:"+annas)))
	log := s.env.Log
	log.Warn("https://anna:"+urlToken+"@media.example/a.mp4?X-Amz-Signature="+urlToken+" cannot be read", "error",
		fmt.Errorf("Get \"https://media.example/?sig=%s\": refused", urlToken))
	log.With("url", "s3://bucket/key?"+urlToken).WithGroup("g").Info("told", slog.Group("h", "u", "http://a:"+urlToken+"@b/"), "n", 1, "t", time.Second)
	got := s.log.String()
	_, hex, _ := strings.Cut(signature, "Signature=")
	for name, secret := range map[string]string{
		"secret key": s.key, "password": annas, "signature": hex, "signed URL": urlToken, "hash": cheapHash(annas),
	} {
		if strings.Contains(got, secret) || secret == "" {
			t.Errorf("the %s is in the log:\n%s", name, got)
		}
	}
	for _, want := range []string{"refused a request", "media.example/a.mp4?…", "a login failed", "s3://bucket/key?…", "g.n=1"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in the log:\n%s", want, got)
		}
	}
}

// TestRefusalsDoNotFillTheLog has a thousand requests refused.
func TestRefusalsDoNotFillTheLog(t *testing.T) {
	s := newTestServer(t, true, nil)
	g := s.access.guard
	logged, unlogged := 0, 0
	for i := range 1000 {
		if n, ok := g.mayLog(1_700_000_000 + int64(i/400)); ok {
			logged++
			unlogged += n
		}
	}
	if logged != 3*maxRefusals || unlogged != 2*(400-maxRefusals) {
		t.Errorf("%d are logged, which tell of %d more", logged, unlogged)
	}
	for range 1000 {
		s.do("GET", "/prod/channels", "")
	}
	if n := strings.Count(s.log.String(), "refused a request"); n < maxRefusals || n > 10*maxRefusals {
		t.Errorf("%d lines", n)
	}
}

func TestGuardDoesNotCutStreams(t *testing.T) {
	g := &guard{limits: defaultLimits(), log: slog.New(slog.DiscardHandler)}
	began := make(chan struct{})
	server := httptest.NewServer(g.wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "data: 1\n\n")
		w.(http.Flusher).Flush()
		<-began
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		_, _ = io.WriteString(w, "data: 2\n\n")
	})))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	first := make([]byte, 9)
	if _, err := io.ReadFull(r.Body, first); err != nil || string(first) != "data: 1\n\n" {
		t.Fatalf("%q, %v", first, err)
	}
	close(began)
	if rest, err := io.ReadAll(r.Body); err != nil || string(rest) != "data: 2\n\n" {
		t.Errorf("%q, %v", rest, err)
	}
}
