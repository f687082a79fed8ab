package tools

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Etcd is a member of an etcd, which is a process.
type Etcd struct {
	// Address is where its clients find it, host:port.
	Address string
	args    []string
	cmd     *exec.Cmd
}

// StartEtcd starts an etcd of some members on the loopback, with an election timeout of half
// a second and further flags. Its members end with the test.
func StartEtcd(t testing.TB, members int, flags ...string) []*Etcd {
	t.Helper()
	program := EtcdProgram(t)
	var all []*Etcd
	var peers []string
	for i := range members {
		client, peer := freeAddress(t), freeAddress(t)
		name := fmt.Sprintf("m%d", i)
		peers = append(peers, name+"=http://"+peer)
		all = append(all, &Etcd{Address: client, args: append([]string{
			program, "--name", name, "--data-dir", t.TempDir(), "--log-level", "error", "--unsafe-no-fsync",
			"--heartbeat-interval", "50", "--election-timeout", "500",
			"--listen-peer-urls", "http://" + peer, "--initial-advertise-peer-urls", "http://" + peer,
			"--listen-client-urls", "http://" + client, "--advertise-client-urls", "http://" + client,
		}, flags...)})
	}
	for _, e := range all {
		e.args = append(e.args, "--initial-cluster", strings.Join(peers, ","))
		e.Start(t)
		t.Cleanup(func() { e.Kill(t) })
	}
	for _, e := range all {
		e.await(t)
	}
	return all
}

// EtcdURL returns the URL of an etcd.
func EtcdURL(members []*Etcd, prefix string) string {
	var all []string
	for _, e := range members {
		all = append(all, e.Address)
	}
	return "etcd://" + strings.Join(all, ",") + "/" + prefix
}

// Start starts the member, again after Kill.
func (e *Etcd) Start(t testing.TB) {
	t.Helper()
	e.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), e.args[0], e.args[1:]...) // Kill ends it.
	e.cmd.Stderr = os.Stderr
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// Kill kills the member, if it runs.
func (e *Etcd) Kill(t testing.TB) {
	t.Helper()
	if e.cmd == nil {
		return
	}
	_ = e.cmd.Process.Kill() // It may have ended.
	_ = e.cmd.Wait()
	e.cmd = nil
}

// Signal sends a signal to the member.
func (e *Etcd) Signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := e.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// await waits until the member answers.
func (e *Etcd) await(t testing.TB) {
	t.Helper()
	for range 300 {
		r, err := http.Post("http://"+e.Address+"/v3/kv/range", "application/json", strings.NewReader(`{"key":"eA=="}`)) //nolint:noctx // It is this machine's.
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond) //nolint:forbidigo // It waits for a process.
	}
	t.Fatalf("etcd at %s does not answer", e.Address)
}

// EtcdProgram builds the etcd of test/etcd, once for all tests, and returns its path.
func EtcdProgram(t testing.TB) string {
	t.Helper()
	mod, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(filepath.Dir(string(mod)), "test", "etcd")
	versions, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := Install(context.WithoutCancel(t.Context()), "lilo-etcd", versions, func(dir string) [][]string {
		return [][]string{{"go", "build", "-C", source, "-o", filepath.Join(dir, "etcd"), "."}}
	})
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "etcd")
}

// freeAddress returns an address of the loopback at which nothing listens.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
