//go:build e2e

package hls

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// playerScript returns hls.js, the console's own.
func playerScript(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../server/console/page/vendor/hls*.mjs")
	if err != nil || len(files) == 0 {
		t.Fatal("the console has no hls.js")
	}
	return files[0]
}

// page plays index.m3u8 and reports what happens. rate is how fast it plays.
const page = `<!doctype html><title>player</title><video id=v autoplay playsinline></video>
<script type=module>
import Hls from "./hls.mjs"
const rate = %g, opened = performance.now(), v = document.getElementById("v")
const report = o => fetch("report", {method: "POST", body: JSON.stringify(o)})
const config = rate > 1 ? {liveSyncDuration: 120, liveMaxLatencyDuration: 1e6, maxBufferLength: 90, maxMaxBufferLength: 120} : {}
const hls = new Hls(config)
// A browser that has pictures and does not come to show them is busy; the stream is not to blame.
const busy = () => v.buffered.length == 1 && v.buffered.end(0) - v.currentTime > 1
hls.on(Hls.Events.ERROR, (_, d) => d.details == "bufferStalledError" && busy() || report({error: d.details + " " + (d.reason || d.error || "")}))
let playing = false
v.addEventListener("waiting", () => playing && !busy() && report({error: "stalled at " + v.currentTime}))
v.addEventListener("error", () => report({error: "video: " + v.error.message}))
v.requestVideoFrameCallback(() => { report({first: performance.now() - opened}); go() })
const go = () => {
  if (rate > 1 && v.buffered.end(0) - v.currentTime < 60) return setTimeout(go, 100)
  playing = true; v.playbackRate = rate
}
hls.loadSource("index.m3u8"); hls.attachMedia(v)
setInterval(() => { if (playing) { const q = v.getVideoPlaybackQuality()
  report({at: v.currentTime, pictures: q.totalVideoFrames, dropped: q.droppedVideoFrames, sound: v.webkitAudioDecodedByteCount, behind: hls.latency})
} }, 500)
</script>`

// saying is what the page reports.
type saying struct {
	Error           string
	First           float64
	At, Behind      float64
	Pictures, Sound int64
	Dropped         int64
}

// watch plays what a handler serves in a browser, and returns what the page
// reports until it has played so many seconds of it.
func watch(t *testing.T, h http.Handler, rate, seconds float64) []saying {
	t.Helper()
	script, said := playerScript(t), make(chan saying, 64)
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, page, rate) })
	mux.HandleFunc("/hls.mjs", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, script) })
	mux.HandleFunc("POST /report", func(_ http.ResponseWriter, r *http.Request) {
		var s saying
		if json.NewDecoder(r.Body).Decode(&s) == nil {
			said <- s
		}
	})
	s := httptest.NewServer(mux)
	defer s.Close()
	browse(t, s.URL+"/page")
	var all []saying
	timeout := time.After(time.Duration((seconds/rate + 60) * float64(time.Second)))
	for begun := -1.0; ; {
		select {
		case s := <-said:
			all = append(all, s)
			if s.At > 0 && begun < 0 {
				begun = s.At
			}
			if begun >= 0 && s.At-begun >= seconds {
				return all
			}
		case <-timeout:
			t.Fatalf("the page does not get there: %+v", all)
		}
	}
}

// browse opens a page in Chromium until the test is over.
func browse(t *testing.T, url string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "lilo-browser-") //nolint:usetesting // a test fails when its folder is still written to, and the browser's children do
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
		"--user-data-dir="+dir, url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal("there is no Chromium: ", err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // It and its children hold nothing that matters.
		_ = cmd.Wait()
		_ = os.RemoveAll(dir) // The last of them may still be writing there.
	})
}

// smooth checks that nothing went wrong in what a page reports, and that
// pictures and sound went on all the time.
func smooth(t *testing.T, all []saying) {
	t.Helper()
	var last saying
	for _, s := range all {
		switch {
		case s.Error != "":
			t.Error(s.Error)
		case s.First > 0:
			t.Logf("first picture after %.0f ms", s.First)
		case last.At > 0 && (s.At <= last.At || s.Pictures <= last.Pictures || s.Sound <= last.Sound):
			t.Errorf("%+v comes behind %+v", s, last)
		}
		if s.At > 0 {
			last = s
		}
	}
	t.Logf("in the end: %+v", last)
}

// hls.js in Chromium plays a channel that has just begun across its seams, and
// has neither an error to tell nor a moment to wait.
func TestBrowserPlaysAcrossSeams(t *testing.T) {
	long(t)
	began := time.Now()
	tl := timeline(t, Entry{Loop: segmented(t, filmed(t, small)), From: began})
	smooth(t, watch(t, Handler(tl, time.Now), 1, 30))
}

// So it does for an hour, at sixteen times the speed, over the wrap of the time stamps.
func TestBrowserPlaysOn(t *testing.T) {
	long(t)
	const rate = 16
	tl := timeline(t, Entry{Loop: segmented(t, filmed(t, slow)), From: epoch})
	tl.segments = 300
	began, from := time.Now(), epoch.Add((1<<33)*time.Second/90_000-4*time.Minute)
	now := func() time.Time { return from.Add(rate * time.Since(began)) }
	smooth(t, watch(t, Handler(tl, now), rate, 3600))
}
