//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// create creates a channel as the form does, and returns its id.
func (b *browser) create(source, name string, start bool, to ...string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`return fetch('/console/channels', {method: 'POST', body: JSON.stringify({source: %q, name: %q, to: %s, start: %t}),
		headers: {'Content-Type': 'application/json', 'X-Lilo-Csrf': document.cookie.replace(/.*lilo_csrf=([^;]*).*/, '$1')}}).then((r) => r.json()).then((r) => r.id)`,
		source, name, `["`+strings.Join(to, `","`)+`"]`, start))
}

// show shows the page of a channel.
func (b *browser) show(id string) {
	b.t.Helper()
	b.run(fmt.Sprintf("location.hash = '#/channels/%s'", id))
}

// row is a script for the text in an element of the row of a channel.
func row(name, selector string) string {
	return fmt.Sprintf("[...document.querySelectorAll('.row')].find((r) => r.querySelector('.row-name')?.textContent === %q)?.querySelector(%q)?.textContent", name, selector)
}

// deaf returns the URL of a port of this machine on which nobody listens.
func deaf(t *testing.T) string {
	t.Helper()
	r := listen(t)
	r.conn.Close()
	return r.url("udp")
}

// copyClip copies the bundled clip to a file.
func copyClip(t *testing.T, file string) string {
	t.Helper()
	clip, err := os.ReadFile("../../internal/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, clip, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// A channel that sends nothing is not green, one that nobody hears is, and what is lost is told.
func TestConsoleTellsWhatIsSent(t *testing.T) {
	folder := t.TempDir()
	film := copyClip(t, filepath.Join(folder, "gone.mp4"))
	s := serve(t, t.TempDir(), "--allow-files", folder)
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")

	gone := b.create(film, "Gone", false, listen(t).url("udp"))
	unheard := b.create("", "Unheard", true, deaf(t))
	if err := os.Remove(film); err != nil {
		t.Fatal(err)
	}
	b.until(row("Unheard", ".pill.on") + " === 'On air'")
	b.show(gone)
	b.click(".channel-act .primary")
	b.until("document.querySelector('.channel .pill.bad')?.textContent === 'Sends nothing'")
	b.until("document.querySelector('.alerts').textContent.includes('gone.mp4')")
	b.show(unheard)
	b.until("document.querySelector('.output-head')?.textContent.includes('Nobody listens there now')")
	if alerts := eval[string](b, "return document.querySelector('.alerts').textContent"); alerts != "" {
		t.Errorf("there is an alert: %s", alerts)
	}

	s.pause(t, time.Second)
	b.until("Number(document.querySelectorAll('.stats dd')[4].textContent.replace(/,/g, '')) > 50")
	b.until("/datagrams were lost since .* were overdue/.test(document.querySelector('.alerts').textContent)")
}

// Two channels with one destination: the form warns, and both have an alert while they are on air.
func TestConsoleWarnsOfSharedDestinations(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	to := listen(t)
	b.create("", "First", true, to.url("rtp")+"?ttl=3")
	b.until(row("First", ".pill.on"))
	b.click("#new")
	b.write("[name=to]", to.url("udp"))
	b.until("document.querySelector('.to .hint').textContent.includes('“First” has this destination too')")
	b.press(kb.Escape)
	second := b.create("", "Second", true, to.url("udp"))
	b.until(row("First", ".row-alerts") + " === '1 alert'")
	b.show(second)
	b.until("/gets a mixture of this stream and that of pipeline 0 of channel .First./.test(document.querySelector('.alerts').textContent)")
}

// The form refuses a rate at which the file cannot be played, and offers the smallest.
func TestConsoleRefusesRateTooLow(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.click("#new")
	b.click("#f-clip")
	b.until("document.querySelector('.verdict.good')")
	b.write("#f-muxrate", "700k")
	b.write("[name=to]", listen(t).url("udp"))
	b.until("document.querySelector('.verdict.bad')?.textContent === 'The mux rate is too low' && document.querySelector('#f-muxrate').ariaInvalid === 'true'")
	b.click(".dialog-end .primary")
	b.until("document.activeElement.id === 'f-muxrate' && /give at least --muxrate \\d+, or auto/.test(document.querySelector('.form-error').textContent)")
	if n := eval[int](b, "return document.querySelectorAll('.row').length"); n != 0 {
		t.Errorf("there are %d channels", n)
	}
	b.click(".report button")
	b.until("document.querySelector('.verdict.good')")
	b.click(".dialog-end .primary")
	b.until("document.querySelector('.channel .pill')?.textContent === 'On air'")
}

// A file that is no MP4 is offered to be encoded, one that ffmpeg cannot read is not; encoding shows
// how long it takes.
func TestConsoleOffersEncoding(t *testing.T) {
	folder := t.TempDir()
	matroska, text := filepath.Join(folder, "old.mkv"), filepath.Join(folder, "text.mp4")
	tool(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=30", "-c:v", "libx264", "-preset", "ultrafast", matroska)
	if err := os.WriteFile(text, []byte(strings.Repeat("no film ", 1000)), 0o644); err != nil {
		t.Fatal(err)
	}
	s := serveIn(t, []string{"XDG_CACHE_HOME=" + t.TempDir()}, "--state", t.TempDir(), "--allow-files", folder)
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.click("#new")
	b.write("#f-source", text)
	b.until("document.querySelector('.verdict.bad')?.textContent === 'It cannot be played, and not be encoded'")
	b.write("#f-source", matroska)
	b.until("document.querySelector('.verdict.bad')?.textContent === 'It must be encoded'")
	b.click(".report .primary")
	b.until("document.querySelector('.verdict.good')?.textContent === 'It will be encoded first' && document.querySelector('#f-encode').value === 'avc'")
	b.write("[name=to]", listen(t).url("udp"))
	b.click(".dialog-end .primary")
	b.until("document.querySelector('.channel .pill')?.textContent === 'Encoding'")
	b.until("/^Encoding: [0-9]+ %, .* left$/.test(document.querySelector('.progress').textContent) && document.querySelector('progress').value > 0")
	b.until("document.querySelector('.channel .pill').textContent === 'On air' && document.querySelector('.progress').hidden")
}

// While a source is fetched, its channel shows how much and for how long.
func TestConsoleShowsFetching(t *testing.T) {
	clip, err := os.ReadFile("../../internal/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"1"`)
		from, to := 0, len(clip)
		if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); n > 0 {
			to = min(len(clip), to+1)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(clip)))
		}
		w.Header().Set("Content-Length", strconv.Itoa(to-from))
		if from > 0 || to < len(clip) {
			w.WriteHeader(http.StatusPartialContent)
		}
		for ; from < to && r.Context().Err() == nil; from += 64 << 10 {
			if from > 1<<18 {
				time.Sleep(time.Second)
			}
			if _, err := w.Write(clip[from:min(to, from+64<<10)]); err != nil {
				return
			}
		}
	}))
	defer slow.Close()
	s := serveIn(t, []string{"XDG_CACHE_HOME=" + t.TempDir()}, "--state", t.TempDir())
	b := startBrowser(t)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.create(slow.URL+"/film.mp4", "Far", true, listen(t).url("udp"))
	b.until("/^Fetching: [0-9]+ %, .* left$/.test(" + row("Far", ".row-lap") + ")")
}

// A link to a channel that there is not says so, and leads on.
func TestConsoleOfUnknownChannel(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.open(s.url + "/#/channels/12345%")
	b.until("document.querySelector('h1')?.textContent === 'There is no such channel' && document.body.innerText.includes('12345%')")
	b.click("main .button")
	b.until("location.hash === '#/' && document.querySelector('.welcome')")
}

// The lights of TR 101 290 show what is really sent: green while all is well, red after the machine stood still.
func TestConsoleHealth(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.show(b.create("", "News", true, listen(t).url("rtp")))
	b.until("/^Measured for [0-9]+ s: no errors/.test(document.querySelector('.health-verdict')?.textContent) && document.querySelectorAll('.light.good').length > 15")
	b.until("!document.querySelector('.light.bad, .light.past')")
	s.pause(t, time.Second)
	b.until("[...document.querySelectorAll('.light.bad')].some((l) => l.textContent.includes('Continuity count error'))")
}

// pause stops the server for a while, so that datagrams become overdue.
func (s *serverProcess) pause(t *testing.T, d time.Duration) {
	t.Helper()
	for _, signal := range []syscall.Signal{syscall.SIGSTOP, syscall.SIGCONT} {
		if err := s.cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if signal == syscall.SIGSTOP {
			time.Sleep(d)
		}
	}
}
