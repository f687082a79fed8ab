//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium with one page.
type browser struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp keeps the browser and the page in it.

	mu     sync.Mutex
	logged []string
}

// startBrowser starts a browser; it ends with the test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	// The context of the test would be done before the browser is closed.
	ctx, closeBrowser := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.Flag("disable-quic", true))...)
	ctx, closePage := chromedp.NewContext(ctx)
	t.Cleanup(closeBrowser)
	t.Cleanup(closePage)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatalf("%v (scripts/test-tools.sh installs Chromium)", err)
	}
	return b
}

// listen keeps the errors that the page logs.
func (b *browser) listen(event any) {
	text := ""
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || strings.Contains(e.Entry.Text, "Content Security Policy") {
			text = e.Entry.URL + " " + e.Entry.Text
		}
	case *runtime.EventExceptionThrown:
		text = e.ExceptionDetails.Text
	}
	if text != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.logged = append(b.logged, text)
	}
}

// errors returns the errors that the page has logged since the last call.
func (b *browser) errors() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.logged
	b.logged = nil
	return all
}

// result runs an action in the page and returns its result.
func result[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// eval runs the body of a function in the page and returns its result.
func eval[T any](b *browser, script string) T {
	b.t.Helper()
	return result(b, chromedp.Evaluate[T]("(() => {"+script+"})()", chromedp.EvalAwaitPromise))
}

func (b *browser) run(script string) {
	b.t.Helper()
	eval[chromedp.Void](b, script)
}

// screen sets the size of the page in CSS pixels, and whether the system's theme is dark.
func (b *browser) screen(width, height int64, dark bool) {
	b.t.Helper()
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	result(b, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500,
		})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

func (b *browser) open(url string) {
	b.t.Helper()
	result(b, chromedp.Navigate(url))
}

// until waits until an expression is true in the page. chromedp.Poll needs eval,
// which the page's policy forbids.
func (b *browser) until(expression string) {
	b.t.Helper()
	for deadline := time.Now().Add(40 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if eval[bool](b, "return !!("+expression+")") {
			return
		}
	}
	b.t.Fatalf("timed out waiting for %s; the page shows\n%s", expression, eval[string](b, "return document.body.innerText"))
}

// click clicks an element once it is visible.
func (b *browser) click(css chromedp.CSS) {
	b.t.Helper()
	result(b, chromedp.Click(css))
}

// write replaces the text of a field.
func (b *browser) write(css chromedp.CSS, text string) {
	b.t.Helper()
	result(b, chromedp.WaitVisible(css))
	b.run(fmt.Sprintf("document.querySelector(%q).select()", css))
	result(b, chromedp.SendKeys(css, text))
}

// press presses a key where the focus is. Package kb has those without a letter.
func (b *browser) press(key string) {
	b.t.Helper()
	result(b, chromedp.KeyEvent(key))
}

// screenshot writes a picture of the page in 256 colours.
func (b *browser) screenshot(file string) {
	b.t.Helper()
	raw := filepath.Join(b.t.TempDir(), "raw.png")
	if err := os.WriteFile(raw, result(b, chromedp.CaptureScreenshot()), 0o644); err != nil {
		b.t.Fatal(err)
	}
	tool(b.t, "ffmpeg", "-v", "error", "-y", "-i", raw, "-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none", file)
}
