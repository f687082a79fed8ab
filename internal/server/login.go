package server

import (
	_ "embed"
	"html"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/lilo-live/lilo/internal/server/auth"
)

//go:embed login.html
var loginPage string

// maxForm is how many bytes the form of a login may have.
const maxForm = 16 << 10

// loginHandler returns the handler of /login and /logout.
func (a *access) loginHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		if _, ok := a.session(r); a.open || ok {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		a.showLogin(w, http.StatusOK, "", "")
	})
	mux.HandleFunc("POST /login", a.login)
	mux.HandleFunc("POST /logout", a.logout)
	return mux
}

// showLogin shows the page with the name that was given, and what is wrong, "" for nothing.
// Package html/template would make the linker keep every method of every type,
// including those of all AWS clients: a third of the program.
func (a *access) showLogin(w http.ResponseWriter, status int, user, message string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", loginPolicy)
	w.WriteHeader(status)
	if message != "" {
		message = `<p class="form-error" role="alert">` + html.EscapeString(message) + "</p>"
	}
	atUser, atPassword := " autofocus", ""
	if user != "" {
		atUser, atPassword = "", " autofocus"
	}
	page := strings.NewReplacer("{{assets}}", a.assets, "{{error}}", message, "{{user}}", html.EscapeString(user), "{{at user}}", atUser, "{{at password}}", atPassword)
	_, _ = page.WriteString(w, loginPage) // The client may be gone.
}

// loginPolicy is the content security policy of the page: its form, and the console's own
// style and scripts.
const loginPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'"

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
		a.showLogin(w, http.StatusTooManyRequests, user, "Too many wrong passwords came from your address. Try again in "+inWords(wait)+".")
	case !ok:
		a.guard.log.Warn("a login failed", "from", r.RemoteAddr) // The user name may be a mistyped password.
		a.showLogin(w, http.StatusUnauthorized, user, "The user name or the password is wrong.")
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

// inWords returns a time as people say it: "1 minute and 5 seconds".
func inWords(d time.Duration) string {
	seconds := int(math.Ceil(d.Seconds()))
	var parts []string
	for _, part := range []struct {
		n    int
		unit string
	}{{seconds / 60, "minute"}, {seconds % 60, "second"}} {
		switch {
		case part.n == 1:
			parts = append(parts, "1 "+part.unit)
		case part.n > 1:
			parts = append(parts, strconv.Itoa(part.n)+" "+part.unit+"s")
		}
	}
	return strings.Join(parts, " and ")
}
