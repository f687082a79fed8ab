package console_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/playout"
	"github.com/lilo-live/lilo/internal/server/console"
)

var update = flag.Bool("update", false, "write the golden files")

// noon is the time of the tests.
func noon() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

// newBackend returns a backend with one channel for each list of destinations, on air since noon.
func newBackend(t *testing.T, all ...[]string) *fakeBackend {
	t.Helper()
	f := &fakeBackend{now: noon}
	for _, to := range all {
		s := channel.Default()
		s.Source = "/films/movie.mp4"
		if err := s.Set("to", to...); err != nil {
			t.Fatal(err)
		}
		s, err := s.Complete()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Create(t.Context(), s, true); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func do(t *testing.T, h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestPageCaching(t *testing.T) {
	c := console.New(newBackend(t), console.Options{})
	first := do(t, c, "GET", "/", "")
	if first.Code != http.StatusOK || first.Header().Get("Cache-Control") != "no-cache" {
		t.Fatalf("%d %v", first.Code, first.Header())
	}
	if again := do(t, c, "GET", "/", "", "If-None-Match", first.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("asked again with its tag: %d, want 304", again.Code)
	}
	_, rest, _ := strings.Cut(first.Body.String(), `type="module" src="`)
	script, _, _ := strings.Cut(rest, `"`)
	plain := do(t, c, "GET", script, "")
	if plain.Code != http.StatusOK || plain.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%s: %d %v", script, plain.Code, plain.Header())
	}
	if got := plain.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a file under its hash may be kept %q, want for good", got)
	}
	gzipped := do(t, c, "GET", script, "", "Accept-Encoding", "br, gzip")
	if gzipped.Header().Get("Content-Encoding") != "gzip" || gzipped.Body.Len() >= plain.Body.Len() {
		t.Errorf("through gzip: %d bytes of %d, %v", gzipped.Body.Len(), plain.Body.Len(), gzipped.Header())
	}
	if gzipped.Header().Get("ETag") == plain.Header().Get("ETag") {
		t.Error("two encodings have one strong tag")
	}
	if old := do(t, c, "GET", "/assets/0123456789abcdef/app.js", ""); old.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("under the hash of another version: %v", old.Header())
	}
	if none := do(t, c, "GET", filepath.Dir(script)+"/../page.go", ""); none.Code == http.StatusOK {
		t.Error("a file outside the page is served")
	}
}

func TestContentSecurityPolicy(t *testing.T) {
	first := do(t, console.New(newBackend(t), console.Options{}), "GET", "/", "")
	policy := first.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "media-src 'self' blob:", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%q is not in %q", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("unsafe: %s", policy)
	}
	body := first.Body.String()
	for _, bad := range []string{"<style", " style=", " onclick=", "javascript:", "<script>", "{{"} {
		if strings.Contains(body, bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
}

func TestRequests(t *testing.T) {
	form := `{"source":"/films/movie.mp4","name":"News","to":["rtp://239.1.1.1:5000?ttl=4"],"muxrate":"6M","encode":"avc","start":true}`
	cases := map[string]struct {
		method, path, body string
		code               int
		want               string
	}{
		"all channels":                 {"GET", "/console/channels", "", 200, `"name":"movie"`},
		"one channel":                  {"GET", "/console/channels/1000001", "", 200, `"watch":["ffplay -fflags nobuffer rtp://239.1.1.1:5000","vlc rtp://@239.1.1.1:5000"]`},
		"its document":                 {"GET", "/console/channels/1000001/document", "", 200, `"id": "1000001"`},
		"its log":                      {"GET", "/console/channels/1000001/log", "", 200, `"level":"WARN","text":"line of 1000001"`},
		"its picture":                  {"GET", "/console/channels/1000001/thumbnail", "", 200, `JPEG of 1000001`},
		"a folder":                     {"GET", "/console/files?folder=/films", "", 200, `"path":"/films/a.mp4"`},
		"tags":                         {"PUT", "/console/channels/1000001/tags", `{"set":{"a":"b"}}`, 204, ``},
		"a change":                     {"PUT", "/console/channels/1000001", form, 200, `{"id":"1000001"}`},
		"a change of none":             {"PUT", "/console/channels/9", form, 404, `there is no channel 9`},
		"one that is not there":        {"GET", "/console/channels/9", "", 404, `there is no channel 9`},
		"history of none":              {"GET", "/console/channels/9/history", "", 404, `there is no channel 9`},
		"history in odd steps":         {"GET", "/console/channels/1000001/history?step=7", "", 400, `divides an hour`},
		"a source that loops":          {"POST", "/console/probe", `{"source":""}`, 200, `"loops":true`},
		"a source that does not":       {"POST", "/console/probe", `{"source":"no-loop.mp4"}`, 200, `"loops":false`},
		"a source that is not there":   {"POST", "/console/probe", `{"source":"gone.mp4"}`, 422, `"field":"source"`},
		"a source to be encoded":       {"POST", "/console/probe", `{"source":"no-loop.mp4"}`, 200, `"problem":"media","encodable":true`},
		"a rate too low for a source":  {"POST", "/console/probe", `{"source":"","muxrate":"1M"}`, 200, `"problem":"rate"`},
		"a rate too low for a channel": {"POST", "/console/channels", `{"source":"","muxrate":"1M"}`, 422, `at least --muxrate 2312345, or auto","field":"muxrate"`},
		"a channel":                    {"POST", "/console/channels", form, 201, `{"id":"1000002"}`},
		"a bad destination":            {"POST", "/console/channels", `{"to":["http://x"]}`, 422, `"field":"to"`},
		"a bad rate":                   {"POST", "/console/channels", `{"muxrate":"fast"}`, 422, `"field":"muxrate"`},
		"a bad encoding":               {"POST", "/console/channels", `{"encode":"av1"}`, 422, `"field":"encode"`},
		"an unknown field":             {"POST", "/console/channels", `{"colour":"red"}`, 400, `colour`},
		"no JSON":                      {"POST", "/console/channels", `name=News`, 400, `the body`},
		"stopping":                     {"POST", "/console/channels/1000001/stop", "", 204, ``},
		"starting what is on air":      {"POST", "/console/channels/1000001/start", "", 409, `RUNNING`},
		"deleting":                     {"DELETE", "/console/channels/1000001", "", 204, ``},
		"a page that there is not":     {"GET", "/nowhere", "", 404, ``},
		"a preview of what is off air": {"GET", "/hls/9/index.m3u8", "", 404, `no channel 9 is on air`},
	}
	for name, x := range cases {
		t.Run(name, func(t *testing.T) {
			c := console.New(newBackend(t, []string{"rtp://239.1.1.1:5000?ttl=4"}), console.Options{Now: noon})
			got := do(t, c, x.method, x.path, x.body)
			if got.Code != x.code || !strings.Contains(got.Body.String(), x.want) {
				t.Errorf("%d %s, want %d with %s", got.Code, got.Body, x.code, x.want)
			}
		})
	}
}

func TestCreate(t *testing.T) {
	f := newBackend(t)
	c := console.New(f, console.Options{})
	got := do(t, c, "POST", "/console/channels", `{"source":" /films/movie.mp4 ","name":"News","to":["rtp://239.1.1.1:5000"],"muxrate":"6M","encode":"hevc","start":false}`)
	if got.Code != http.StatusCreated {
		t.Fatal(got.Body)
	}
	s := f.specs[0]
	if s.Source != "/films/movie.mp4" || s.Name != "News" || s.MuxRate != 6_000_000 || s.Encode.Video.Codec != channel.CodecHEVC {
		t.Errorf("%+v", s)
	}
	if f.channels[0].State != "IDLE" {
		t.Errorf("it is %s, want it not started", f.channels[0].State)
	}
}

func TestFaults(t *testing.T) {
	f := newBackend(t, []string{"rtp://239.1.1.1:5000"})
	c := console.New(f, console.Options{})
	for _, x := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"GET", "/console/faults", "", 200, `{"faults":"","calls":0}`},
		{"PUT", "/console/faults", `{"faults":"throttling, slow=30s","calls":3}`, 200, `{"faults":"throttling, slow=30s","calls":3}`},
		{"GET", "/console/faults", "", 200, `{"faults":"throttling, slow=30s","calls":3}`},
		{"PUT", "/console/faults", `{"faults":"boredom"}`, 422, `boredom is no fault`},
		{"PUT", "/console/faults", `{"faults":"","calls":0}`, 200, `{"faults":"","calls":0}`},
		{"POST", "/console/channels/1000001/lose", `{"pipeline":0,"seconds":10}`, 204, ``},
		{"POST", "/console/channels/1000001/lose", `{"pipeline":0,"seconds":0}`, 422, `"field":"seconds"`},
		{"POST", "/console/channels/1000001/lose", `{"pipeline":0,"seconds":3601}`, 422, `to an hour`},
		{"POST", "/console/channels/1000001/restart", "", 204, ``},
	} {
		if got := do(t, c, x.method, x.path, x.body); got.Code != x.code || !strings.Contains(got.Body.String(), x.want) {
			t.Errorf("%s %s: %d %s, want %d with %s", x.path, x.body, got.Code, got.Body, x.code, x.want)
		}
	}
	if got, want := strings.Join(f.lost, ", "), "1000001-0 10s, restart 1000001"; got != want {
		t.Errorf("the backend was asked for %s, want %s", got, want)
	}
}

func TestBodiesAreChecked(t *testing.T) {
	c := console.New(newBackend(t), console.Options{})
	got := do(t, c, "POST", "/console/channels", `{}`, "Content-Type", "text/plain")
	if got.Code != http.StatusUnsupportedMediaType {
		t.Errorf("a body that a form of another site can send: %d, want 415", got.Code)
	}
	long := do(t, c, "POST", "/console/channels", `{"name":"`+strings.Repeat("x", 1<<17)+`"}`)
	if long.Code != http.StatusBadRequest {
		t.Errorf("128 KiB: %d, want 400", long.Code)
	}
}

func TestFaultStatus(t *testing.T) {
	for kind, want := range map[fault.Kind]int{fault.Internal: 500, fault.Media: 422, fault.Source: 422, fault.Usage: 422} {
		f := newBackend(t)
		f.fails = fault.New(kind, "it does not work")
		got := do(t, console.New(f, console.Options{}), "POST", "/console/channels", `{}`)
		if got.Code != want || !strings.Contains(got.Body.String(), `{"error":"it does not work"}`) {
			t.Errorf("kind %d: %d %s, want %d", kind, got.Code, got.Body, want)
		}
	}
}

func TestBackendIsReadOnly(t *testing.T) {
	f := newBackend(t, []string{"rtp://127.0.0.1:5000"})
	c := console.New(struct{ console.Backend }{f}, console.Options{})
	for _, x := range [][3]string{
		{"POST", "/console/probe", `{"source":"/etc/passwd"}`},
		{"POST", "/console/channels", `{}`},
		{"POST", "/console/channels/1000001/stop", ""},
		{"DELETE", "/console/channels/1000001", ""},
		{"PUT", "/console/faults", `{"faults":"internal"}`},
		{"POST", "/console/channels/1000001/lose", `{"pipeline":0,"seconds":10}`},
		{"POST", "/console/channels/1000001/restart", ""},
	} {
		if got := do(t, c, x[0], x[1], x[2]); got.Code != http.StatusForbidden {
			t.Errorf("%s %s: %d, want 403", x[0], x[1], got.Code)
		}
	}
	if f.channels[0].State != "RUNNING" {
		t.Errorf("it is %s", f.channels[0].State)
	}
}

func TestSDP(t *testing.T) {
	f := newBackend(t,
		[]string{"rtp://239.1.1.1:5000?ttl=4", "udp://192.0.2.1:6000", "rtp://192.0.2.1:6002"},
		[]string{"rtp://[ff15::1]:5000?pkt=1"})
	f.channels[1].Name = "two\r\nlines"
	c := console.New(f, console.Options{})
	for name, path := range map[string]string{
		"multicast.sdp": "1000001/sdp/0/0", "unicast.sdp": "1000001/sdp/0/2", "udp.sdp": "1000001/sdp/0/1", "group.sdp": "1000001/sdp/0", "ipv6.sdp": "1000002/sdp/0/0",
	} {
		got := do(t, c, "GET", "/console/channels/"+path, "")
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/sdp" {
			t.Errorf("%s: %d %v", path, got.Code, got.Header())
		}
		golden(t, name, strings.ReplaceAll(got.Body.String(), "\r\n", "\n"))
	}
	if got := do(t, c, "GET", "/console/channels/1000001/sdp/0/0", ""); got.Header().Get("Content-Disposition") != "attachment; filename=movie-5000.sdp" {
		t.Error(got.Header())
	}
	for _, path := range []string{"1000001/sdp/1", "1000001/sdp/1/0", "1000001/sdp/0/9", "1000001/sdp/-1/0", "9/sdp/0/0"} {
		if got := do(t, c, "GET", "/console/channels/"+path, ""); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, got.Code)
		}
	}
}

func TestDeployCommand(t *testing.T) {
	f := newBackend(t, []string{"rtp://127.0.0.1:5000"}, []string{"rtp://239.1.1.1:5000", "udp://10.0.0.1:6000"})
	f.channels[0].Spec.Source, f.channels[0].Spec.Name = "", "LILO"
	f.channels[1].Pipelines = append(f.channels[1].Pipelines, console.Pipeline{To: []string{"rtp://239.1.1.2:5000", "udp://10.0.0.2:6000"}})
	c := console.New(f, console.Options{Now: noon})
	var text strings.Builder
	for _, id := range []string{"1000001", "1000002"} {
		var d struct {
			Deploy struct {
				Command string
				Notes   []string
			}
		}
		if err := json.Unmarshal(do(t, c, "GET", "/console/channels/"+id, "").Body.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		text.WriteString(d.Deploy.Command + "\n  " + strings.Join(d.Deploy.Notes, "\n  ") + "\n")
	}
	golden(t, "deploy.txt", text.String())
}

// TestExport writes a channel in the forms in which it can be exported.
func TestExport(t *testing.T) {
	c := console.New(newBackend(t, []string{"rtp://239.1.1.1:5000?ttl=4"}), console.Options{Now: noon})
	for _, form := range []string{"yaml", "terraform", "cdk", "cli"} {
		got := do(t, c, "GET", "/console/channels/1000001/export/"+form, "")
		if got.Code != 200 {
			t.Fatal(got.Code, got.Body)
		}
		golden(t, "export-"+form+".txt", got.Body.String())
	}
	if got := do(t, c, "GET", "/console/channels/1000001/export/pascal", ""); got.Code != 404 {
		t.Error(got.Code, got.Body)
	}
}

// TestScripts has Node parse the scripts, if it is installed.
func TestScripts(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	scripts, err := filepath.Glob("page/*.js")
	if err != nil || len(scripts) < 5 {
		t.Fatal(scripts, err)
	}
	dir := t.TempDir()
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		module := filepath.Join(dir, strings.TrimSuffix(filepath.Base(script), ".js")+".mjs")
		if err := os.WriteFile(module, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), node, "--check", module).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", script, out)
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "eval("} {
			if strings.Contains(string(text), bad) {
				t.Errorf("%s has %s: text must not become markup", script, bad)
			}
		}
	}
}

func TestVendoredPlayer(t *testing.T) {
	player, err := os.Stat("page/vendor/hls.light.min.mjs")
	if err != nil || player.Size() > 1_000_000 {
		t.Error(player, err)
	}
	licence, err := os.ReadFile("page/vendor/hls.LICENSE.txt")
	if err != nil || !strings.Contains(string(licence), "Apache License") || !strings.Contains(string(licence), "hls.js 1.7.4") {
		t.Errorf("%s %v", licence, err)
	}
}

// stream reads the events that a page receives.
type stream struct {
	lines *bufio.Scanner
}

// next returns the next event and its data.
func (s *stream) next(t *testing.T) (event, data string) {
	t.Helper()
	for s.lines.Scan() {
		switch line := s.lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			event = line[7:]
		case strings.HasPrefix(line, "data: "):
			data = line[6:]
		case line == "" && event != "":
			return event, data
		}
	}
	t.Fatal("the stream ended", s.lines.Err())
	return "", ""
}

// openPage opens a page and returns its events.
func openPage(t *testing.T, ctx context.Context, c *console.Console) *stream { //nolint:revive // The test comes first.
	t.Helper()
	in, out := io.Pipe()
	go c.ServeHTTP(&pipe{w: out, h: http.Header{}}, httptest.NewRequestWithContext(ctx, "GET", "/console/events", nil))
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<22)
	return &stream{lines}
}

// pipe is a ResponseWriter that a test can read from.
type pipe struct {
	w *io.PipeWriter
	h http.Header
}

func (p *pipe) Header() http.Header         { return p.h }
func (p *pipe) WriteHeader(int)             {}
func (p *pipe) Write(b []byte) (int, error) { return p.w.Write(b) }
func (p *pipe) FlushError() error           { return nil }

// A request about one channel does not list all of them if no page is open: that
// takes so long with a thousand that trains are late.
func TestRequestsDoNotListAllChannels(t *testing.T) {
	f := newBackend(t, []string{"rtp://239.1.1.1:5000"}, []string{"rtp://239.1.1.2:5000"})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := console.New(f, console.Options{})
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		for _, request := range []string{"POST /stop", "POST /start", "GET ", "GET /history", "GET /document", "GET /sdp/0/0"} {
			method, what, _ := strings.Cut(request, " ")
			if got := do(t, c, method, "/console/channels/1000001"+what, ""); got.Code >= 400 {
				t.Errorf("%s: %d %s", request, got.Code, got.Body)
			}
			synctest.Wait()
		}
		if n := f.listed.Load(); n > 0 {
			t.Errorf("all channels were listed %d times", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := f.listed.Load(); n != 1 {
			t.Errorf("listed %d times in a second, want once for the history", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestUpdates(t *testing.T) {
	f := newBackend(t, []string{"rtp://239.1.1.1:5000"}, []string{"rtp://239.1.1.2:5000"})
	if err := f.Stop(t.Context(), "1000002"); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		f.now = time.Now
		f.channels[0].Pipelines[0].Epoch = console.Time(time.Now())
		ctx, cancel := context.WithCancel(t.Context())
		c := console.New(f, console.Options{})
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx) }()
		s := openPage(t, ctx, c)
		event, data := s.next(t)
		if event != "all" || strings.Count(data, `"id":`) != 2 || !strings.Contains(data, `"read_only":false`) || !strings.Contains(data, `"alerts":[],"notes":[]`) || strings.Contains(data, "null") {
			t.Errorf("first: %s %s", event, data)
		}
		event, data = s.next(t)
		if event != "change" || strings.Contains(data, `"changed"`) || strings.Contains(data, "1000002") || !strings.Contains(data, `"1000001":[[0,`) {
			t.Errorf("a second later: %s %s", event, data)
		}
		if got := do(t, c, "POST", "/console/channels/1000001/stop", ""); got.Code != http.StatusNoContent {
			t.Error(got.Body)
		}
		event, data = s.next(t)
		if event != "change" || !strings.Contains(data, `"state":"IDLE"`) {
			t.Errorf("after the stop: %s %s", event, data)
		}
		began := time.Now()
		for event == "change" {
			event, data = s.next(t)
		}
		if event != "alive" || time.Since(began) > 15*time.Second {
			t.Errorf("when all is quiet: %s %s after %v", event, data, time.Since(began))
		}
		if got := do(t, c, "DELETE", "/console/channels/1000001", ""); got.Code != http.StatusNoContent {
			t.Error(got.Body)
		}
		if event, data = s.next(t); event != "change" || !strings.Contains(data, `"removed":["1000001"]`) {
			t.Errorf("after the deletion: %s %s", event, data)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// A pipeline sends while it is on air, not paused, past its epoch, and an output takes datagrams.
func TestSending(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*console.Pipeline)
		want bool
	}{
		"all is well":      {func(*console.Pipeline) {}, true},
		"nobody listens":   {func(p *console.Pipeline) { p.Live.Outputs[0].Unheard = true }, true},
		"one output fails": {func(p *console.Pipeline) { p.Live.Outputs[0].LastError = "no route" }, true},
		"all outputs fail": {func(p *console.Pipeline) {
			p.Live.Outputs[0].LastError, p.Live.Outputs[1].LastError = "no route", "no route"
		}, false},
		"paused":                   {func(p *console.Pipeline) { p.Paused = true }, false},
		"the epoch is to come":     {func(p *console.Pipeline) { p.Epoch = console.Time(noon().Add(time.Second)) }, false},
		"there are no outputs":     {func(p *console.Pipeline) { p.Live.Outputs = nil }, false},
		"the source is not opened": {func(p *console.Pipeline) { *p = console.Pipeline{To: p.To} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newBackend(t)
			p := console.Pipeline{To: []string{"udp://a:1", "udp://b:1"}, BitRate: 1, Epoch: console.Time(noon())}
			p.Live.Outputs = make([]playout.OutputSnapshot, 2)
			c.edit(&p)
			f.channels = append(f.channels, console.Channel{ID: "9", State: "STARTING", Pipelines: []console.Pipeline{p}})
			got := do(t, console.New(f, console.Options{Now: noon}), "GET", "/console/channels/9", "").Body.String()
			if !strings.Contains(got, fmt.Sprintf(`"sending":%t`, c.want)) {
				t.Errorf("want %t: %s", c.want, got)
			}
		})
	}
}

// watchedNulls sends some trains of null packets.
type watchedNulls struct{ ended int }

func (w *watchedNulls) Watch() (trains <-chan []byte, end func()) {
	all := make(chan []byte, 4)
	null := make([]byte, 188)
	copy(null, []byte{0x47, 0x1F, 0xFF, 0x10})
	for range cap(all) {
		all <- bytes.Repeat(null, 7)
	}
	return all, func() { w.ended++ }
}

// A pipeline is measured while somebody asks, and no longer.
func TestHealthIsMeasuredWhileAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &watchedNulls{}
		f := newBackend(t)
		f.channels = append(f.channels, console.Channel{ID: "9", State: "STARTING", Pipelines: []console.Pipeline{{Watched: w}, {}}})
		c := console.New(f, console.Options{})
		ask := func(pipeline string) *httptest.ResponseRecorder {
			return do(t, c, "GET", "/console/channels/9/health?pipeline="+pipeline, "")
		}
		for range 20 {
			time.Sleep(2 * time.Second)
			if got := ask("0"); got.Code != 200 || !strings.Contains(got.Body.String(), `"clause":"1.4","name":"Continuity_count_error","errors":0,"bad":false`) {
				t.Fatal(got.Code, got.Body)
			}
		}
		if w.ended != 0 {
			t.Error("it has ended while somebody asks")
		}
		time.Sleep(12 * time.Second)
		if w.ended != 1 {
			t.Errorf("%d ended after nobody asked", w.ended)
		}
		for pipeline, want := range map[string]int{"1": 409, "2": 404, "x": 404} {
			if got := ask(pipeline); got.Code != want {
				t.Errorf("pipeline %s: %d", pipeline, got.Code)
			}
		}
	})
}

func TestSlowPageIsDropped(t *testing.T) {
	f := newBackend(t, []string{"rtp://239.1.1.1:5000"})
	synctest.Test(t, func(t *testing.T) {
		f.now = time.Now
		f.channels[0].Pipelines[0].Epoch = console.Time(time.Now())
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := console.New(f, console.Options{})
		go func() { _ = c.Run(ctx) }()
		_, stuck := io.Pipe()
		ended := make(chan struct{})
		go func() {
			c.ServeHTTP(&pipe{w: stuck, h: http.Header{}}, httptest.NewRequestWithContext(ctx, "GET", "/console/events", nil))
			close(ended)
		}()
		s := openPage(t, ctx, c)
		for range 30 { // The other page gets its updates, one each second.
			s.next(t)
		}
		stuck.Close() // The blocked write fails now. No more messages were queued.
		<-ended
		cancel()
		synctest.Wait()
	})
}

func TestHistory(t *testing.T) {
	f := newBackend(t, []string{"rtp://239.1.1.1:5000", "rtp://239.1.1.2:5000"})
	synctest.Test(t, func(t *testing.T) {
		f.now = time.Now
		f.channels[0].Pipelines[0].Epoch = console.Time(time.Now())
		ctx, cancel := context.WithCancel(t.Context())
		c := console.New(f, console.Options{})
		go func() { _ = c.Run(ctx) }()
		time.Sleep(2*time.Hour + time.Millisecond)
		cancel()
		synctest.Wait()
		for step, want := range map[string]int{"": 3600, "?step=10": 360} {
			var h struct {
				End, Step  int64
				Rate, Late []*float64
			}
			if err := json.Unmarshal(do(t, c, "GET", "/console/channels/1000001/history"+step, "").Body.Bytes(), &h); err != nil {
				t.Fatal(err)
			}
			if len(h.Rate) != want || len(h.Late) != want {
				t.Fatalf("%d and %d samples, want %d", len(h.Rate), len(h.Late), want)
			}
			for i := range want - 1 {
				if h.Rate[i] == nil || *h.Rate[i] < 4_990_000 || *h.Rate[i] > 5_010_000 || h.Late[i] == nil || *h.Late[i] != 0.11 {
					t.Fatalf("sample %d of %d: %v %v, want 5 Mb/s to each destination and 0.11 ms", i, want, h.Rate[i], h.Late[i])
				}
			}
		}
	})
}
