package server

import (
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// maxBody is the longest request body, in bytes. A channel's document has some ten thousand.
	maxBody = 4 << 20
	// maxHeader is the most of a request's headers, in bytes.
	maxHeader = 64 << 10
	// maxConnections is how many connections are served at once.
	maxConnections = 2048
	// bodyTime is how long a body may take to come.
	bodyTime = 30 * time.Second
	// writeTime is how long a client may take nothing of its answer.
	writeTime = time.Minute
	// headerTime is how long the headers may take, idleTime how long a connection is kept for the next request.
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
)

// guard is what every request passes, whoever it is from.
type guard struct {
	// open is that anybody on this machine may do everything: then a name in
	// Host that is not the server's comes from a page that had it resolve to
	// this machine (DNS rebinding).
	open  bool
	names []string
	// addresses is that any address will do as the name: nobody can have one resolve to this machine.
	addresses bool
	// public is that /hls/ is for everybody.
	public bool
	log    *slog.Logger
}

// around returns the handler behind the guard.
func (g *guard) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		w = &patient{ResponseWriter: w, control: control}
		g.headers(w.Header(), r)
		if why := g.refusal(r); why != "" {
			g.refuse(w, r, http.StatusForbidden, "ForbiddenException", why)
			return
		}
		if r.ContentLength > maxBody {
			g.refuse(w, r, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The body has more than 4 MiB.")
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			_ = control.SetReadDeadline(time.Now().Add(bodyTime)) // Not all writers have deadlines.
			r.Body = &hasty{ReadCloser: http.MaxBytesReader(w, r.Body, maxBody), control: control}
		}
		next.ServeHTTP(w, r)
	})
}

// headers says what a browser may do with what it gets. Players' workers and
// what they buffer are blobs; a script in a page is nobody's.
func (g *guard) headers(h http.Header, r *http.Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "+
		"media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if !g.forAll(r) {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}

// forAll tells whether the request is for something that pages of other servers may have.
func (g *guard) forAll(r *http.Request) bool {
	return g.public && strings.HasPrefix(r.URL.Path, "/hls/")
}

// refusal says why a request is not looked at, or nothing.
func (g *guard) refusal(r *http.Request) string {
	if !g.knows(r.Host) {
		return "This server is not known by the name in Host: --server-name makes it so."
	}
	if g.forAll(r) {
		return ""
	}
	if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r.Host) {
		return "The request comes from a page of another server (Origin)."
	}
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "same-origin", "none":
		return ""
	}
	if isRead(r.Method) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return "" // Somebody followed a link; the page cannot see what comes of it.
	}
	return "The request comes from a page of another server (Sec-Fetch-Site)."
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// knows tells whether the server is asked by a name of its own. Where there
// are credentials and no names are given, any will do: credentials that belong
// to another name are not sent along by a browser.
func (g *guard) knows(host string) bool {
	if !g.open && len(g.names) == 0 {
		return true
	}
	name := strings.ToLower(strings.TrimSuffix(hostOnly(host), "."))
	if addr, err := netip.ParseAddr(name); err == nil {
		return !g.open || g.addresses || addr.Unmap().IsLoopback() || slices.Contains(g.names, name)
	}
	return name == "localhost" || slices.ContainsFunc(g.names, func(n string) bool { return strings.EqualFold(n, name) })
}

func hostOnly(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.Trim(host, "[]")
}

// sameOrigin tells whether the origin is the server that was asked. Its scheme
// may be another: a proxy may have done the TLS.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// refuse answers in the API's form. What was asked for is logged without its
// query and headers, which may hold secrets.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, status int, kind, message string) {
	g.log.Warn("refused a request", "method", r.Method, "path", r.URL.Path, "from", r.RemoteAddr, "status", status, "why", message)
	answer(w, status, kind, message)
}

func answer(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message}) // The client may be gone.
}

// patient is a writer whose client may take as long as it likes, as long as it
// takes something: streams of events and pictures have no end.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write implements io.Writer.
func (p *patient) Write(b []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(writeTime)) // Not all writers have deadlines.
	return p.ResponseWriter.Write(b)
}

// Flush implements http.Flusher.
func (p *patient) Flush() {
	_ = p.control.SetWriteDeadline(time.Now().Add(writeTime))
	_ = p.control.Flush()
}

// Unwrap is for http.ResponseController.
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// hasty is a body that has to come soon; what is done with it may take longer.
type hasty struct {
	io.ReadCloser
	control *http.ResponseController
}

// Read implements io.Reader.
func (b *hasty) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
