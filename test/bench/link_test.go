//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The emulated link leads to a network namespace. Its addresses are reserved for
// benchmarks (RFC 2544).
const (
	linkSpace = "lilo-bench"
	linkHere  = "198.18.77.1"
	linkThere = "198.18.77.2"
	linkDelay = 20 * time.Millisecond // each way
	linkRate  = 1_000_000_000         // bit/s, each way
)

// link is the emulated network: an interface here, one in the namespace, and this
// process between them, which delays every packet by the delay of the link and by its
// transmission time. It needs no kernel module but tun.
type link struct{ ends [2]*os.File }

func newLink(ctx context.Context) (*link, error) {
	l := &link{}
	l.sweep()
	for i, name := range []string{"lilo-here", "lilo-there"} {
		var err error
		if l.ends[i], err = openTun(name); err != nil {
			l.close()
			return nil, fmt.Errorf("tun %s: %w", name, err)
		}
	}
	for _, line := range []string{
		"ip netns add " + linkSpace,
		"ip link set lilo-there netns " + linkSpace,
		"ip addr add " + linkHere + "/30 dev lilo-here",
		"ip link set lilo-here up mtu 1500 txqueuelen 20000",
		"ip -n " + linkSpace + " addr add " + linkThere + "/30 dev lilo-there",
		"ip -n " + linkSpace + " link set lilo-there up mtu 1500 txqueuelen 20000",
		"ip -n " + linkSpace + " link set lo up",
	} {
		args := strings.Fields(line)
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			l.close()
			return nil, fmt.Errorf("%s: %w: %s", line, err, out)
		}
	}
	go forward(l.ends[0], l.ends[1])
	go forward(l.ends[1], l.ends[0])
	return l, nil
}

// openTun creates an interface of IP packets (Linux, Documentation/networking/tuntap.rst).
func openTun(name string) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	var request struct {
		name  [unix.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], name)
	request.flags = unix.IFF_TUN | unix.IFF_NO_PI
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TUNSETIFF, uintptr(unsafe.Pointer(&request))); e != 0 {
		_ = unix.Close(fd)
		return nil, e
	}
	return os.NewFile(uintptr(fd), name), nil
}

// delayedPacket is a packet on its way.
type delayedPacket struct {
	packet []byte
	due    time.Time
}

// forward copies packets from one end to the other until the link is closed.
func forward(from, to *os.File) {
	queue := make(chan delayedPacket, 20000)
	defer close(queue)
	go func() {
		for h := range queue {
			time.Sleep(time.Until(h.due))
			_, _ = to.Write(h.packet)
		}
	}()
	free := time.Now() // when the next packet can be transmitted
	for buf := make([]byte, 2048); ; {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if now := time.Now(); free.Before(now) {
			free = now
		}
		free = free.Add(time.Duration(n) * 8 * time.Second / linkRate)
		queue <- delayedPacket{append([]byte(nil), buf[:n]...), free.Add(linkDelay)}
	}
}

// close removes the link.
func (l *link) close() {
	for _, f := range l.ends {
		if f != nil {
			f.Close()
		}
	}
	l.sweep()
}

// sweep removes the namespace, even one that an earlier run left behind. It takes no
// context, because it must run in any case.
func (*link) sweep() {
	_ = exec.Command("ip", "netns", "del", linkSpace).Run()
}
