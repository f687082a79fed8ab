//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// node installs what a folder of clients pins with npm, and returns where.
func node(t *testing.T, name string) string {
	t.Helper()
	from := filepath.Join("clients", name)
	return installed(t, filepath.Join(from, "package-lock.json"), func(dir string) [][]string {
		return [][]string{
			{"cp", filepath.Join(from, "package.json"), filepath.Join(from, "package-lock.json"), dir},
			{"npm", "ci", "--prefix", dir, "--no-audit", "--no-fund", "--silent"},
		}
	})
}

// look looks at the states of the page: in both themes, on a desktop and on a phone, axe
// finds no violation and nothing is wider than the screen. Pictures of all go to the folder
// in LILO_LOOK, if it names one.
type look struct {
	*browser
	axe string
}

func newLook(t *testing.T) *look {
	axe := read(t, filepath.Join(node(t, "axe"), "node_modules", "axe-core", "axe.min.js"))
	return &look{startBrowser(t), axe}
}

// at looks at the state that is shown now.
func (l *look) at(name string) {
	l.t.Helper()
	for _, size := range []struct {
		device        string
		width, height int64
	}{{"desktop", 1280, 860}, {"phone", 390, 844}} {
		for _, dark := range []bool{false, true} {
			l.screen(size.width, size.height, dark)
			what := fmt.Sprintf("%s-%s-%s", name, size.device, map[bool]string{false: "light", true: "dark"}[dark])
			l.fits(what)
			l.noViolation(what)
			if to := os.Getenv("LILO_LOOK"); to != "" {
				if err := os.WriteFile(filepath.Join(to, what+".png"), result(l.browser, chromedp.CaptureScreenshot()), 0o644); err != nil {
					l.t.Fatal(err)
				}
			}
		}
	}
	l.screen(1280, 860, false)
}

// noViolation has axe check the page as it is.
func (l *look) noViolation(what string) {
	l.t.Helper()
	l.run("document.getAnimations().forEach((a) => { try { a.finish(); } catch { a.cancel(); } })") // Colors that fade are not those to check.
	if !eval[bool](l.browser, "return 'axe' in window") {
		result(l.browser, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Run(ctx, chromedp.Evaluate[chromedp.Void](l.axe+";undefined"))
			return err
		}))
	}
	for _, v := range eval[[]string](l.browser, `return axe.run({resultTypes: ['violations']}).then((r) => r.violations.map((v) =>
		v.id + ': ' + v.help + ': ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + ' ' + (n.any[0]?.message ?? '')).join(' | ')))`) {
		l.t.Errorf("%s: %s", what, v)
	}
}

// Every state of the console is usable by all, in both themes, on a desktop and on a phone.
func TestConsoleLooks(t *testing.T) {
	long(t)
	folder := t.TempDir()
	film := copyClip(t, filepath.Join(folder, "a film with a rather long name for a phone.mp4"))
	if err := os.WriteFile(filepath.Join(folder, "text.mp4"), []byte(strings.Repeat("no film ", 1000)), 0o644); err != nil {
		t.Fatal(err)
	}
	s := serve(t, t.TempDir(), "--allow-files", folder)
	b := newLook(t)
	b.screen(1280, 860, false)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.at("welcome")
	b.open(s.url + "/#/channels/12345")
	b.until("document.querySelector('h1')?.textContent === 'There is no such channel'")
	b.at("missing")
	b.run("location.hash = '#/'")

	shared := listen(t).url("udp")
	ids := []string{
		b.create(film, "A channel with a name that is longer than a phone is wide", true, shared, listen(t).url("rtp")),
		b.create("", "Shared", true, shared), b.create("", "Unheard", true, deaf(t)), b.create(film, "Off air", false, listen(t).url("udp")),
	}
	gone := b.create(copyClip(t, filepath.Join(folder, "gone.mp4")), "Gone", false, listen(t).url("udp"))
	if err := os.Remove(filepath.Join(folder, "gone.mp4")); err != nil {
		t.Fatal(err)
	}
	b.run(fmt.Sprintf("return fetch('/console/channels/%s/start', {method: 'POST', headers: {'X-Lilo-Csrf': document.cookie.replace(/.*lilo_csrf=([^;]*).*/, '$1')}})", gone))
	b.until(row("Gone", ".pill.bad") + " && " + row("Shared", ".row-alerts") + " === '1 alert'")
	b.at("list")
	b.click("[aria-label=Table]")
	b.until("document.querySelectorAll('tbody .pill').length === 5")
	b.at("table")
	b.click(".columns summary")
	b.at("columns")
	b.click(".columns summary")
	b.click("[aria-label=Pictures]")
	b.until("document.querySelectorAll('.tile img.loaded').length > 1")
	b.at("wall")
	b.click("[aria-label=Cards]")
	b.click(".tools > button")
	b.click("[aria-label='Select all that are shown']")
	b.until("document.querySelector('.bulk strong').textContent === '5 selected'")
	b.at("selected")
	b.run("[...document.querySelectorAll('.bulk button')].find((b) => b.textContent === 'Tag…').click()")
	b.at("tag")
	b.press(kb.Escape)
	b.run("[...document.querySelectorAll('.bulk button')].find((b) => b.textContent === 'Delete…').click()")
	b.at("delete")
	b.press(kb.Escape)
	b.run("[...document.querySelectorAll('.bulk button')].find((b) => b.textContent === 'Done').click()")

	for i, name := range []string{"channel", "shared", "unheard", "off"} {
		b.show(ids[i])
		b.until("document.querySelector('.json pre')")
		if name != "off" {
			b.until("document.querySelector('video')?.readyState >= 2")
		}
		b.at(name)
		if name == "channel" {
			b.until("document.querySelectorAll('.light').length > 15")
			b.run("for (const d of document.querySelectorAll('details')) d.open = true")
			b.pressNamed("Terraform")
			b.until("document.querySelector('pre[aria-label=Terraform]')")
			b.run("document.querySelector('.health').scrollIntoView()")
			b.at("channel-health")
			b.run("document.querySelector('pre[aria-label=Terraform]').scrollIntoView({block: 'end'})")
			b.at("channel-end")
			b.pressNamed("Edit")
			b.until("document.querySelector('#f-name')")
			b.at("edit")
			b.press(kb.Escape)
		}
	}
	b.show(gone)
	b.until("document.querySelector('.alerts').textContent.includes('gone.mp4')")
	b.at("gone")

	b.press("n")
	b.at("form")
	b.click("[aria-label='Browse the files of the server']")
	b.until("document.querySelectorAll('.file').length === 2")
	b.at("files")
	b.press(kb.Escape)
	for _, state := range []struct{ name, source, verdict string }{
		{"form-bad", filepath.Join(folder, "text.mp4"), "It cannot be played"},
		{"form-missing", filepath.Join(folder, "none.mp4"), "It cannot be read"},
		{"form-good", film, "It loops"},
	} {
		b.write("#f-source", state.source)
		b.until(fmt.Sprintf("document.querySelector('.verdict')?.textContent.startsWith(%q)", state.verdict))
		b.at(state.name)
	}
	b.write("[name=to]", shared)
	b.write("#f-muxrate", "100k")
	b.until("document.querySelector('.verdict.bad')?.textContent === 'The mux rate is too low'")
	b.at("form-rate")
	b.press(kb.Escape)
	b.press("?")
	b.at("keys")
	b.press(kb.Escape)
	b.press("e")
	b.at("faults")
	b.press(kb.Escape)
	s.end(t, 9)
	b.until("document.querySelector('#offline:not([hidden])')")
	b.at("offline")
}

// The login is usable by all too.
func TestLoginLooks(t *testing.T) {
	long(t)
	dir := t.TempDir()
	logins := filepath.Join(dir, "logins")
	addLogin(t, logins, "anna")
	s := serve(t, filepath.Join(dir, "state"), "--logins", logins)
	b := newLook(t)
	b.open(s.url + "/")
	b.until("document.activeElement.id === 'user'")
	b.at("login")
	b.write("#user", "anna")
	b.write("#password", "wrong")
	b.click("button")
	b.until("document.querySelector('[role=alert]')")
	b.at("login-wrong")
}

// However wide the window is, every button in the list can be pressed.
func TestConsoleListFits(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.create("", "A channel with a name that is rather long, as names of channels are", true, "rtp://127.0.0.1:20000", "rtp://127.0.0.1:20002")
	b.create("", "Another", true, "rtp://127.0.0.1:20000")
	b.until(row("Another", ".row-alerts") + " === '1 alert'")
	for width := int64(1300); width >= 320; width -= 35 {
		b.screen(width, 900, false)
		b.fits(fmt.Sprintf("at %d pixels, the list", width))
		time.Sleep(20 * time.Millisecond)
		for _, hidden := range eval[[]string](b, `return [...document.querySelectorAll('.bar button, .tools button, .row-act button')].filter((e) => {
			const r = e.getBoundingClientRect();
			if (getComputedStyle(e).display === 'none' || e.closest('[hidden]') || r.width === 0) return false;
			const at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
			return !at || !e.contains(at);
		}).map((e) => e.getAttribute('aria-label') ?? e.textContent)`) {
			t.Errorf("at %d pixels, the button %q cannot be pressed", width, hidden)
		}
	}
}
