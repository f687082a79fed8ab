package monitor

import (
	"encoding/binary"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// control prepares a socket before it is bound. Options that the kernel refuses
// are ignored: the measurement is then less precise, but not wrong.
func control(multicast bool) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { prepare(int(fd), multicast) })
	}
}

func prepare(fd int, multicast bool) {
	if multicast {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
		// By default, a socket gets the groups that any socket has joined, on any interface.
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_ALL, 0)
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, ipv6MulticastAll, 0)
	}
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, ReceiveBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, ReceiveBuffer)
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
}

// ipv6MulticastAll is IPV6_MULTICAST_ALL of linux/in6.h.
const ipv6MulticastAll = 29

// ancillary parses the control messages of a datagram: when it arrived, and how
// many datagrams the socket has dropped so far. ok is false without a time.
func ancillary(b []byte) (at time.Time, overrun int64, ok bool) {
	for len(b) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(b)
		if err != nil {
			break
		}
		b = rest
		switch {
		case h.Level != unix.SOL_SOCKET:
		case h.Type == unix.SO_TIMESTAMPNS && len(data) >= 16:
			at, ok = time.Unix(int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:]))), true
		case h.Type == unix.SO_TIMESTAMPNS && len(data) >= 8:
			at, ok = time.Unix(int64(binary.NativeEndian.Uint32(data)), int64(binary.NativeEndian.Uint32(data[4:]))), true
		case h.Type == unix.SO_RXQ_OVFL && len(data) >= 4:
			overrun = int64(binary.NativeEndian.Uint32(data))
		}
	}
	return at, overrun, ok
}
