//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
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
)

// chromium is a browser that a test steers through chromedriver (W3C WebDriver).
type chromium struct {
	t       *testing.T
	session string // its URL
}

// browse starts one; it ends with the test.
func browse(t *testing.T) *chromium {
	t.Helper()
	profile, err := os.MkdirTemp("", "lilo-browser-") //nolint:usetesting // What the browser still writes there must not fail the test.
	if err != nil {
		t.Fatal(err)
	}
	// The test's context is done before its session is ended.
	cmd := exec.Command("chromedriver", "--port=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v (scripts/test-tools.sh installs it)", err)
	}
	b := &chromium{t: t}
	t.Cleanup(func() {
		_ = b.try("DELETE", "", nil, nil)                   // What is left ends with its group.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // It may have ended.
		_ = cmd.Wait()
		_ = os.RemoveAll(profile) // The last of them may still be writing there.
	})
	b.session = "http://127.0.0.1:" + driverPort(t, out)
	b.begin(profile)
	return b
}

// begin begins a session.
func (b *chromium) begin(profile string) {
	b.t.Helper()
	var made struct {
		SessionID string `json:"sessionId"`
	}
	b.call("POST", "/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"browserName":       "chrome",
		"goog:loggingPrefs": map[string]string{"browser": "ALL"},
		"goog:chromeOptions": map[string]any{"args": []string{
			"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--user-data-dir=" + profile,
		}},
	}}}, &made)
	b.session += "/session/" + made.SessionID
}

// driverPort reads where chromedriver listens, and has what else it says go nowhere.
func driverPort(t *testing.T, out io.Reader) string {
	t.Helper()
	find := regexp.MustCompile(`successfully on port (\d+)`)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := find.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return m[1]
		}
	}
	t.Fatal("chromedriver does not say where it listens")
	return ""
}

// call carries out a command and takes its value into out.
func (b *chromium) call(method, path string, body, out any) {
	b.t.Helper()
	if err := b.try(method, path, body, out); err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (b *chromium) try(method, path string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	var sent io.Reader
	if method == http.MethodPost {
		sent = bytes.NewReader(text)
	}
	// The session is ended when the test's own context is done.
	r, err := http.NewRequest(method, b.session+path, sent)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Timeout: 2 * time.Minute}).Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var told struct{ Value json.RawMessage }
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%d %.600s", answer.StatusCode, told.Value)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(told.Value, out)
}

// cdp carries out a command of Chromium's own protocol.
func (b *chromium) cdp(command string, params map[string]any) {
	b.t.Helper()
	b.call("POST", "/goog/cdp/execute", map[string]any{"cmd": command, "params": params}, nil)
}

// screen sets the size of the page in CSS pixels, and whether the system is dark.
func (b *chromium) screen(width, height int, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.cdp("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500,
	})
	b.cdp("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}})
}

func (b *chromium) open(url string) {
	b.t.Helper()
	b.call("POST", "/url", map[string]string{"url": url}, nil)
}

// run runs the body of a function in the page and takes what it returns into out.
func (b *chromium) run(script string, out any) {
	b.t.Helper()
	b.call("POST", "/execute/sync", map[string]any{"script": script, "args": []any{}}, out)
}

// until waits for an expression to be true in the page.
func (b *chromium) until(expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var is bool
		b.run("return !!("+expression+")", &is)
		if is {
			return
		}
	}
	var text string
	b.run("return document.body.innerText", &text)
	b.t.Fatalf("it does not come to %s; the page says\n%s", expression, text)
}

// element returns what a selector finds, waiting for it.
func (b *chromium) element(css string) string {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector(%q)", css))
	var found map[string]string
	b.call("POST", "/element", map[string]string{"using": "css selector", "value": css}, &found)
	for _, id := range found {
		return id
	}
	return ""
}

func (b *chromium) click(css string) {
	b.t.Helper()
	b.call("POST", "/element/"+b.element(css)+"/click", map[string]any{}, nil)
}

// write empties a field and writes into it.
func (b *chromium) write(css, text string) {
	b.t.Helper()
	id := b.element(css)
	b.call("POST", "/element/"+id+"/clear", map[string]any{}, nil)
	b.call("POST", "/element/"+id+"/value", map[string]string{"text": text}, nil)
}

// press presses a key where the focus is. Those without a letter are WebDriver's (17.4.2).
func (b *chromium) press(key string) {
	b.t.Helper()
	b.call("POST", "/actions", map[string]any{"actions": []any{map[string]any{
		"type": "key", "id": "keyboard",
		"actions": []any{map[string]string{"type": "keyDown", "value": key}, map[string]string{"type": "keyUp", "value": key}},
	}}}, nil)
}

const escape = "\ue00c"

// complaints returns what the page's console has of errors since it was last asked.
func (b *chromium) complaints() []string {
	b.t.Helper()
	var entries []struct{ Level, Message string }
	b.call("POST", "/se/log", map[string]string{"type": "browser"}, &entries)
	var all []string
	for _, e := range entries {
		if e.Level == "SEVERE" || strings.Contains(e.Message, "Content Security Policy") {
			all = append(all, e.Message)
		}
	}
	return all
}

// shoot writes a picture of what is seen, in 256 colours.
func (b *chromium) shoot(file string) {
	b.t.Helper()
	var text string
	b.call("GET", "/screenshot", nil, &text)
	picture, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatal(err)
	}
	raw := filepath.Join(b.t.TempDir(), "raw.png")
	if err := os.WriteFile(raw, picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
	tool(b.t, "ffmpeg", "-v", "error", "-y", "-i", raw, "-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none", file)
}
