//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// watchVideo records the events of the preview from now on.
const watchVideo = `
const v = document.querySelector('video');
window.seen = {errors: [], seeks: 0, stalls: [], since: 0};
v.addEventListener('error', () => seen.errors.push(v.error.message));
v.addEventListener('seeking', () => seen.seeks++);
v.addEventListener('waiting', () => { seen.since = performance.now(); });
v.addEventListener('playing', () => { if (seen.since) seen.stalls.push(performance.now() - seen.since); seen.since = 0; });
`

// preview is the state of the preview.
type preview struct {
	At, Decoded float64
	Errors      []string
	Seeks       int
	Stalls      []float64 // in ms
	Playing     bool
}

func (b *browser) preview() preview {
	b.t.Helper()
	return eval[preview](b, `const v = document.querySelector('video');
		return {At: v.currentTime, Decoded: v.webkitDecodedFrameCount, Errors: seen.errors, Seeks: seen.seeks, Playing: !v.paused,
			Stalls: seen.stalls.concat(seen.since ? [performance.now() - seen.since] : [])}`)
}

// longest returns the longest of the stalls in seconds.
func (p preview) longest() (longest float64) {
	for _, s := range p.Stalls {
		longest = max(longest, s/1000)
	}
	return longest
}

// playsAcrossLap checks that the preview plays for longer than a lap of ten seconds
// without an error, a jump or a lost picture. A busy machine may stall a browser, so
// it has three attempts to play without a stall.
func (b *browser) playsAcrossLap() {
	b.t.Helper()
	for try := 1; ; try++ {
		b.run(watchVideo)
		before := b.preview()
		b.until(fmt.Sprintf("document.querySelector('video').currentTime > %f", before.At+12))
		after := b.preview()
		if len(after.Errors) > 0 || after.Seeks > 0 || !after.Playing {
			b.t.Fatalf("the preview was interrupted: %+v", after)
		}
		if pictures := after.Decoded - before.Decoded; pictures < (after.At-before.At)*25-25 {
			b.t.Fatalf("%.0f pictures were decoded in %.1f s", pictures, after.At-before.At)
		}
		b.t.Logf("%.1f s of preview, %.0f pictures decoded, longest stall %.2f s", after.At-before.At, after.Decoded-before.Decoded, after.longest())
		if after.longest() <= 0.5 {
			return
		}
		if try == 3 {
			b.t.Fatalf("the preview stalls: %v ms", after.Stalls)
		}
	}
}

// fits checks that the page is not wider than the screen.
func (b *browser) fits(what string) {
	b.t.Helper()
	if over := eval[float64](b, "return document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		b.t.Errorf("%s is %.0f pixels wider than the screen", what, over)
	}
}

// A user creates a channel, watches it across a lap, stops it and deletes it.
func TestConsole(t *testing.T) {
	folder, to := t.TempDir(), listen(t)
	film := filepath.Join(folder, "news.mp4")
	clip, err := os.ReadFile("../../internal/clip/clip.mp4")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(film, clip, 0o644); err != nil {
		t.Fatal(err)
	}
	s := serve(t, t.TempDir(), "--allow-files", folder)
	b := startBrowser(t)
	b.screen(1280, 860, false)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")

	b.press("n")
	b.until("document.activeElement.id === 'f-source'")
	b.press(kb.Escape)
	b.until("!document.querySelector('dialog')")

	b.click("#new")
	b.write("#f-source", filepath.Join(folder, "none.mp4"))
	b.until("document.querySelector('.verdict.bad')")
	b.write("#f-source", film)
	b.until("document.querySelector('.verdict.good')?.textContent === 'It loops every 10 s'")
	b.write("[name=to]", "http://127.0.0.1:1")
	b.click(".dialog-end .primary")
	b.until("document.activeElement.name === 'to' && document.activeElement.ariaInvalid === 'true'")
	b.write("[name=to]", to.url("rtp"))
	b.write("#f-name", "News")
	b.click(".dialog-end .primary")

	b.until("document.querySelector('.channel h1')?.textContent === 'News'")
	b.until("document.querySelector('.channel .pill')?.textContent === 'On air'")
	if to.datagram(t, 20*time.Second) == nil {
		t.Error("the destination receives nothing")
	}
	onAir := time.Now()
	b.until("document.querySelector('video').readyState >= 2")
	t.Logf("first picture %v after the channel was on air", time.Since(onAir).Round(10*time.Millisecond))
	b.playsAcrossLap()
	b.until("document.querySelector('.deploy code')?.textContent.startsWith('lilo deploy ')")
	b.until("JSON.parse(document.querySelector('.json pre')?.textContent ?? '{}').name === 'News'")
	b.until("document.querySelectorAll('.chart-line[d^=M]').length === 2")
	sdp := regexp.MustCompile(`(?s)v=0\r\n.*m=video ` + fmt.Sprint(to.port) + ` RTP/AVP 33\r\n`)
	path := eval[string](b, "return document.querySelector('a[download]').pathname")
	if code, text := s.get(t, path); code != 200 || !sdp.MatchString(text) {
		t.Errorf("%s: %d %s", path, code, text)
	}

	b.press("m")
	b.until("!document.querySelector('video').muted")
	b.press("s")
	b.until("document.querySelector('.channel .pill').textContent === 'Off air'")
	b.until("document.querySelector('.player-note').textContent.includes('Off air')")
	b.click(".channel-act .primary")
	b.until("document.querySelector('.channel .pill').textContent === 'On air'")
	b.until("document.querySelector('video').readyState >= 2")
	b.click(".danger-quiet")
	b.until("document.querySelector('dialog').open && document.activeElement.textContent === 'Keep it'")
	b.press(kb.Escape)
	b.until("!document.querySelector('dialog') && document.activeElement.classList.contains('danger-quiet')")
	b.click(".danger-quiet")
	b.click("dialog .danger")
	b.until("document.querySelector('.welcome')")
	// The browser logs the responses to the wrong destination, and to requests of the
	// preview after the channel has stopped.
	for _, c := range b.errors() {
		if !strings.Contains(c, "422") && (!strings.Contains(c, "/hls/") || !strings.Contains(c, "404")) {
			t.Error(c)
		}
	}
}

// A developer arms faults of the API in the console, sees what is armed, and clears it.
func TestConsoleFaults(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.screen(1280, 900, false)
	b.open(s.url + "/")
	b.click("#new")
	b.click("#f-clip")
	b.until("document.querySelector('.verdict.good')")
	b.write("[name=to]", listen(t).url("udp"))
	b.click(".dialog-end .primary")
	b.until("document.querySelector('.channel .pill')?.textContent === 'On air'")
	list := func() int {
		code, _ := s.get(t, "/prod/channels")
		return code
	}

	b.press("e")
	b.until("document.querySelector('.armed-state')?.textContent === 'Nothing is armed'")
	b.run("document.querySelector('#faults-answer').value = 'throttling'; document.querySelector('#faults-calls').value = '3'")
	b.click("#faults-arm")
	b.until("document.querySelector('.armed-state').textContent === 'Armed: throttling, 3 more calls'")
	b.fits("the dialog")
	for i, want := range []int{429, 429} {
		if code := list(); code != want {
			t.Errorf("call %d is answered %d, want %d", i, code, want)
		}
	}
	b.until("document.querySelector('.armed-state').textContent === 'Armed: throttling, 1 more call' && document.querySelector('#faults').classList.contains('armed')")
	b.click("#faults-clear")
	b.until("document.querySelector('.armed-state').textContent === 'Nothing is armed' && !document.querySelector('#faults').classList.contains('armed')")
	if code := list(); code != 200 {
		t.Errorf("a call is answered %d", code)
	}

	b.run("document.querySelector('#faults-answer').value = ''; document.querySelector('#faults-slow').value = '5000'")
	b.click("#faults-arm")
	b.until("document.querySelector('.form-error:not([hidden])')?.textContent.includes('is not a time')")
	b.run("document.querySelector('#faults-slow').value = '30'; document.querySelector('#faults-fail').checked = true; document.querySelector('#faults-calls').value = '0'")
	b.click("#faults-arm")
	b.until("document.querySelector('.armed-state').textContent === 'Armed: slow=30s, fail, until cleared'")
	b.click("#faults-clear")

	b.write("#faults-seconds", "60")
	b.click("#faults-lose")
	b.press(kb.Escape)
	b.until("document.querySelector('.channel .pill').textContent === 'Recovering'")
	b.until("document.querySelector('.channel').textContent.includes('the pipeline is lost for 1m0s')")
	b.press("e")
	b.click("#faults-restart")
	b.press(kb.Escape)
	b.until("document.querySelector('.channel .pill').textContent === 'On air'")
	for _, c := range b.errors() { // It logs the answers to what is refused, and those of the preview.
		if !strings.Contains(c, "400") && !strings.Contains(c, "/hls/") {
			t.Error(c)
		}
	}
}

// The page says that the server is gone, and reconnects when it is back.
func TestConsoleReconnects(t *testing.T) {
	state := t.TempDir()
	s := serve(t, state)
	b := startBrowser(t)
	b.open(s.url + "/")
	b.click("#new")
	b.click("#f-clip")
	b.until("document.querySelector('.verdict.good')")
	b.write("[name=to]", listen(t).url("udp"))
	b.click(".dialog-end .primary")
	b.until("document.querySelector('video')?.readyState >= 2")
	s.end(t, syscall.SIGKILL)
	b.until("document.querySelector('#offline:not([hidden])')")
	serve(t, state, "--listen", strings.TrimPrefix(s.url, "http://"))
	b.until("document.querySelector('#offline[hidden]')")
	b.until("document.querySelector('.channel .pill').textContent === 'On air'")
	b.run(watchVideo)
	at := eval[float64](b, "return document.querySelector('video').currentTime")
	b.until(fmt.Sprintf("document.querySelector('video').currentTime > %f + 3 && document.querySelector('.player.playing')", at))
}

// On the smallest phone and in the dark theme, every page fits.
func TestConsoleOnAPhone(t *testing.T) {
	s := serve(t, t.TempDir())
	b := startBrowser(t)
	b.screen(320, 640, true)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.fits("the welcome")
	b.click("#new")
	b.click("#f-clip")
	b.until("document.querySelector('.verdict.good')")
	b.fits("the form")
	b.write("#f-name", "A channel with a name that is longer than a phone is wide, Unbrokenlikethewordhereis")
	b.write("[name=to]", listen(t).url("rtp"))
	b.click(".dialog-end .primary")
	b.until("document.querySelector('video')?.readyState >= 2")
	b.until("document.querySelector('.json pre')")
	b.fits("the channel")
	b.click(".back")
	b.until("document.querySelector('.row .pill.on')")
	b.fits("the list")
	background := eval[string](b, "return getComputedStyle(document.body).backgroundColor")
	var r, g, blue int
	if _, err := fmt.Sscanf(background, "rgb(%d, %d, %d)", &r, &g, &blue); err != nil || r+g+blue > 200 {
		t.Errorf("the page is %s in the dark (%v)", background, err)
	}
	if all := b.errors(); len(all) > 0 {
		t.Error(all)
	}
}

// runWithConsole runs one channel with its console, and returns the process and the URL.
func runWithConsole(t *testing.T, to string, args ...string) (*exec.Cmd, string) {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	var out output
	p := exec.CommandContext(t.Context(), file, append([]string{"run", "--to", to, "--http", "127.0.0.1:0", "--name", "Solo"}, args...)...)
	p.Stdout = &out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if m := regexp.MustCompile(`in a browser: (\S+)`).FindStringSubmatch(out.String()); m != nil {
			return p, m[1]
		}
	}
	t.Fatal("it does not print the URL of the console: ", out.String())
	return nil, ""
}

// lilo run has the same page, read-only.
func TestConsoleOfOneChannel(t *testing.T) {
	p, url := runWithConsole(t, listen(t).url("udp"))
	b := startBrowser(t)
	b.open(url)
	b.until("document.querySelector('.channel h1')?.textContent === 'Solo'")
	b.until("document.querySelector('video')?.readyState >= 2")
	b.run(watchVideo)
	at := b.preview().At
	b.until(fmt.Sprintf("document.querySelector('video').currentTime > %f", at+3))
	if eval[int](b, "return document.querySelectorAll('#new:not([hidden]), .channel-act, .back').length") != 0 {
		t.Error("there are buttons that change it")
	}
	if all := b.errors(); len(all) > 0 {
		t.Error(all)
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
}

// ffmpeg receives a channel with its session description alone.
func TestSessionDescription(t *testing.T) {
	free := listen(t)
	to := free.url("rtp")
	free.conn.Close()
	_, url := runWithConsole(t, to)
	r, err := http.Get(url + "console/channels/1/sdp/0/0")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "channel.sdp")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	out, _ := tool(t, "ffmpeg", "-v", "fatal", "-protocol_whitelist", "file,rtp,udp", "-i", file, "-t", "3", "-map", "0:v", "-f", "framemd5", "-")
	if pictures := strings.Count(string(out), "\n0,"); pictures < 10 {
		t.Errorf("%d pictures came in 3 s", pictures)
	}
}

// TestConsoleScreenshots makes docs/images/console*.png in some minutes, if
// LILO_SCREENSHOTS names the folder to write them to.
func TestConsoleScreenshots(t *testing.T) {
	to := os.Getenv("LILO_SCREENSHOTS")
	if to == "" {
		t.Skip("LILO_SCREENSHOTS names no folder")
	}
	folder, clip := filepath.Join(os.TempDir(), "films"), "../../internal/clip/clip.mp4" // The page shows this path.
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	s := serve(t, t.TempDir(), "--allow-files", folder)
	b := startBrowser(t)
	b.screen(1280, 820, false)
	b.open(s.url + "/")
	b.until("document.querySelector('.welcome')")
	b.screenshot(filepath.Join(to, "console-first.png"))
	ports := map[string]*receiver{}
	for i, name := range []string{"City News", "Weather", "Studio B", "Night Film", "Sports Arena"} {
		film := filepath.Join(folder, strings.ToLower(strings.ReplaceAll(name, " ", "-"))+".mp4")
		tool(t, "ffmpeg", "-v", "error", "-i", clip, "-t", []string{"10", "4", "8", "6", "10"}[i], "-c", "copy", film)
		ports[name] = listen(t)
		b.run(fmt.Sprintf(`return fetch('/console/channels', {method: 'POST', body: JSON.stringify({source: %q, name: %q, to: [%q], start: %t}),
			headers: {'Content-Type': 'application/json', 'X-Lilo-Csrf': document.cookie.replace(/.*lilo_csrf=([^;]*).*/, '$1')}}).then((r) => r.status)`,
			film, name, ports[name].url("rtp"), i != 3))
		time.Sleep(3700 * time.Millisecond) // They shall be at different positions in their laps.
	}
	time.Sleep(time.Minute) // The charts shall show something.
	b.screenshot(filepath.Join(to, "console-list.png"))
	b.click("#new")
	b.write("#f-source", filepath.Join(folder, "city-news.mp4"))
	b.until("document.querySelector('.verdict.good')")
	b.screenshot(filepath.Join(to, "console-new.png"))
	b.press(kb.Escape)
	b.screen(1280, 1240, true)
	b.click(".row-name")
	b.until("document.querySelector('video')?.readyState >= 2 && document.querySelector('.json pre')")
	time.Sleep(6 * time.Second)
	b.screenshot(filepath.Join(to, "console.png"))
	b.screen(390, 844, true)
	time.Sleep(2 * time.Second)
	b.screenshot(filepath.Join(to, "console-phone.png"))
}
