//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// With a thousand channels on the server, Lighthouse gives the list at least 95 of 100 points in
// performance, accessibility and best practices. A busy machine costs performance, so it has three tries.
func TestConsoleLighthouse(t *testing.T) {
	long(t)
	dir := node(t, "lighthouse")
	s := serve(t, t.TempDir())
	createMany(t, s, 1000)
	for try := 1; ; try++ {
		points := lighthouse(t, dir, s.url+"/")
		t.Logf("with 1,000 channels: %v", points)
		if points["performance"] >= 95 && points["accessibility"] >= 95 && points["best-practices"] >= 95 {
			return
		}
		if try == 3 {
			t.Fatalf("the list has %v points", points)
		}
	}
}

// createMany creates channels that are off air.
func createMany(t *testing.T, s *serverProcess, n int) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := http.Client{Jar: jar}
	first, err := c.Get(s.url + "/")
	if err != nil {
		t.Fatal(err)
	}
	first.Body.Close()
	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		body := fmt.Sprintf(`{"source":"","name":"Channel %d","to":["rtp://239.1.%d.%d:5000"]}`, i, i/250, i%250+1)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/console/channels", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		for _, k := range jar.Cookies(at) {
			if k.Name == "lilo_csrf" {
				r.Header.Set("X-Lilo-Csrf", k.Value)
			}
		}
		answer, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusCreated {
			t.Fatalf("channel %d is answered %s", i, answer.Status)
		}
	}
}

// lighthouse returns the points of a page, by category.
func lighthouse(t *testing.T, dir, page string) map[string]int {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "node_modules", "lighthouse", "cli", "index.js"), page, "--quiet",
		"--output=json", "--output-path="+file, "--preset=desktop", "--only-categories=performance,accessibility,best-practices",
		"--chrome-flags=--headless=new --no-sandbox --disable-quic")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			cmd.Env = append(os.Environ(), "CHROME_PATH="+path)
			break
		}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if to := os.Getenv("LILO_LOOK"); to != "" {
		tool(t, "cp", file, filepath.Join(to, "lighthouse.json"))
	}
	var report struct {
		Categories map[string]struct {
			Score float64 `json:"score"`
		} `json:"categories"`
	}
	if err := json.Unmarshal([]byte(read(t, file)), &report); err != nil {
		t.Fatal(err)
	}
	points := map[string]int{}
	for name, c := range report.Categories {
		points[name] = int(c.Score*100 + 0.5)
	}
	return points
}
