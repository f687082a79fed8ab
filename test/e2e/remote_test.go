//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/monitor"
)

// origin is an HTTP server that withholds the second half of its object, except for
// the end, until it is repaired.
type origin struct {
	*httptest.Server
	content  []byte
	fault    func(w http.ResponseWriter, r *http.Request, o *origin) // answers instead of the second half
	noRanges bool

	mu       sync.Mutex
	tag      string
	faulted  chan struct{} // closed at the first fault
	once     sync.Once
	repaired chan struct{} // closed when everything is served
}

// newOrigin serves a file. fault answers requests for its second half, except for the
// index at the end.
func newOrigin(t *testing.T, file string, fault func(http.ResponseWriter, *http.Request, *origin)) *origin {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	o := &origin{content: content, fault: fault, tag: `"one"`, faulted: make(chan struct{}), repaired: make(chan struct{})}
	o.Server = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(o.CloseClientConnections)
	return o
}

func (o *origin) isRepaired() bool {
	select {
	case <-o.repaired:
		return true
	default:
		return false
	}
}

func (o *origin) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/old.mp4" {
		http.Redirect(w, r, "/movie.mp4", http.StatusFound)
		return
	}
	from, to := 0, len(o.content)
	if !o.noRanges {
		if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); err != nil {
			http.Error(w, "a range is wanted", http.StatusBadRequest)
			return
		}
		to = min(to+1, len(o.content))
	}
	o.mu.Lock()
	tag := o.tag
	o.mu.Unlock()
	w.Header().Set("ETag", tag)
	if low := len(o.content) / 2; from >= low && from < len(o.content)-(128<<10) && !o.isRepaired() {
		o.fail(w, r)
		if !o.isRepaired() {
			return
		}
	}
	w.Header().Set("Content-Length", fmt.Sprint(to-from))
	if o.noRanges {
		w.WriteHeader(http.StatusOK)
	} else {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(o.content)))
		w.WriteHeader(http.StatusPartialContent)
	}
	o.send(w, r, from, to)
}

// send sends bytes up to the second half, where it fails.
func (o *origin) send(w http.ResponseWriter, r *http.Request, from, to int) {
	if low := len(o.content) / 2; from < low && to > low && !o.isRepaired() {
		_, _ = w.Write(o.content[from:low])
		w.(http.Flusher).Flush()
		o.fail(nil, r)
		from = low
	}
	_, _ = w.Write(o.content[from:to])
}

// fail answers with the fault. If the response has begun, w is nil and the connection
// is dropped. Without a fault it waits for the repair.
func (o *origin) fail(w http.ResponseWriter, r *http.Request) {
	o.once.Do(func() { close(o.faulted) })
	if o.fault == nil {
		select {
		case <-o.repaired:
		case <-r.Context().Done():
		}
		return
	}
	if w == nil {
		panic(http.ErrAbortHandler)
	}
	o.fault(w, r, o)
}

// startIn starts a command line with a cache.
func startIn(t *testing.T, cache string, args ...string) *process {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(t.Context(), file, args...)}
	p.cmd.Env = append(os.Environ(), "LILO_CACHE="+cache, "NETRC=/nowhere", "NO_PROXY=127.0.0.1")
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// heavyMovie makes a file of 4 s and some megabytes.
func heavyMovie(t *testing.T) string {
	t.Helper()
	return movie(t, "-vf", "noise=alls=30:allf=t", "-b:v", "4M", "-maxrate", "4M", "-bufsize", "1M")
}

// status returns a fault that answers with a status.
func status(code int) func(http.ResponseWriter, *http.Request, *origin) {
	return func(w http.ResponseWriter, _ *http.Request, _ *origin) { w.WriteHeader(code) }
}

// TestOnAirWithoutTheNetwork withholds the second half of the object while it is on
// air, serves it again, and compares what was sent with what render
// writes: all packets in their places, null packets where bytes were missing,
// tables and clock references throughout, and the very same bytes afterwards.
func TestOnAirWithoutTheNetwork(t *testing.T) {
	file := heavyMovie(t)
	written := lilo(t, 0, "render", file, "--out", "-", "--for", "60s").out.Bytes()
	cases := []struct {
		name, path string
		noRanges   bool
		fault      func(http.ResponseWriter, *http.Request, *origin)
	}{
		{"dropped connections", "/movie.mp4", false, func(http.ResponseWriter, *http.Request, *origin) { panic(http.ErrAbortHandler) }},
		{"stalled", "/movie.mp4", false, nil},
		{"503", "/old.mp4", false, status(503)},
		{"an expired credential", "/movie.mp4", false, status(403)},
		{"stalled, and without ranges", "/movie.mp4", true, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOrigin(t, file, c.fault)
			o.noRanges = c.noRanges
			if c.noRanges {
				// The index is at the end, so there is no air before all is here.
				o.content = fastStart(t, file)
				written = nil
			}
			want := written
			if want == nil {
				front := filepath.Join(t.TempDir(), "movie.mp4")
				if err := os.WriteFile(front, o.content, 0o600); err != nil {
					t.Fatal(err)
				}
				want = lilo(t, 0, "render", front, "--out", "-", "--for", "60s").out.Bytes()
			}
			r := listen(t)
			epoch := time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339Nano)
			p := startIn(t, t.TempDir(), "run", o.URL+c.path, "--name", "movie", "--epoch", epoch, "--to", r.url("rtp"))
			sent := faultOnAir(t, r, o)
			p.signal(t, syscall.SIGINT)
			if code := p.wait(t); code != 0 || p.err.Len() > 0 {
				t.Errorf("exit code %d: %s", code, &p.err)
			}
			compare(t, placed(t, sent, want), want)
			if c.fault != nil {
				checkNotices(t, p.out.String())
			}
		})
	}
}

// checkNotices checks that the beginning and the end of the outage were reported once.
func checkNotices(t *testing.T, out string) {
	t.Helper()
	if strings.Count(out, "stays on air on null packets") != 1 || strings.Count(out, "is back after") != 1 {
		t.Errorf("output:\n%s", out)
	}
}

// fastStart returns a file with its index at the front.
func fastStart(t *testing.T, file string) []byte {
	t.Helper()
	front := filepath.Join(t.TempDir(), "front.mp4")
	tool(t, "ffmpeg", "-v", "error", "-i", file, "-c", "copy", "-movflags", "faststart", front)
	content, err := os.ReadFile(front)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// faultOnAir returns the datagrams that are sent before a fault, during it for 3 s and
// for a lap after it.
func faultOnAir(t *testing.T, r *receiver, o *origin) (sent [][]byte) {
	t.Helper()
	take := func(until func() bool) {
		for !until() {
			d := r.datagram(t, 10*time.Second)
			if d == nil {
				t.Fatalf("nothing is sent after %d datagrams", len(sent))
			}
			sent = append(sent, d)
		}
	}
	take(func() bool {
		select {
		case <-o.faulted:
			return len(sent) > 0
		default:
			return false
		}
	})
	for _, d := range []time.Duration{3 * time.Second, 6 * time.Second} {
		end := time.Now().Add(d)
		take(func() bool { return time.Now().After(end) })
		if !o.isRepaired() {
			close(o.repaired)
		}
	}
	return sent
}

const packet = 188

// pid is the packet's PID (ISO/IEC 13818-1, 2.4.3.2).
func pid(p []byte) int { return int(p[1]&0x1f)<<8 | int(p[2]) }

// hasPCR reports whether the packet carries a PCR (2.4.3.4).
func hasPCR(p []byte) bool { return p[3]&0x20 != 0 && p[4] > 0 && p[5]&0x10 != 0 }

// compare compares what was sent with what should have been.
func compare(t *testing.T, sent, want []byte) {
	t.Helper()
	missing, last := 0, 0
	for at := 0; at < len(sent); at += packet {
		got, should := sent[at:at+packet], want[at:at+packet]
		if bytes.Equal(got, should) {
			continue
		}
		missing++
		last = at
		switch {
		case pid(should) < 0x20 || pid(got) < 0x20:
			t.Fatalf("packet %d: a table differs", at/packet)
		case hasPCR(should) && (!hasPCR(got) || !bytes.Equal(got[6:12], should[6:12])):
			t.Fatalf("packet %d: the clock reference differs: %x, not %x", at/packet, got[:12], should[:12])
		case !hasPCR(should) && pid(got) != 0x1fff:
			t.Fatalf("packet %d: %x is neither the packet nor a null packet", at/packet, got[:12])
		}
	}
	t.Logf("of %d packets %d were replaced, the last one %d", len(sent)/packet, missing, last/packet)
	switch {
	case missing == 0:
		t.Error("nothing was missing: the fault did not hurt")
	case len(sent)-last < len(sent)/4:
		t.Errorf("it has not rejoined by packet %d of %d", last/packet, len(sent)/packet)
	}
	measure(t, sent)
}

// measure checks the stream with the monitor: constant clock, tables in time.
func measure(t *testing.T, sent []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sent.ts")
	if err := os.WriteFile(file, sent, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := monitor.ReadFile(t.Context(), file, monitor.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Rate.Constant || report.PCR.AccuracyNS == nil || report.PCR.AccuracyNS.Max > 37.1 {
		t.Errorf("the rate is not constant: %+v, %+v", report.Rate, report.PCR.AccuracyNS)
	}
	for _, c := range report.Checks {
		switch c.Check {
		case monitor.SyncLoss, monitor.SyncByte, monitor.PAT, monitor.PMT, monitor.Transport, monitor.CRC, monitor.PCRRepetition,
			monitor.PCRJump, monitor.PCRAccuracy, monitor.CAT, monitor.SIRepetition, monitor.UnreferencedPID:
			if c.Count > 0 {
				t.Errorf("%s: %+v", c.Name, c)
			}
		default: // What is missing of the pictures and the sound is missing.
		}
	}
}

// TestObjectChangesOnAir replaces the object of a channel. The channel ends with one
// line and the right exit code, and nothing of the new object is sent.
func TestObjectChangesOnAir(t *testing.T) {
	t.Parallel()
	file := heavyMovie(t)
	written := lilo(t, 0, "render", file, "--out", "-", "--for", "20s").out.Bytes()
	o := newOrigin(t, file, status(http.StatusServiceUnavailable))
	r := listen(t)
	cache := t.TempDir()
	epoch := time.Now().Add(time.Second).UTC().Format(time.RFC3339Nano)
	p := startIn(t, cache, "run", o.URL+"/movie.mp4", "--epoch", epoch, "--to", r.url("rtp"))
	all := r.receive(t, 50)
	o.mu.Lock()
	o.tag = `"two"`
	o.mu.Unlock()
	close(o.repaired)
	if code := p.wait(t); code != 7 || strings.Count(p.err.String(), "\n") != 1 || !strings.Contains(p.err.String(), "was replaced") {
		t.Errorf("exit code %d: %s", code, &p.err)
	}
	for d := r.datagram(t, 300*time.Millisecond); d != nil; d = r.datagram(t, 300*time.Millisecond) {
		all = append(all, d)
	}
	sent := placed(t, all, written)
	for at := 0; at < len(sent); at += packet {
		if got := sent[at : at+packet]; !bytes.Equal(got, written[at:at+packet]) && pid(got) != 0x1fff && !hasPCR(got) {
			t.Fatalf("packet %d is not of the object that was played", at/packet)
		}
	}
	// Played again, it is the new one.
	if p := startIn(t, cache, "probe", o.URL+"/movie.mp4"); p.wait(t) != 0 {
		t.Errorf("the new object: %s", &p.err)
	}
}

// TestSecondStartNeedsNoNetwork stops the server between two starts.
func TestSecondStartNeedsNoNetwork(t *testing.T) {
	t.Parallel()
	file := movie(t)
	want := lilo(t, 0, "render", file, "--out", "-").out.Bytes()
	o := newOrigin(t, file, nil)
	close(o.repaired)
	cache := t.TempDir()
	for range 2 {
		p := startIn(t, cache, "render", o.URL+"/movie.mp4", "--out", "-")
		if code := p.wait(t); code != 0 || !bytes.Equal(p.out.Bytes(), want) {
			t.Fatalf("exit code %d, %d bytes: %s", code, p.out.Len(), &p.err)
		}
		o.Close()
	}
	p := startIn(t, t.TempDir(), "render", o.URL+"/movie.mp4", "--out", "-")
	if code := p.wait(t); code != 3 || strings.Count(p.err.String(), "\n") != 1 {
		t.Errorf("without a cache: exit code %d, %s", code, &p.err)
	}
}
