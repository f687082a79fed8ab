package server

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// maxBody is the longest request body, in bytes. The document of a channel has some ten thousand.
	maxBody      = 4 << 20
	bodyTooLarge = "The body has more than 4 MiB."
	// maxHeader is the maximum size of a request's headers, in bytes.
	maxHeader = 64 << 10
	// maxBodies is how many bytes of bodies are held at once: many clients at once must not
	// take memory that channels need.
	maxBodies = 64 << 20
	// maxRefusals is how many refusals are logged in a second.
	maxRefusals = 20
	// writePart is the most bytes written at once: what a client accepts counts from part to part.
	writePart = 64 << 10
	// minRate is the rate at which a client may accept a response for ever, in bytes a second.
	minRate = 16 << 10
)

// guard checks what every request must satisfy, whoever sends it.
type guard struct {
	// open says that anybody on this machine may do everything. A page of another
	// server could then use a name that resolves to this machine (DNS rebinding),
	// so only known names are accepted in Host.
	open  bool
	names []string
	// addresses accepts any IP address in Host: nobody can make one resolve to this machine.
	addresses bool
	// public lets pages of other servers use /hls/.
	public bool
	limits limits
	log    *slog.Logger

	bodies atomic.Int64 // bytes of bodies of requests in progress

	mu       sync.Mutex
	second   int64 // since 1970, in which refusals are counted
	refusals int   // in it
	unlogged int   // refusals since the last one that was logged
}

// wrap returns a handler that passes requests on to next if they are acceptable.
func (g *guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, control := connectionOf(r.Context()), http.NewResponseController(w)
		admitted := c.begin()
		if admitted {
			defer c.end()
		}
		w = &deadlineWriter{ResponseWriter: w, control: control, connection: c, patience: g.limits.write, most: g.limits.write}
		hasBody := r.Body != nil && r.Body != http.NoBody
		if hasBody {
			_ = control.SetReadDeadline(time.Now().Add(g.limits.body)) // Not all writers have deadlines.
			b := &deadlineBody{ReadCloser: http.MaxBytesReader(w, r.Body, maxBody), control: control, connection: c, all: &g.bodies}
			defer b.release()
			r.Body = b
		}
		g.setHeaders(w.Header(), r)
		status, kind, message := g.objection(r, admitted)
		if status == 0 {
			next.ServeHTTP(w, r)
			return
		}
		if hasBody && r.ProtoMajor == 1 {
			w.Header().Set("Connection", "close") // Else the response would wait for the body.
			_ = control.SetReadDeadline(time.Now().Add(g.limits.refused))
		}
		g.refuse(w, r, status, kind, message)
	})
}

// objection returns how a request is refused; the status is 0 if it is not.
func (g *guard) objection(r *http.Request, admitted bool) (status int, kind, message string) {
	if !admitted && r.URL.Path != "/healthz" {
		return http.StatusServiceUnavailable, "ServiceUnavailableException", "There are too many connections: try again soon."
	}
	if why := g.stranger(r); why != "" {
		return http.StatusForbidden, "ForbiddenException", why
	}
	if r.ContentLength > maxBody {
		return http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", bodyTooLarge
	}
	return 0, "", ""
}

// setHeaders tells browsers to let a page do nothing but style itself and submit
// its form. The console, which needs more, has a policy of its own.
func (g *guard) setHeaders(h http.Header, r *http.Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if !g.isPublic(r) {
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
	}
}

// isPublic reports whether pages of other servers may send the request.
func (g *guard) isPublic(r *http.Request) bool {
	return g.public && strings.HasPrefix(r.URL.Path, "/hls/")
}

// stranger returns why a request for a name that is not ours, or from a page that
// is not, is refused; "" if it is not.
func (g *guard) stranger(r *http.Request) string {
	if !g.knowsHost(r.Host) {
		return "This server is not known by the name in Host: add it with --server-name."
	}
	if g.isPublic(r) {
		return ""
	}
	if origin := r.Header.Get("Origin"); origin != "" && !sameOrigin(origin, r.Host) {
		return "The request comes from a page of another server (Origin)." + advice(r)
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return ""
	}
	if isRead(r.Method) && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" {
		return "" // A user follows a link; the other page cannot see the response.
	}
	return "The request comes from a page of another server (Sec-Fetch-Site)." + advice(r)
}

// advice returns what lets pages of other servers send the request, "" if nothing does.
func advice(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, "/hls/") {
		return " --public-hls lets such pages play."
	}
	return ""
}

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// knowsHost reports whether host is a name of the server. With credentials and
// without configured names any name will do: a browser does not send credentials
// for one name to another.
func (g *guard) knowsHost(host string) bool {
	if !g.open && len(g.names) == 0 {
		return true
	}
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if addr, err := netip.ParseAddr(name); err == nil {
		return !g.open || g.addresses || addr.IsLoopback() || slices.Contains(g.names, name)
	}
	return name == "localhost" || slices.ContainsFunc(g.names, func(n string) bool { return strings.EqualFold(n, name) })
}

// sameOrigin reports whether origin is the server in Host. The schemes may
// differ, since a proxy may terminate TLS.
func sameOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, host)
}

// refuse logs a request, unless too many were logged, and answers it with an error. The log omits query and
// headers, which may hold secrets.
func (g *guard) refuse(w http.ResponseWriter, r *http.Request, status int, kind, message string) {
	if unlogged, ok := g.mayLog(time.Now().Unix()); ok {
		g.log.Warn("refused a request", "unlogged", unlogged, "method", r.Method, "path", r.URL.Path, "from", r.RemoteAddr, "status", status, "why", message)
	}
	writeError(w, status, kind, message)
}

// mayLog reports whether a refusal in a second may be logged, and how many before it
// were not: nobody may fill a disk with them.
func (g *guard) mayLog(second int64) (unlogged int, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if second != g.second {
		g.second, g.refusals = second, 0
	}
	if g.refusals++; g.refusals > maxRefusals {
		g.unlogged++
		return 0, false
	}
	unlogged, g.unlogged = g.unlogged, 0
	return unlogged, true
}

// writeError answers with an error in the API's form.
func writeError(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message}) // The client may be gone.
}

// deadlineWriter bounds how long a client may keep a response waiting. The response
// as a whole may take any time, since event streams have no end.
type deadlineWriter struct {
	http.ResponseWriter
	control    *http.ResponseController
	connection *connection
	// patience is how long the client may still keep the response waiting, at most most.
	patience, most time.Duration
}

// WriteHeader implements http.ResponseWriter.
func (w *deadlineWriter) WriteHeader(status int) {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.patience)) // Not all writers have deadlines.
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *deadlineWriter) Write(b []byte) (n int, err error) {
	for first := true; err == nil && (first || len(b) > 0); first = false {
		part := b[:min(len(b), writePart)]
		b = b[len(part):]
		w.wait(func() {
			var done int
			done, err = w.ResponseWriter.Write(part)
			n += done
		})
		w.patience = min(w.most, w.patience+time.Duration(len(part))*time.Second/minRate)
	}
	return n, err
}

// Flush implements http.Flusher.
func (w *deadlineWriter) Flush() { _ = w.FlushError() }

// FlushError is for http.ResponseController.
func (w *deadlineWriter) FlushError() (err error) {
	w.wait(func() { err = w.control.Flush() })
	return err
}

// wait calls f, which may wait for the client.
func (w *deadlineWriter) wait(f func()) {
	begin := time.Now()
	_ = w.control.SetWriteDeadline(begin.Add(w.patience)) // Not all writers have deadlines.
	w.connection.wait(f)
	w.patience -= time.Since(begin)
}

// Unwrap is for http.ResponseController.
func (w *deadlineWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// deadlineBody is a body with a read deadline, which ends with the body and not before.
type deadlineBody struct {
	io.ReadCloser
	control    *http.ResponseController
	connection *connection
	all        *atomic.Int64 // bytes of all bodies
	read       int64         // of this one
}

// errTooManyBodies reports that there are more than maxBodies.
var errTooManyBodies = errors.New("the bodies of all requests together are too large: try again soon")

// release tells that the body is not held any more.
func (b *deadlineBody) release() { b.all.Add(-b.read) }

// Read implements io.Reader.
func (b *deadlineBody) Read(p []byte) (n int, err error) {
	b.connection.wait(func() { n, err = b.ReadCloser.Read(p) })
	b.read += int64(n)
	if b.all.Add(int64(n)) > maxBodies {
		return n, errTooManyBodies
	}
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
