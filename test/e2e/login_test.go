//go:build e2e

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// A user logs in, creates a channel, watches it, and logs out.
func TestConsoleLogin(t *testing.T) {
	dir := t.TempDir()
	logins := filepath.Join(dir, "logins")
	addLogin(t, logins, "anna")
	s := serve(t, filepath.Join(dir, "state"), "--logins", logins)
	b := startBrowser(t)
	b.screen(1000, 700, true)
	b.open(s.url + "/")
	b.until("location.pathname === '/login' && document.activeElement.id === 'user'")
	b.write("#user", "anna")
	b.write("#password", "wrong password")
	b.click("button")
	b.until("document.querySelector('[role=alert]')?.textContent.includes('password is wrong')")
	b.errors() // The 401 is one.
	b.write("#user", "anna")
	b.write("#password", password)
	b.click("button")
	b.until("location.pathname === '/' && document.querySelector('.welcome')")
	b.click("#new")
	b.click(".field .check input")
	b.write("[name=to]", "rtp://127.0.0.1:20000")
	b.click(".dialog-end .primary")
	b.until("document.querySelector('.channel .pill')?.textContent === 'On air'")
	b.until("document.querySelector('video').readyState >= 2")
	b.click("[aria-label='Log out anna']")
	b.until("location.pathname === '/login'")
	for _, c := range b.errors() {
		if !strings.Contains(c, "401") { // Requests of the page after the session has ended.
			t.Error(c)
		}
	}
	b.open(s.url + "/")
	b.until("location.pathname === '/login'")
	if log := s.log.String(); strings.Contains(log, password) || !strings.Contains(log, "a user logged in") {
		t.Errorf("the log says\n%s", log)
	}
}
