//go:build wake

package playout

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/rtp"
)

// TestBare compares the scheduler with a loop that does nothing but sleep and
// send the same trains at the same instants: what they cost in CPU of the
// process. README.md holds its figures. A thousand channels need
// `ulimit -n 4096`.
//
//	go test -tags wake -run TestBare -v ./internal/playout
//
// It asserts nothing.
func TestBare(t *testing.T) {
	for _, c := range []struct {
		channels int
		pacing   time.Duration
	}{{1, 8 * ms}, {1, 40 * ms}, {51, 10 * ms}, {51, 4 * ms}, {1000, 10 * ms}} {
		port := sink(t)
		ours := cpuShare(func() { playAll(t, c.channels, c.pacing, port) })
		bare := cpuShare(func() { sendBare(c.channels, c.pacing, port) })
		fmt.Printf("| %d | %v | %.3f %% | %.3f %% |\n", c.channels, c.pacing, ours, bare)
	}
}

// bareFor is how long each measurement takes.
const bareFor = 6 * time.Second

// sink listens to a port and reads nothing: what exceeds its buffer is thrown away.
func sink(t *testing.T) int {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadBuffer(1)
	return conn.LocalAddr().(*net.UDPAddr).Port
}

// cpuShare returns the CPU of the process while f runs, in per cent of a core.
func cpuShare(f func()) float64 {
	cpu, start := cpuTime(), time.Now()
	f()
	return 100 * (cpuTime() - cpu).Seconds() / time.Since(start).Seconds()
}

func playAll(t *testing.T, channels int, pacing time.Duration, port int) {
	ctx, cancel := context.WithTimeout(t.Context(), bareFor)
	defer cancel()
	clock, err := NewClock()
	if err != nil {
		t.Fatal(err)
	}
	s := New(clock, slog.New(slog.DiscardHandler))
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	for range channels {
		to := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: port, Packets: 7}
		o, err := rtp.Open(ctx, to, output.Stream{SSRC: 1, RTPTime: fake{}.RTPTime})
		if err != nil {
			t.Fatal(err)
		}
		c := Config{Stream: fake{}, Epoch: time.Now(), Pacing: pacing, Outputs: []output.Output{o}}
		if _, err := s.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// sendBare sends to as many sockets, at as many phases, as the scheduler does.
func sendBare(channels int, pacing time.Duration, port int) {
	phases := min((channels+phaseSize-1)/phaseSize, int(pacing/phase))
	each := (channels + phases - 1) / phases
	fds := bareSockets(channels, port)
	defer func() {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}()
	buf := make([]byte, 1<<16)
	for k, start := 0, bootNow(); k < int(bareFor/pacing)*phases; k++ {
		train, step := k/phases, k%phases
		rawUntil(start + int64(train)*int64(pacing) + int64(step)*int64(phase))
		f := fake{}
		n := f.Before(time.Duration(train+1)*pacing)/7 - f.Before(time.Duration(train)*pacing)/7
		for _, fd := range fds[min(step*each, channels):min((step+1)*each, channels)] {
			bareSend(fd, buf[:n*1328])
		}
	}
}

func bareSockets(n, port int) []int {
	fds := make([]int, n)
	for i := range fds {
		fds[i], _ = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		_ = unix.Connect(fds[i], &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
		_ = unix.SetsockoptInt(fds[i], unix.SOL_UDP, unix.UDP_SEGMENT, 1328)
	}
	return fds
}

func bareSend(fd int, b []byte) {
	iov := unix.Iovec{Base: unsafe.SliceData(b)}
	iov.SetLen(len(b))
	msg := unix.Msghdr{Iov: &iov}
	msg.SetIovlen(1)
	_, _, _ = syscall.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&msg)), 0)
}
