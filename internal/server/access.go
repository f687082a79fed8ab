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
	// signedService is the name in the scope of signatures.
	signedService = "medialive"
)

// access decides who may do what. Without credentials everybody may do
// everything where the server is open; elsewhere a part that has no
// credentials is shut.
type access struct {
	guard    *guard
	open     bool
	current  atomic.Pointer[credentials]
	sessions *auth.Sessions
	attempts *auth.Attempts
	now      func() time.Time
}

// credentials are what the files hold now.
type credentials struct {
	api    *auth.Verifier // nil where there is no file
	logins *auth.Logins
}

// readCredentials reads the files that are named. Faults are of kind Usage.
func (o *Options) readCredentials() (*credentials, error) {
	c := new(credentials)
	if o.Keys != "" {
		keys, err := auth.ReadKeys(o.Keys)
		if err != nil {
			return nil, err
		}
		c.api = auth.NewVerifier(keys, signedService)
	}
	if o.Logins != "" {
		var err error
		if c.logins, err = auth.ReadLogins(o.Logins); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// signed lets through to the API what one of the keys has signed.
func (a *access) signed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.open {
			next.ServeHTTP(w, r)
			return
		}
		api := a.current.Load().api
		if api == nil {
			a.guard.refuse(w, r, http.StatusForbidden, "AccessDeniedException", "The API is shut: this server was started without --keys.")
			return
		}
		_, err := api.Verify(r, a.now())
		refusal, refused := errors.AsType[*auth.Error](err)
		_, long := errors.AsType[*http.MaxBytesError](err)
		switch {
		case err == nil:
			next.ServeHTTP(w, r)
		case refused:
			a.guard.refuse(w, r, http.StatusForbidden, refusal.Code, refusal.Message)
		case long:
			a.guard.refuse(w, r, http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException", "The body has more than 4 MiB.")
		default:
			a.guard.refuse(w, r, http.StatusBadRequest, "BadRequestException", "The body did not come as a whole.")
		}
	})
}

// person lets through to the console who is logged in, and changes only what a
// page of ours asks for.
func (a *access) person(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		csrf, ok := a.entered(w, r)
		if !ok {
			return
		}
		if !isRead(r.Method) && !sameToken(r.Header.Get(csrfHeader), csrf) {
			a.guard.refuse(w, r, http.StatusForbidden, "ForbiddenException", "The request does not come from the console: load the page again.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// entered returns the token that a page of ours sends along, or answers and returns false.
func (a *access) entered(w http.ResponseWriter, r *http.Request) (csrf string, ok bool) {
	if a.open {
		return a.stranger(w, r), true
	}
	if a.current.Load().logins == nil {
		a.guard.refuse(w, r, http.StatusForbidden, "AccessDeniedException", "The console is shut: this server was started without --logins.")
		return "", false
	}
	if s, ok := a.session(r); ok {
		return s.CSRF, true
	}
	if isRead(r.Method) && r.URL.Path == "/" {
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return "", false
	}
	answer(w, http.StatusUnauthorized, "UnauthorizedException", "Log in first, at /login.")
	return "", false
}

// stranger returns the token of somebody who needs no login, and sees to it
// that the page has one.
func (a *access) stranger(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(csrfCookie); err == nil && len(c.Value) >= 20 {
		return c.Value
	}
	token := rand.Text()
	if isRead(r.Method) {
		a.setCookie(w, r, csrfCookie, token, 0)
	}
	return token
}

func (a *access) session(r *http.Request) (auth.Session, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return auth.Session{}, false
	}
	s, ok := a.sessions.Of(c.Value, a.now())
	logins := a.current.Load().logins
	return s, ok && logins != nil && logins.Has(s.User)
}

// viewer lets through who may look: a person who is logged in, or a player or
// Prometheus with a login's name and password.
func (a *access) viewer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.open {
			next.ServeHTTP(w, r)
			return
		}
		if _, ok := a.session(r); ok {
			next.ServeHTTP(w, r)
			return
		}
		logins := a.current.Load().logins
		user, password, given := r.BasicAuth()
		if logins == nil || !given {
			w.Header().Set("WWW-Authenticate", `Basic realm="lilo", charset="UTF-8"`)
			answer(w, http.StatusUnauthorized, "UnauthorizedException", "A login is wanted here.")
			return
		}
		if !logins.Knows(user, password) {
			if wait, ok := a.try(r, func() bool { return logins.Check(user, password) }); !ok {
				a.denied(w, r, wait)
				return
			}
			logins.Learn(user, password)
		}
		next.ServeHTTP(w, r)
	})
}

// try checks a password, unless too many were wrong: then it returns how long to wait.
func (a *access) try(r *http.Request, check func() bool) (wait time.Duration, ok bool) {
	from := remote(r)
	if wait = a.attempts.Wait(from, a.now()); wait > 0 {
		return wait, false
	}
	a.attempts.Failed(from, a.now())
	if !check() {
		return 0, false
	}
	a.attempts.Succeeded(from)
	return 0, true
}

func (a *access) denied(w http.ResponseWriter, r *http.Request, wait time.Duration) {
	if wait > 0 {
		w.Header().Set("Retry-After", seconds(wait))
		a.guard.refuse(w, r, http.StatusTooManyRequests, "TooManyRequestsException", "Too many wrong passwords came from this address: wait.")
		return
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="lilo", charset="UTF-8"`)
	a.guard.refuse(w, r, http.StatusUnauthorized, "UnauthorizedException", "That is not a login's name and password.")
}

// remote returns the address that a request comes from.
func remote(r *http.Request) netip.Addr {
	p, _ := netip.ParseAddrPort(r.RemoteAddr) // The zero Addr stands for one that is not known.
	return p.Addr()
}

func sameToken(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

// setCookie sets a cookie for this server's pages; life 0 ends with the browser.
func (a *access) setCookie(w http.ResponseWriter, r *http.Request, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: url.QueryEscape(value), Path: "/", MaxAge: int(life.Seconds()),
		Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
		HttpOnly: name == sessionCookie, // The page reads the others.
	})
}
