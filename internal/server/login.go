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

// routes adds logging in and out.
func (a *access) routes(mux *http.ServeMux) {
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
		_, _ = w.Write([]byte(loginStyle)) // The client may be gone.
	})
	mux.HandleFunc("POST /login", a.login)
	mux.HandleFunc("POST /logout", a.logout)
}

// complaintMark is where the page says what was wrong. There is no more to
// fill in, and a package of templates would have the linker keep every method
// of every type, those of all of AWS's clients among them: a third of the program.
const complaintMark = "<!-- complaint -->"

func showLogin(w http.ResponseWriter, status int, complaint string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if complaint != "" {
		complaint = `<p role="alert">` + html.EscapeString(complaint) + "</p>"
	}
	_, _ = io.WriteString(w, strings.Replace(loginPage, complaintMark, complaint, 1)) // The client may be gone.
}

func (a *access) login(w http.ResponseWriter, r *http.Request) {
	logins := a.current.Load().logins
	if a.open || logins == nil {
		a.guard.refuse(w, r, http.StatusForbidden, "AccessDeniedException", "There are no logins here.")
		return
	}
	if err := r.ParseForm(); err != nil {
		a.guard.refuse(w, r, http.StatusBadRequest, "BadRequestException", "That is not the form.")
		return
	}
	user := r.PostForm.Get("user")
	wait, ok := a.try(r, func() bool { return logins.Check(user, r.PostForm.Get("password")) })
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", seconds(wait))
		showLogin(w, http.StatusTooManyRequests, "Too many wrong passwords came from your address. Wait "+wait.Round(time.Second).String()+".")
	case !ok:
		a.guard.log.Warn("a login failed", "from", r.RemoteAddr) // What was typed as the user may be a password.
		showLogin(w, http.StatusUnauthorized, "That is not a user's name and password.")
	default:
		a.begin(w, r, user)
	}
}

// begin starts a session, and ends the one that was.
func (a *access) begin(w http.ResponseWriter, r *http.Request, user string) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		a.sessions.End(c.Value)
	}
	s := a.sessions.Begin(user, a.now())
	a.setCookie(w, r, sessionCookie, s.Token, auth.SessionLife)
	a.setCookie(w, r, csrfCookie, s.CSRF, auth.SessionLife)
	a.setCookie(w, r, userCookie, user, auth.SessionLife)
	a.guard.log.Info("a user logged in", "user", user, "from", r.RemoteAddr)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *access) logout(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		a.sessions.End(c.Value)
	}
	a.setCookie(w, r, sessionCookie, "", -time.Second)
	a.setCookie(w, r, csrfCookie, "", -time.Second)
	a.setCookie(w, r, userCookie, "", -time.Second)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// seconds is a time to wait as Retry-After has it.
func seconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }
