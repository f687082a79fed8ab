//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// usage is the resources that a process took.
type usage struct {
	share float64 // of one core, 0 to 1 and more
	wakes float64 // context switches a second
	peak  float64 // highest resident memory in MB
}

// process is a child of this program.
type process struct {
	cmd  *exec.Cmd
	base time.Duration
	woke int
	from time.Time
}

func spawn(ctx context.Context, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, args[0], args[1:]...)}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return p, p.cmd.Start()
}

// mark begins the period of usage.
func (p *process) mark() { p.base, p.woke, p.from = p.processor(), p.switches(), time.Now() }

// usage returns the resources taken since mark.
func (p *process) usage() usage {
	spent, woke, length := p.processor()-p.base, p.switches()-p.woke, time.Since(p.from)
	return usage{share: float64(spent) / float64(length), wakes: float64(woke) / length.Seconds(), peak: p.peak()}
}

// switches returns how often the threads of the process have left a processor: to wait, or
// because another thread displaced them.
func (p *process) switches() (sum int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", p.cmd.Process.Pid))
	for _, file := range files {
		text, _ := os.ReadFile(file) // It is empty if the thread has ended.
		for line := range strings.Lines(string(text)) {
			if key, value, _ := strings.Cut(line, ":"); strings.HasSuffix(key, "ctxt_switches") {
				n, _ := strconv.Atoi(strings.TrimSpace(value))
				sum += n
			}
		}
	}
	return sum
}

// processor returns the time that all threads of the process have run: the sum of the
// first numbers of their schedstat.
func (p *process) processor() time.Duration {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	var sum time.Duration
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // The thread has ended.
		}
		first, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(first, 10, 64)
		sum += time.Duration(n)
	}
	return sum
}

func (p *process) peak() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(fields[0], 64)
	return kib * 1024 / 1e6
}

// stop ends the process and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(3 * time.Second):
		_ = p.cmd.Process.Kill()
		<-done
	}
}

// sink opens a socket that nobody reads. Datagrams to it are dropped before they are
// copied to a receiver. It accepts whole trains (UDP_GRO): on the loopback interface the
// sender pays for the receiver's work, and segmenting a train is a network card's work.
func sink() (*net.UDPConn, int, error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, 0, err
	}
	_ = conn.SetReadBuffer(4096)
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, 0, err
	}
	if err := raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.SOL_UDP, unix.UDP_GRO, 1) }); err != nil {
		return nil, 0, err
	}
	return conn, conn.LocalAddr().(*net.UDPAddr).Port, nil
}

// processTime is the processor time of a process since its start.
type processTime struct {
	name string
	time time.Duration
}

// processTimes returns those of all processes.
func processTimes() map[int]processTime {
	all := map[int]processTime{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		text, err := os.ReadFile(file)
		name, rest, ok := strings.Cut(string(text), ") ") // proc(5): pid (name) state …
		fields := strings.Fields(rest)
		if err != nil || !ok || len(fields) < 13 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		user, _ := strconv.Atoi(fields[11])
		system, _ := strconv.Atoi(fields[12])
		const tick = 10 * time.Millisecond // USER_HZ is 100 on every platform that Go runs on.
		all[pid] = processTime{name[strings.Index(name, "(")+1:], time.Duration(user+system) * tick}
	}
	return all
}
