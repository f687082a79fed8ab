package server

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/server/auth"
)

const (
	sessionCookie = "lilo_session"
	csrfCookie    = "lilo_csrf"
	csrfHeader    = "X-Lilo-Csrf"
	// userCookie tells the page who is logged in. It proves nothing.
	userCookie = "lilo_user"
	// signedService is the service in the scope of signatures.
	signedService = "medialive"
)

// access decides who may do what. If the server is open, everybody may do
// everything; otherwise a part without credentials is closed.
type access struct {
	guard    *guard
	open     bool
	current  atomic.Pointer[credentials]
	sessions *auth.Sessions
	attempts *auth.Attempts
	assets   string // the path of the console's files
	now      func() time.Time
}

// credentials are the contents of the files of keys and logins. Each is nil
// without its file.
type credentials struct {
	keys   *auth.Verifier
	logins *auth.Logins
}

// readCredentials reads the files of keys and logins, and checks that of passwords. Faults are of kind Usage.
func (o *Options) readCredentials() (*credentials, error) {
	c := new(credentials)
	if o.Keys != "" {
		keys, err := auth.ReadKeys(o.Keys)
		if err != nil {
			return nil, err
		}
		c.keys = auth.NewVerifier(keys, signedService)
	}
	if o.Logins != "" {
		var err error
		if c.logins, err = auth.ReadLogins(o.Logins); err != nil {
			return nil, err
		}
	}
	if o.Parameters != "" {
		return c, auth.CheckParameters(o.Parameters)
	}
	return c, nil
}

// requireSignature passes on requests that are signed with one of the keys.
func (a *access) requireSignature(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.open {
			next.ServeHTTP(w, r)
			return
		}
		keys := a.current.Load().keys
		if keys == nil {
			a.guard.refuse(w, r, http.StatusForbidden, "AccessDeniedException", "The API is closed: start the server with --keys.")
			return
		}
		_, err := keys.Verify(r, a.now())
		refused, isRefused := errors.AsType[*auth.Error](err)
		_, tooLarge := errors.AsType[*http.MaxBytesError](err)
		switch {
		case err == nil:
			connectionOf(r.Context()).show()
			next.ServeHTTP(w, r)
		case isRefused:
			a.guard.refuse(w, r, http.StatusForbidden, refused.Code, refused.Message)
		case tooLarge:
			a.guard.refuse(w, r, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", bodyTooLarge)
		case errors.Is(err, errTooManyBodies):
			a.guard.refuse(w, r, http.StatusServiceUnavailable, "ServiceUnavailableException", "The bodies of all requests together are too large: try again soon.")
		default:
			a.guard.refuse(w, r, http.StatusBadRequest, "BadRequestException", "The body is incomplete.")
		}
	})
}

// requireUser passes on requests of users who are logged in. Those that change
// something must carry the CSRF token, which only our page knows.
func (a *access) requireUser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		csrf, ok := a.csrfToken(w, r)
		if !ok {
			return
		}
		if !isRead(r.Method) && (csrf == "" || subtle.ConstantTimeCompare([]byte(r.Header.Get(csrfHeader)), []byte(csrf)) != 1) {
			a.guard.refuse(w, r, http.StatusForbidden, "ForbiddenException", "The request does not come from the console: reload the page.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// csrfToken returns the token that our page sends. If there is no session, it
// answers the request and returns false.
func (a *access) csrfToken(w http.ResponseWriter, r *http.Request) (token string, ok bool) {
	if a.open {
		return openToken(w, r), true
	}
	if a.current.Load().logins == nil {
		a.guard.refuse(w, r, http.StatusForbidden, "AccessDeniedException", "The console is closed: start the server with --logins.")
		return "", false
	}
	if s, ok := a.session(r); ok {
		return s.CSRF, true
	}
	if isRead(r.Method) && r.URL.Path == "/" {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return "", false
	}
	writeError(w, http.StatusUnauthorized, "UnauthorizedException", "Log in first, at /login.")
	return "", false
}

// openToken returns the CSRF token in the cookie of a client that needs no login.
// If it has none, a new one is set.
func openToken(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(csrfCookie); err == nil && len(c.Value) >= 20 {
		return c.Value
	}
	token := rand.Text()
	if isRead(r.Method) {
		setCookie(w, r, csrfCookie, token, 0)
	}
	return token
}

// session returns the session of a request, if its user still has a login.
func (a *access) session(r *http.Request) (auth.Session, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return auth.Session{}, false
	}
	s, ok := a.sessions.Get(c.Value, a.now())
	logins := a.current.Load().logins
	if ok = ok && logins != nil && logins.Has(s.User); ok {
		connectionOf(r.Context()).show()
	}
	return s, ok
}

// requireViewer passes on requests of users who are logged in, and of players and
// Prometheus, which send a user name and a password.
func (a *access) requireViewer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, loggedIn := a.session(r)
		if a.open || loggedIn {
			next.ServeHTTP(w, r)
			return
		}
		logins := a.current.Load().logins
		user, password, ok := r.BasicAuth()
		if logins == nil || !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="lilo", charset="UTF-8"`)
			writeError(w, http.StatusUnauthorized, "UnauthorizedException", "A login is required.")
			return
		}
		if logins.Checked(user, password) {
			connectionOf(r.Context()).show()
		} else {
			wait, ok := a.checkPassword(r, logins, user, password)
			switch {
			case wait > 0:
				w.Header().Set("Retry-After", retryAfter(wait))
				a.guard.refuse(w, r, http.StatusTooManyRequests, "TooManyRequestsException", "Too many wrong passwords came from this address: wait.")
				return
			case !ok:
				w.Header().Set("WWW-Authenticate", `Basic realm="lilo", charset="UTF-8"`)
				a.guard.refuse(w, r, http.StatusUnauthorized, "UnauthorizedException", "The user name or the password is wrong.")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// checkPassword checks a password, unless too many wrong ones came from the same
// address: then it returns how long to wait.
func (a *access) checkPassword(r *http.Request, logins *auth.Logins, user, password string) (wait time.Duration, ok bool) {
	p, _ := netip.ParseAddrPort(r.RemoteAddr) // The zero address is that of unknown clients.
	from := p.Addr()
	if wait = a.attempts.Wait(from, a.now()); wait > 0 {
		return wait, false
	}
	a.attempts.Failed(from, a.now())
	if !logins.Check(user, password) {
		return 0, false
	}
	a.attempts.Succeeded(from)
	return 0, true
}

// setCookie sets a cookie for our pages. With life 0 it ends with the browser.
func setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: url.QueryEscape(value), Path: "/", MaxAge: int(life.Seconds()),
		Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
		HttpOnly: name == sessionCookie, // The page reads the others.
	})
}
