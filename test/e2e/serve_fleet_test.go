//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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
	tolerance time.Duration // of lateness
	receivers []*receiver
	doubled   int // datagrams that came twice, in the last recording
}

func newFleet(t *testing.T, channels int) *fleet {
	f := &fleet{tolerance: 200 * time.Millisecond, etcd: tools.EtcdURL(tools.StartEtcd(t, 1), "fleet"), file: movie(t), epoch: time.Now().Add(time.Second).UTC()}
	for range channels {
		f.receivers = append(f.receivers, listen(t))
	}
	return f
}

// serve starts a node. The first one creates the channels.
func (f *fleet) serve(t *testing.T, name string, first bool, more ...string) *serverProcess {
	t.Helper()
	dir := t.TempDir()
	args := append([]string{"--node", name, "--lease", "1s", "--store", f.etcd, "--allow-files", filepath.Dir(f.file)}, more...)
	if first {
		var text strings.Builder
		text.WriteString("channels:\n")
		for i, r := range f.receivers {
			fmt.Fprintf(&text, "- {name: c%d, source: %q, to: %q, tolerance: %v, epoch: %q}\n", i, f.file, r.url("rtp"), f.tolerance, f.epoch.Format(time.RFC3339Nano))
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
		f.doubled = 0
		for i, got := range all {
			got, f.doubled = once(got, f.doubled)
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
	long(t)
	f := newFleet(t, 3)
	f.tolerance = 5 * time.Second // A busy machine delays datagrams, and skips none.
	one := f.serve(t, "one", true)
	two := f.serve(t, "two", false)
	f.await(t, one, two)
	end := f.record(t)
	time.Sleep(time.Second)
	t.Logf("ends after %v", time.Since(f.epoch))
	if code := one.end(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d:\n%s", code, &one.log)
	}
	time.Sleep(time.Second)
	one = f.serve(t, "one", false)
	f.await(t, one, two)
	if missing, gap := end(); missing != 0 || f.doubled != 0 {
		t.Errorf("%d datagrams are missing, the longest gap is %.3f s, %d are doubled\n%s\n%s", missing, gap, f.doubled, &one.log, &two.log)
	}
}

// once returns the datagrams without those that come twice, as a receiver of SMPTE 2022-7 sees
// them, and how many these are, added to those before.
func once(all [][]byte, doubled int) ([][]byte, int) {
	seen := map[uint16][]byte{}
	for _, d := range all {
		seen[sequence(d)] = d
	}
	var left [][]byte
	for _, n := range slices.Sorted(maps.Keys(seen)) {
		left = append(left, seen[n])
	}
	return left, doubled + len(all) - len(left)
}

// TestFleetTakesOver kills or freezes a server: another one goes on with the same streams within
// the lease and a second, and one that is thawed sends nothing of what it no longer holds.
func TestFleetTakesOver(t *testing.T) {
	long(t)
	for name, stop := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "frozen": syscall.SIGSTOP} {
		t.Run(name, func(t *testing.T) {
			f := newFleet(t, 3)
			one := f.serve(t, "one", true)
			two := f.serve(t, "two", false)
			f.await(t, one, two)
			end := f.record(t)
			time.Sleep(time.Second)
			if err := two.cmd.Process.Signal(stop); err != nil {
				t.Fatal(err)
			}
			time.Sleep(4 * time.Second)
			if stop == syscall.SIGSTOP {
				if err := two.cmd.Process.Signal(syscall.SIGCONT); err != nil {
					t.Fatal(err)
				}
				f.await(t, one, two)
			}
			missing, gap := end()
			if missing == 0 || gap > 2 || f.doubled > 0 {
				t.Errorf("%d datagrams are missing, the longest gap is %.3f s, %d are doubled\n%s%s", missing, gap, f.doubled, &one.log, &two.log)
			}
		})
	}
}

// TestFleetIsParted cuts a server off from etcd. It sends until its lease must have been given
// away, and no longer; receivers miss nothing. Then it takes part again.
func TestFleetIsParted(t *testing.T) {
	long(t)
	f := newFleet(t, 3)
	f.tolerance = 2 * time.Second // A busy machine delays datagrams, and skips none.
	one := f.serve(t, "one", true)
	line := newLine(t, strings.TrimSuffix(strings.TrimPrefix(f.etcd, "etcd://"), "/fleet"))
	two := f.serve(t, "two", false, "--store", "etcd://"+line.address+"/fleet")
	f.await(t, one, two)
	end := f.record(t)
	time.Sleep(time.Second)
	line.cut(true)
	time.Sleep(4 * time.Second)
	_, before := two.get(t, "/metrics")
	time.Sleep(time.Second)
	if _, after := two.get(t, "/metrics"); datagrams(after) != datagrams(before) {
		t.Errorf("it still sends:\n%s\n%s", datagrams(before), datagrams(after))
	}
	line.cut(false)
	f.await(t, one, two)
	missing, gap := end()
	// Both send for the overlap of a second at most; a channel has about 50 datagrams a second.
	if missing != 0 || f.doubled == 0 || f.doubled > 3*150 {
		t.Errorf("%d datagrams are missing, the longest gap is %.3f s, %d are doubled\n%s%s", missing, gap, f.doubled, &one.log, &two.log)
	}
}

// datagrams returns the metrics that count the datagrams that were sent.
func datagrams(metrics string) string {
	var all []string
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, "lilo_datagrams_total{") {
			all = append(all, line)
		}
	}
	return strings.Join(all, "")
}

// line carries connections to an address until it is cut; then nothing arrives, and nobody is
// told.
type line struct {
	address string
	mu      sync.Mutex
	parted  bool
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	l := &line{address: listener.Addr().String()}
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", to)
			if err != nil {
				from.Close()
				continue
			}
			go l.carry(from, there)
			go l.carry(there, from)
		}
	}()
	return l
}

func (l *line) cut(is bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parted = is
}

func (l *line) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		l.mu.Lock()
		parted := l.parted
		l.mu.Unlock()
		if parted {
			continue // It is lost.
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}
