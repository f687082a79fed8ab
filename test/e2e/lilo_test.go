//go:build e2e

// Package e2e runs the real binary on real sockets, against real clients.
package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds the program once for all tests and returns its path.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lilo-e2e-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "lilo")
	out, err := exec.Command("go", "build", "-o", file, "github.com/lilo-live/lilo/cmd/lilo").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// process is a running command line of the program.
type process struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
}

// start starts a command line. It is killed when the test ends.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(t.Context(), file, args...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// wait returns the exit code, −1 if a signal ended the process.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }() // Errors are in the exit code.
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%v does not end; output: %s%s", p.cmd.Args, &p.out, &p.err)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// lilo runs a command line and checks its exit code.
func lilo(t *testing.T, code int, args ...string) *process {
	t.Helper()
	p := start(t, args...)
	if got := p.wait(t); got != code {
		t.Fatalf("lilo %s: exit code %d, want %d; output:\n%s%s", strings.Join(args, " "), got, code, &p.out, &p.err)
	}
	return p
}

// tool runs a program, which must succeed, and returns its standard output and
// standard error.
func tool(t *testing.T, name string, args ...string) (out, errs []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, &e)
	}
	return o.Bytes(), e.Bytes()
}

// receiver is a UDP socket on this machine.
type receiver struct {
	conn *net.UDPConn
	port int
}

func listen(t *testing.T) *receiver {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadBuffer(8 << 20); err != nil {
		t.Fatal(err)
	}
	return &receiver{conn, conn.LocalAddr().(*net.UDPAddr).Port}
}

func (r *receiver) url(scheme string) string { return fmt.Sprintf("%s://127.0.0.1:%d", scheme, r.port) }

// datagram returns the next datagram, nil if none arrives in time.
func (r *receiver) datagram(t *testing.T, within time.Duration) []byte {
	t.Helper()
	buf := make([]byte, 2048)
	if err := r.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	n, err := r.conn.Read(buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

// receive returns the next datagrams.
func (r *receiver) receive(t *testing.T, count int) [][]byte {
	t.Helper()
	var all [][]byte
	for range count {
		d := r.datagram(t, 10*time.Second)
		if d == nil {
			t.Fatalf("received only %d datagrams", len(all))
		}
		all = append(all, d)
	}
	return all
}

// placed returns the transport stream from the epoch to the last of RTP datagrams, which are
// numbered from there, each at the place that its number says. A busy machine skips what
// would leave too late: up to one datagram in eight may be absent and is taken from want.
func placed(t *testing.T, datagrams [][]byte, want []byte) []byte {
	t.Helper()
	const header, body = 12, 7 * 188
	sent, end := bytes.Clone(want), 0
	came := make(map[int]bool)
	for _, d := range datagrams {
		if len(d) != header+body {
			t.Fatalf("a datagram has %d bytes, not %d", len(d), header+body)
		}
		number := int(sequence(d)) // The numbers of a test do not wrap.
		if came[number] {
			t.Fatalf("datagram %d came twice", number)
		}
		came[number] = true
		if (number+1)*body > len(sent) {
			t.Fatalf("datagram %d was sent, only %d are rendered", number, len(sent)/body)
		}
		copy(sent[number*body:], d[header:])
		end = max(end, (number+1)*body)
	}
	all := end / body
	if absent := all - len(came); absent > all/8 {
		t.Errorf("of %d datagrams %d are absent: is the machine overloaded?", all, absent)
	} else if absent > 0 {
		t.Logf("of %d datagrams %d are absent", all, absent)
	}
	return sent[:end]
}

// movie makes an MP4 with a synthetic picture and sound by ffmpeg.
func movie(t *testing.T, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "movie.mp4")
	usual := []string{
		"-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=4",
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=4",
		"-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-c:a", "aac",
	}
	tool(t, "ffmpeg", append(append(usual, args...), file)...)
	return file
}

// long skips a test that takes long, unless make e2e runs it.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long: make e2e runs it")
	}
}
