//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/test/tools"
)

// TestServeInEtcd moves the state of a server into etcd and back, and plays on from there
// while etcd is away.
func TestServeInEtcd(t *testing.T) {
	long(t)
	members := tools.StartEtcd(t, 1)
	url, dir := tools.EtcdURL(members, "moved"), t.TempDir()
	state, config := filepath.Join(dir, "state"), filepath.Join(dir, "serve.yaml")
	to := listen(t)
	configFile(t, config, fmt.Sprintf("channels:\n- {name: One, to: %q}\n", to.url("rtp")))
	s := serve(t, state, "--config", config)
	s.waitReady(t)
	s.end(t, syscall.SIGTERM)
	copies := func(want int, text, from, to string) {
		t.Helper()
		p := lilo(t, want, "serve", "store", "copy", from, to)
		if got := p.out.String() + p.err.String(); !strings.Contains(got, text) || strings.Count(got, "\n") != 1 {
			t.Errorf("copy %s %s prints %q", from, to, got)
		}
	}
	copies(0, "1 channels, 1 inputs", state, url)
	copies(2, "has records already", state, url)
	copies(2, "cannot be read", filepath.Join(dir, "none"), url)

	s = serve(t, filepath.Join(dir, "a"), "--store", url, "--allow-files", filepath.Join(state, "clip"))
	s.waitReady(t)
	members[0].Kill(t)
	if status, body := s.get(t, "/prod/channels"); status != http.StatusInternalServerError || !strings.Contains(body, "does not answer") {
		t.Errorf("without etcd, a call is answered with %d %s", status, body)
	}
	all := to.receive(t, 500)
	for i := 1; i < len(all); i++ {
		if got, want := sequence(all[i]), sequence(all[i-1])+1; got != want {
			t.Fatalf("without etcd, datagram %d is number %d, not %d", i, got, want)
		}
	}
	p := lilo(t, 2, "serve", "--state", filepath.Join(dir, "b"), "--listen", "127.0.0.1:0", "--store", url)
	if got := p.err.String(); !strings.Contains(got, "--store: etcd at 127.0.0.1:") || strings.Count(got, "\n") != 1 {
		t.Errorf("a server that does not reach etcd prints %q", got)
	}
	members[0].Start(t)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		status, body := s.get(t, "/prod/channels")
		if status == http.StatusOK && strings.Contains(body, `"RUNNING"`) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("with etcd again, a call is answered with %d %s", status, body)
		}
	}
	s.end(t, syscall.SIGTERM)
	copies(0, "1 channels, 1 inputs", url, filepath.Join(dir, "back"))
}
