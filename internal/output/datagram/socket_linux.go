package datagram

import (
	"cmp"
	"errors"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/fault"
)

// SendBuffer is the SO_SNDBUF asked for in bytes; the kernel limits it to
// net.core.wmem_max. It should hold the longest catch-up, 200 ms by default, of a
// fast stream: 2 MB hold that of 80 Mb/s.
const SendBuffer = 2 << 20

// offloadAgain is how many calls without segmentation offload go before one that
// tries it again: the link or its driver may have changed.
const offloadAgain = 1000

// udpSocket is a UDP socket outside the runtime's poller, in which every datagram
// that leaves the machine would report "writable" and wake a thread.
//
// Its system calls are raw: they do not block (MSG_DONTWAIT), and the runtime
// would wake its monitor thread for each call it knows of.
type udpSocket struct {
	fd      int
	v4      bool
	head    int
	body    int
	capable bool       // the kernel knows UDP_SEGMENT
	segment bool       // UDP_SEGMENT is set: a call may carry many datagrams
	plain   int        // calls without it since it was refused
	group   netip.Addr // an IPv4 group whose interface the routes have chosen, if it is one
	link    link       // by which it is sent to
	msg     unix.Msghdr
	iov     []unix.Iovec
}

func dial(a address) (socket, error) {
	family := unix.AF_INET6
	if a.peer.Addr().Is4() {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	l, err := prepare(fd, a)
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	s := &udpSocket{fd: fd, v4: a.peer.Addr().Is4(), head: a.head, link: l, iov: make([]unix.Iovec, 2*maxBatch)}
	if s.v4 && a.Interface == "" && a.peer.Addr().IsMulticast() {
		s.group = a.peer.Addr()
	}
	s.msg.Iov = &s.iov[0]
	s.capable = true
	s.setBody(a.body)
	s.capable = s.segment
	// By default, the kernel fragments what is longer than the path takes, and tells nobody.
	s.discover(unix.IP_PMTUDISC_DO, unix.IPV6_PMTUDISC_DO)
	return s, nil
}

func (s *udpSocket) setBody(bytes int) {
	s.body = bytes
	s.offload(s.capable)
}

// offload turns segmentation offload on or off.
func (s *udpSocket) offload(on bool) {
	size := 0
	if on {
		size = s.head + s.body
	}
	s.plain = 0
	s.segment = unix.SetsockoptInt(s.fd, unix.SOL_UDP, unix.UDP_SEGMENT, size) == nil && on
}

// discover sets how the socket treats datagrams that are longer than the path takes (ip(7)).
func (s *udpSocket) discover(v4, v6 int) {
	if s.v4 {
		_ = unix.SetsockoptInt(s.fd, unix.IPPROTO_IP, unix.IP_MTU_DISCOVER, v4)
	} else {
		_ = unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_MTU_DISCOVER, v6)
	}
}

func (s *udpSocket) fragment() { s.discover(unix.IP_PMTUDISC_WANT, unix.IPV6_PMTUDISC_WANT) }

// mtu returns the MTU of the route, or what a router of the path has reported (RFC 1191, RFC 8201).
func (s *udpSocket) mtu() int {
	level, option := unix.IPPROTO_IPV6, unix.IPV6_MTU
	if s.v4 {
		level, option = unix.IPPROTO_IP, unix.IP_MTU
	}
	n, err := unix.GetsockoptInt(s.fd, level, option)
	if err != nil {
		return 0
	}
	return n
}

// stale reports whether the routes lead to the group by another interface now, since IP_MULTICAST_IF
// holds the one that they led to.
func (s *udpSocket) stale() bool {
	if !s.group.IsValid() {
		return false
	}
	ifi, err := routeTo(s.group, s.link.source)
	return err == nil && (s.link.Interface == nil || ifi.Index != s.link.Index)
}

// prepare sets the options of a socket and connects it. It returns the link that the
// datagrams leave by, as far as it is known.
func prepare(fd int, a address) (link, error) {
	// The system grants what it can; a smaller buffer drops datagrams sooner. Root gets what it asks for.
	if a.SendBuffer == 0 || unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, a.SendBuffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, cmp.Or(a.SendBuffer, SendBuffer))
	}
	// Nothing is ever read, so what a receiver sends back must not fill memory.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 0)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_BROADCAST, 1)
	l, err := a.link()
	if err != nil {
		return l, err
	}
	if err := setHeader(fd, a); err != nil {
		return l, err
	}
	if a.peer.Addr().IsMulticast() {
		err = setMulticastLink(fd, a, &l)
	} else if l.Interface != nil {
		err = bindToDevice(fd, a, l)
	}
	if err != nil {
		return l, err
	}
	if err := bind(fd, a, l); err != nil {
		return l, err
	}
	err = unix.Connect(fd, sockaddr(a.peer, l))
	if errors.Is(err, unix.ENETUNREACH) && l.Interface == nil {
		err = fault.New(fault.Destination, "%w: no route leads there: name the network interface with iface=", err)
	}
	return l, err
}

// setHeader sets the fields of the IP header that the destination names.
func setHeader(fd int, a address) error {
	level, hops, class := unix.IPPROTO_IPV6, []int{unix.IPV6_UNICAST_HOPS, unix.IPV6_MULTICAST_HOPS}, unix.IPV6_TCLASS
	if a.peer.Addr().Is4() {
		level, hops, class = unix.IPPROTO_IP, []int{unix.IP_TTL, unix.IP_MULTICAST_TTL}, unix.IP_TOS
	}
	if a.DSCP > 0 {
		if err := unix.SetsockoptInt(fd, level, class, a.DSCP<<2); err != nil {
			return fault.New(fault.Destination, "set dscp=%d: %w", a.DSCP, err)
		}
	}
	if a.TTL == 0 {
		return nil
	}
	for _, option := range hops {
		if err := unix.SetsockoptInt(fd, level, option, a.TTL); err != nil {
			return fault.New(fault.Destination, "set ttl=%d: %w", a.TTL, err)
		}
	}
	return nil
}

// setMulticastLink chooses the interface of a group. An IPv4 route may lead to the
// group through a router (224.0.0.0/4 via 192.0.2.1): the kernel then sends the
// frames to the router's MAC address, and no receiver on the link gets them
// (RFC 1112, 6.4). SO_DONTROUTE makes it ignore such routes, the group's interface
// included, which is why that is looked up first. IPv6 has a route to all groups
// on each link.
func setMulticastLink(fd int, a address, l *link) (err error) {
	group := a.peer.Addr()
	if group.Is6() {
		if l.Interface != nil {
			err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_IF, l.Index)
		}
		return ifaceFault(*l, err)
	}
	if l.Interface == nil {
		if l.Interface, err = routeTo(group, l.source); err != nil {
			return nil //nolint:nilerr // The kernel's own choice is left, and connect tells if it has none.
		}
	}
	if err := unix.SetsockoptIPMreqn(fd, unix.IPPROTO_IP, unix.IP_MULTICAST_IF, &unix.IPMreqn{Ifindex: int32(l.Index)}); err != nil {
		return ifaceFault(*l, err)
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DONTROUTE, 1)
}

func ifaceFault(l link, err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Destination, "iface=%s cannot be used: %w", l.Name, err)
}

// bindToDevice makes unicast leave by an interface whatever the routes say.
func bindToDevice(fd int, a address, l link) error {
	err := unix.BindToDevice(fd, l.Name)
	if errors.Is(err, unix.EPERM) {
		return fault.New(fault.Destination, "iface=%s: this kernel lets only root (CAP_NET_RAW) choose the interface of unicast: leave it out, or give localaddr=", a.Interface)
	}
	return ifaceFault(l, err)
}

// bind chooses the source address and port. Destinations of one channel may share a
// port, and so may a socket and the one that replaces it.
func bind(fd int, a address, l link) error {
	if !l.source.IsValid() && a.LocalPort == 0 {
		return nil
	}
	source := l.source
	if !source.IsValid() {
		if source = netip.IPv6Unspecified(); a.peer.Addr().Is4() {
			source = netip.IPv4Unspecified()
		}
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	from := netip.AddrPortFrom(source, uint16(a.LocalPort))
	if err := unix.Bind(fd, sockaddr(from, l)); err != nil {
		return fault.New(fault.Destination, "cannot send from %s: %w: localaddr= is an address of this machine, localport= a free port", from, err)
	}
	return nil
}

// sockaddr returns an address as the kernel takes it. A link-local one belongs to a link.
func sockaddr(at netip.AddrPort, l link) unix.Sockaddr {
	ip := at.Addr()
	if ip.Is4() {
		return &unix.SockaddrInet4{Port: int(at.Port()), Addr: ip.As4()}
	}
	s := &unix.SockaddrInet6{Port: int(at.Port()), Addr: ip.As16()}
	if l.Interface != nil && (ip.IsLinkLocalUnicast() || ip.IsLinkLocalMulticast()) {
		s.ZoneId = uint32(l.Index)
	}
	return s
}

// write sends the datagrams in one call if the kernel splits them
// (UDP_SEGMENT), else one by one.
func (s *udpSocket) write(headers, payload []byte) (int, error) {
	n := len(payload) / s.body
	if s.plain++; s.capable && !s.segment && s.plain >= offloadAgain {
		s.offload(true)
	}
	if s.segment {
		err := s.sendmsg(headers, payload)
		if err == 0 {
			return n, nil
		}
		if !noOffload(err) {
			return 0, err
		}
		s.offload(false)
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

// buffer returns half of what the kernel says, which counts its own data too (socket(7)).
func (s *udpSocket) buffer() int {
	n, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_SNDBUF)
	if err != nil {
		return 0
	}
	return n / 2
}

func (s *udpSocket) source() netip.Addr {
	at, err := unix.Getsockname(s.fd)
	if err != nil {
		return netip.Addr{}
	}
	switch at := at.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrFrom4(at.Addr)
	case *unix.SockaddrInet6:
		return netip.AddrFrom16(at.Addr)
	}
	return netip.Addr{}
}

func (s *udpSocket) close() error { return unix.Close(s.fd) }
