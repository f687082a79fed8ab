package cli

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// liveOutput is what a command has written so far.
type liveOutput struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (s *liveOutput) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
	return s.text.Write(b)
}

func (s *liveOutput) find(t *testing.T, pattern string) string {
	t.Helper()
	for {
		s.mu.Lock()
		found := regexp.MustCompile(pattern).FindStringSubmatch(s.text.String())
		s.mu.Unlock()
		if found != nil {
			return found[1]
		}
		select {
		case <-s.more:
		case <-time.After(20 * time.Second):
			t.Fatalf("no %s in %s", pattern, &s.text)
		}
	}
}

func TestRunShowsItsPage(t *testing.T) {
	_, port := listen(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &liveOutput{more: make(chan struct{}, 1)}
	p := New(out, io.Discard, func(string) string { return "" })
	ended := make(chan int, 1)
	go func() {
		ended <- p.Run(ctx, []string{"run", "--to", "udp://127.0.0.1:" + port, "--http", ":0", "--public-hls"})
	}()
	url := out.find(t, `in a browser: (http://127\.0\.0\.1:\d+/)`)
	if hls := out.find(t, `play the HLS: (\S+)`); hls != url+"hls/1/index.m3u8" {
		t.Errorf("the HLS is at %s", hls)
	}
	for _, c := range []struct {
		method, path, host string
		code               int
		says               string
	}{
		{"GET", "metrics", "", 200, `lilo_channel_info{channel_id="1",name="LILO",state="RUNNING"} 1`},
		{"GET", "healthz", "", 200, "ok"},
		{"GET", "", "", 200, "<title>LILO</title>"},
		{"GET", "console/channels", "", 200, `"read_only":true`},
		{"GET", "console/channels/1", "", 200, "udp://127.0.0.1:" + port},
		{"GET", "console/channels/1/document", "", 200, `"udpOutputSettings"`},
		{"GET", "hls/1/index.m3u8", "", 200, "#EXTM3U"},
		{"GET", "hls/2/index.m3u8", "", 404, ""},
		{"POST", "console/channels/1/stop", "", 403, "lilo run"},
		{"GET", "console/channels", "evil.example", 403, "Host"},
	} {
		r, err := http.NewRequestWithContext(ctx, c.method, url+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != c.code || !strings.Contains(string(body), c.says) {
			t.Errorf("%s /%s of %q: %d %s, want %d with %s", c.method, c.path, c.host, answer.StatusCode, body, c.code, c.says)
		}
	}
	for path, want := range map[string]int{"hls/1/index.m3u8": 200, "console/channels": 403} {
		if code := fromElsewhere(t, url+path); code != want {
			t.Errorf("a page of another server gets %d for /%s, want %d", code, path, want)
		}
	}
	cancel()
	if code := <-ended; code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// fromElsewhere returns the status of a request of a page of another server.
func fromElsewhere(t *testing.T, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://player.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

func TestPublicHLSNeedsAPage(t *testing.T) {
	if got := lilo(t, newFake(), "run", "--public-hls"); got.code != 2 || !strings.Contains(got.err, "add --http :8080") {
		t.Errorf("%d %s", got.code, got.err)
	}
}

func TestRunSaysWhyThereIsNoPage(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, want := range map[string]result{
		taken.Addr().String(): {code: 6, err: "--http " + taken.Addr().String() + ": address already in use"},
		"8080":                {code: 2, err: `--http: "8080" is not an address to listen on`},
		"192.0.2.1:8080":      {code: 6, err: "--http 192.0.2.1:8080: cannot assign requested address"},
	} {
		got := lilo(t, newFake(), "run", "--http", address)
		if got.code != want.code || !strings.Contains(got.err, want.err) {
			t.Errorf("%s: %d %s, want %d %s", address, got.code, got.err, want.code, want.err)
		}
	}
}
