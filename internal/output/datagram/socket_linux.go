package datagram

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/fault"
)

// sendBuffer is the SO_SNDBUF asked for in bytes; the kernel limits it to
// net.core.wmem_max. It must hold the longest catch-up, 50 ms, of a fast
// stream: 2 MB hold that of 320 Mb/s.
const sendBuffer = 2 << 20

// udpSocket is a UDP socket outside the runtime's poller, in which every datagram
// that leaves the machine would report "writable" and wake a thread.
//
// Its system calls are raw: they do not block (MSG_DONTWAIT), and the runtime
// would wake its monitor thread for each call it knows of.
type udpSocket struct {
	fd      int
	head    int
	body    int
	segment bool         // UDP_SEGMENT is set: a call may carry many datagrams
	off     *atomic.Bool // UDP_SEGMENT stays off in sockets to come
	msg     unix.Msghdr
	iov     []unix.Iovec
}

// dialer returns the function that opens the sockets of one Conn. After the
// kernel or the interface has refused segmentation offload, none of them uses it.
func dialer() func(address) (socket, error) {
	off := new(atomic.Bool)
	return func(a address) (socket, error) { return dial(a, off) }
}

func dial(a address, off *atomic.Bool) (socket, error) {
	family := unix.AF_INET6
	if a.peer.Addr().Is4() {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := prepare(fd, a); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	s := &udpSocket{fd: fd, head: a.head, body: a.body, iov: make([]unix.Iovec, 2*maxBatch), off: off}
	s.segment = !off.Load() && unix.SetsockoptInt(fd, unix.SOL_UDP, unix.UDP_SEGMENT, a.head+a.body) == nil
	s.msg.Iov = &s.iov[0]
	return s, nil
}

func prepare(fd int, a address) error {
	// The system grants what it can; a smaller buffer drops datagrams sooner.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	// Nothing is ever read, so what a receiver sends back must not fill memory.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 0)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	index, err := a.interfaceIndex()
	if err != nil {
		return err
	}
	ip, level, hops := a.peer.Addr(), unix.IPPROTO_IPV6, []int{unix.IPV6_UNICAST_HOPS, unix.IPV6_MULTICAST_HOPS}
	if ip.Is4() {
		level, hops = unix.IPPROTO_IP, []int{unix.IP_TTL, unix.IP_MULTICAST_TTL}
	}
	if a.ttl == 0 {
		hops = nil
	}
	for _, option := range hops {
		if err := unix.SetsockoptInt(fd, level, option, a.ttl); err != nil {
			return fault.New(fault.Destination, "set ttl=%d: %w", a.ttl, err)
		}
	}
	if index > 0 {
		if ip.Is4() {
			err = unix.SetsockoptIPMreqn(fd, level, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(index)})
		} else {
			err = unix.SetsockoptInt(fd, level, unix.IPV6_MULTICAST_IF, index)
		}
		if err != nil {
			return fault.New(fault.Destination, "set iface=%s: %w", a.iface, err)
		}
	}
	if ip.Is4() {
		return unix.Connect(fd, &unix.SockaddrInet4{Port: int(a.peer.Port()), Addr: ip.As4()})
	}
	to := &unix.SockaddrInet6{Port: int(a.peer.Port()), Addr: ip.As16()}
	if ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast() {
		to.ZoneId = uint32(zone(ip, index))
	}
	return unix.Connect(fd, to)
}

// zone returns the number of the interface that a link-local address belongs
// to: that of its own zone (fe80::1%eth0) or else index.
func zone(ip netip.Addr, index int) int {
	if n, err := strconv.Atoi(ip.Zone()); err == nil {
		return n
	}
	if ifi, err := net.InterfaceByName(ip.Zone()); err == nil {
		return ifi.Index
	}
	return index
}

// write sends the datagrams in one call if the kernel splits them
// (UDP_SEGMENT), else one by one.
func (s *udpSocket) write(headers, payload []byte) (int, error) {
	n := len(payload) / s.body
	if s.segment {
		err := s.sendmsg(headers, payload)
		if err == 0 {
			return n, nil
		}
		if !noOffload(err) {
			return 0, err
		}
		s.withoutOffload()
	}
	for i := range n {
		if err := s.sendmsg(headers[min(i*s.head, len(headers)):], payload[i*s.body:(i+1)*s.body]); err != 0 {
			return i, err
		}
	}
	return n, nil
}

// sendmsg sends payload without copying it, with a header before each part.
func (s *udpSocket) sendmsg(headers, payload []byte) unix.Errno {
	s.msg.SetIovlen(s.gather(headers, payload))
	_, _, err := syscall.RawSyscall(unix.SYS_SENDMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.msg)),
		unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	return err
}

// gather fills the I/O vector and returns its length. Its pointers outlive the
// call; they point into the header buffer and the ring, which live as long as the socket.
func (s *udpSocket) gather(headers, payload []byte) int {
	if s.head == 0 {
		s.iov[0].Base = &payload[0]
		s.iov[0].SetLen(len(payload))
		return 1
	}
	n := len(payload) / s.body
	for i := range n {
		s.iov[2*i].Base = &headers[i*s.head]
		s.iov[2*i].SetLen(s.head)
		s.iov[2*i+1].Base = &payload[i*s.body]
		s.iov[2*i+1].SetLen(s.body)
	}
	return 2 * n
}

func (s *udpSocket) withoutOffload() {
	s.segment = false
	s.off.Store(true)
	_ = unix.SetsockoptInt(s.fd, unix.SOL_UDP, unix.UDP_SEGMENT, 0)
}

// noOffload reports whether an error may mean that the kernel or the interface
// refuses segmentation offload: no checksum offload (EIO), a datagram longer
// than the MTU (EINVAL before Linux 6.x, EMSGSIZE since), or a driver's own.
// If the failure has another cause, the plain call fails too.
func noOffload(err unix.Errno) bool {
	switch err {
	case unix.EINVAL, unix.EIO, unix.EOPNOTSUPP, unix.EMSGSIZE, unix.ENOPROTOOPT, unix.ENOSYS:
		return true
	}
	return false
}

func (s *udpSocket) close() error { return unix.Close(s.fd) }
