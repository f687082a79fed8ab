package server

import (
	_ "embed"
	"html"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/server/auth"
)

//go:embed login.html
var loginPage string

//go:embed login.css
var loginStyle string

// maxForm is how many bytes the form of a login may have.
const maxForm = 16 << 10

// loginHandler returns the handler of /login, /login.css and /logout.
func (a *access) loginHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := a.session(r); a.open || ok {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		showLogin(w, http.StatusOK, "")
	})
	mux.HandleFunc("GET /login.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = io.WriteString(w, loginStyle) // The client may be gone.
	})
	mux.HandleFunc("POST /login", a.login)
	mux.HandleFunc("POST /logout", a.logout)
	return mux
}

// errorMark is where the page shows an error. Package html/template would make the
// linker keep every method of every type, including those of all AWS clients: a
// third of the program.
const errorMark = "<!-- error -->"

func showLogin(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if message != "" {
		message = `<p role="alert">` + html.EscapeString(message) + "</p>"
	}
	_, _ = io.WriteString(w, strings.Replace(loginPage, errorMark, message, 1)) // The client may be gone.
}

func (a *access) login(w http.ResponseWriter, r *http.Request) {
	logins := a.current.Load().logins
	if a.open || logins == nil {
		a.guard.refuse(w, r, http.StatusForbidden, "AccessDeniedException", "This server has no logins.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		a.guard.refuse(w, r, http.StatusBadRequest, "BadRequestException", "The form cannot be read.")
		return
	}
	user := r.PostForm.Get("user")
	wait, ok := a.checkPassword(r, logins, user, r.PostForm.Get("password"))
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", retryAfter(wait))
		showLogin(w, http.StatusTooManyRequests, "Too many wrong passwords came from your address. Wait "+wait.Round(time.Second).String()+".")
	case !ok:
		a.guard.log.Warn("a login failed", "from", r.RemoteAddr) // The user name may be a mistyped password.
		showLogin(w, http.StatusUnauthorized, "The user name or the password is wrong.")
	default:
		a.endSession(r)
		s := a.sessions.Begin(user, a.now())
		setCookie(w, r, sessionCookie, s.Token, auth.SessionLife)
		setCookie(w, r, csrfCookie, s.CSRF, auth.SessionLife)
		setCookie(w, r, userCookie, user, auth.SessionLife)
		a.guard.log.Info("a user logged in", "user", user, "from", r.RemoteAddr)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (a *access) logout(w http.ResponseWriter, r *http.Request) {
	a.endSession(r)
	for _, name := range []string{sessionCookie, csrfCookie, userCookie} {
		setCookie(w, r, name, "", -time.Second)
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func (a *access) endSession(r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		a.sessions.End(c.Value)
	}
}

// retryAfter returns the value of the header Retry-After.
func retryAfter(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
