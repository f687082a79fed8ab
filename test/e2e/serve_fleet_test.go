//go:build e2e

package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/test/tools"
)

// fleet is servers that share channels in a real etcd, and what receives these.
type fleet struct {
	etcd      string
	file      string
	epoch     time.Time
	receivers []*receiver
}

func newFleet(t *testing.T, channels int) *fleet {
	f := &fleet{etcd: tools.EtcdURL(tools.StartEtcd(t, 1), "fleet"), file: movie(t), epoch: time.Now().Add(time.Second).UTC()}
	for range channels {
		f.receivers = append(f.receivers, listen(t))
	}
	return f
}

// serve starts a node. The first one creates the channels.
func (f *fleet) serve(t *testing.T, name string, first bool) *serverProcess {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--node", name, "--lease", "1s", "--store", f.etcd, "--allow-files", filepath.Dir(f.file)}
	if first {
		var text strings.Builder
		text.WriteString("channels:\n")
		for i, r := range f.receivers {
			fmt.Fprintf(&text, "- {name: c%d, source: %q, to: %q, tolerance: 5s, epoch: %q}\n", i, f.file, r.url("rtp"), f.epoch.Format(time.RFC3339Nano))
		}
		configFile(t, filepath.Join(dir, "serve.yaml"), text.String())
		args = append(args, "--config", filepath.Join(dir, "serve.yaml"))
	}
	return serve(t, filepath.Join(dir, "state"), args...)
}

// await waits until each node plays something, and all channels play.
func (f *fleet) await(t *testing.T, nodes ...*serverProcess) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		busy := 0
		for _, s := range nodes {
			s.waitReady(t)
			if _, text := s.get(t, "/metrics"); strings.Contains(text, "lilo_datagrams_total{") {
				busy++
			}
		}
		if busy == len(nodes) {
			time.Sleep(2500 * time.Millisecond) // A channel that moves to a new node is at both for a while.
			return
		}
	}
	for _, s := range nodes {
		_, ready := s.get(t, "/console/channels")
		t.Logf("%s%s%s", &s.out, &s.log, ready)
	}
	t.Fatal("a node plays nothing")
}

// record receives all channels until the function that it returns is called, which compares
// them with what lilo render writes and returns how many datagrams are missing and the
// longest gap.
func (f *fleet) record(t *testing.T) func() (missing int, gap float64) {
	t.Helper()
	var ends []func() [][]byte
	for _, r := range f.receivers {
		ends = append(ends, r.record())
	}
	return func() (missing int, gap float64) {
		t.Helper()
		var all [][][]byte
		for _, end := range ends {
			all = append(all, end())
		}
		length := time.Since(f.epoch) + time.Second
		for i, got := range all {
			want := lilo(t, 0, "render", f.file, "--name", fmt.Sprintf("c%d", i), "--out", "-", "--for", length.Round(time.Second).String()).out.Bytes()
			m, g := compareStream(t, want, got)
			if len(got) < 100 {
				t.Errorf("channel %d: %d datagrams", i, len(got))
			}
			missing, gap = missing+m, max(gap, g)
		}
		return missing, gap
	}
}

// TestFleetHandsOver ends a server as an upgrade does: the others go on, and no datagram is
// missing, none comes twice, and all are what lilo render writes.
func TestFleetHandsOver(t *testing.T) {
	f := newFleet(t, 3)
	one := f.serve(t, "one", true)
	two := f.serve(t, "two", false)
	f.await(t, one, two)
	end := f.record(t)
	time.Sleep(time.Second)
	if code := one.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &one.log)
	}
	time.Sleep(time.Second)
	one = f.serve(t, "one", false)
	f.await(t, one, two)
	if missing, gap := end(); missing != 0 {
		t.Errorf("%d datagrams are missing, the longest gap is %.3f s\n%s\n%s", missing, gap, &one.log, &two.log)
	}
}

// TestFleetTakesOver kills a server: another one goes on with the same streams within the
// lease and a second.
func TestFleetTakesOver(t *testing.T) {
	f := newFleet(t, 3)
	one := f.serve(t, "one", true)
	two := f.serve(t, "two", false)
	f.await(t, one, two)
	end := f.record(t)
	time.Sleep(time.Second)
	two.end(t, syscall.SIGKILL)
	time.Sleep(4 * time.Second)
	missing, gap := end()
	if missing == 0 || gap > 2 {
		t.Errorf("%d datagrams are missing, the longest gap is %.3f s\n%s", missing, gap, &one.log)
	}
}
