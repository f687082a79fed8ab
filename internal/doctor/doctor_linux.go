package doctor

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/output/datagram"
)

// offload sends two datagrams in one call from one socket of this machine to another.
func offload() Finding {
	f := Finding{Name: "segmentation offload"}
	if err := sendTwo(); err != nil {
		f.Found = fmt.Sprintf("the kernel does not send many datagrams in one call (%v)", err)
		f.Advice = "channels play, and take more processor time; Linux 4.18 and later can"
		return f
	}
	f.OK, f.Found = true, "a train leaves in one call"
	return f
}

func sendTwo() error {
	const size = 100
	in, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(in)
	out, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(out)
	if err := unix.Bind(in, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	here, err := unix.Getsockname(in)
	if err != nil {
		return err
	}
	second := unix.Timeval{Sec: 1}
	if err := unix.SetsockoptTimeval(in, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &second); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(out, unix.SOL_UDP, unix.UDP_SEGMENT, size); err != nil {
		return err
	}
	if err := unix.Sendto(out, make([]byte, 2*size), 0, here); err != nil {
		return err
	}
	for range 2 {
		if n, _, err := unix.Recvfrom(in, make([]byte, 3*size), 0); err != nil || n != size {
			return fmt.Errorf("a datagram arrived with %d bytes instead of %d", n, size)
		}
	}
	return nil
}

// buffers asks for the buffers that channels and monitor ask for.
func buffers() []Finding {
	return []Finding{
		buffer("send buffer", "net.core.wmem_max", datagram.SendBuffer, "what a busy machine sends late is dropped", unix.SO_SNDBUF),
		buffer("receive buffer", "net.core.rmem_max", monitor.ReceiveBuffer, "lilo monitor may lose datagrams of fast streams itself", unix.SO_RCVBUF, unix.SO_RCVBUFFORCE),
	}
}

// buffer asks for a buffer of so many bytes with each option until one grants it.
func buffer(name, key string, want int, without string, options ...int) Finding {
	f := Finding{Name: name}
	granted := 0
	for _, option := range options {
		granted = max(granted, grantedBuffer(option, options[0], want))
	}
	f.Found = fmt.Sprintf("%d kB of %d kB", granted>>10, want>>10)
	if f.OK = granted >= want; !f.OK {
		f.Advice = fmt.Sprintf("%s; allow it with sysctl -w %s=%d, for good in /etc/sysctl.d", without, key, want)
	}
	return f
}

func grantedBuffer(set, get, want int) int {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, set, want)
	n, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, get)
	return n / 2 // The kernel doubles it, for its own use (socket(7)).
}

// wakeUps measures how late a thread wakes up.
func wakeUps() Finding {
	const times, apart, tolerable = 100, time.Millisecond, 2 * time.Millisecond
	f := Finding{Name: "wake-ups"}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var late []time.Duration
	for next := monotonic() + apart; len(late) < times; next += apart {
		ts := unix.NsecToTimespec(int64(next))
		for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil) == unix.EINTR {
		}
		now := monotonic()
		late = append(late, now-next)
		next = max(next, now)
	}
	slices.Sort(late)
	typical, most := late[times/2], late[times*95/100]
	f.Found = fmt.Sprintf("%s late in the middle, 1 in 20 more than %s", typical.Round(time.Microsecond), most.Round(time.Microsecond))
	if source := clocksource(); source != "" {
		f.Found += "; clock source " + source
	}
	if f.OK = most <= tolerable; !f.OK {
		f.Advice = "the machine is busy, or a virtual machine that gets too little of its processor: leave it alone, give it more, or try --realtime"
	}
	return f
}

func monotonic() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // It never fails.
	return time.Duration(ts.Nano())
}

func clocksource() string {
	text, _ := os.ReadFile("/sys/devices/system/clocksource/clocksource0/current_clocksource")
	return strings.TrimSpace(string(text))
}

// routeCommand returns the command that sends multicast by an interface.
func routeCommand(name string) string { return "ip route add 239.0.0.0/8 dev " + name }
