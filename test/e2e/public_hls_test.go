//go:build e2e

package e2e

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A page of another origin plays the HLS of lilo run with --public-hls, and not without.
func TestPublicHLSOfRun(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<title>player</title>")) }))
	defer other.Close()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"with":    {[]string{"--public-hls"}, "200 #EXTM3U"},
		"without": {nil, "TypeError"},
	} {
		t.Run(name, func(t *testing.T) {
			_, url := runWithConsole(t, listen(t).url("udp"), c.args...)
			b := startBrowser(t)
			b.open(other.URL)
			got := eval[string](b, "return fetch('"+url+"hls/1/index.m3u8').then(async (r) => r.status + ' ' + (await r.text()).split('\\n')[0], (e) => e.name)")
			if got != c.want {
				t.Errorf("the page gets %q, want %q", got, c.want)
			}
		})
	}
}
