package datagram

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// routeTo returns the interface by which the system's routes send to an IPv4 address from
// a source, which may be zero. It asks over netlink (RTM_GETROUTE), because a socket does not tell.
func routeTo(to, from netip.Addr) (*net.Interface, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	timeout := unix.NsecToTimeval(int64(netlinkTimeout))
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout)
	if err := unix.Sendto(fd, routeRequest(to, from), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	buf := make([]byte, 8192)
	n, _, err := unix.Recvfrom(fd, buf, 0)
	if err != nil {
		return nil, err
	}
	messages, err := syscall.ParseNetlinkMessage(buf[:n])
	if err != nil {
		return nil, err
	}
	for i := range messages {
		if index := outgoing(&messages[i]); index > 0 {
			return net.InterfaceByIndex(index)
		}
	}
	return nil, unix.ENETUNREACH
}

// netlinkTimeout is how long the kernel may take to answer, in nanoseconds.
const netlinkTimeout = 1e9

// routeRequest returns an rtnetlink(7) request for the route to an IPv4 address.
func routeRequest(to, from netip.Addr) []byte {
	header := unix.NlMsghdr{Type: unix.RTM_GETROUTE, Flags: unix.NLM_F_REQUEST, Seq: 1}
	route := unix.RtMsg{Family: unix.AF_INET, Dst_len: 32}
	attributes := attribute(nil, unix.RTA_DST, to)
	if from.IsValid() {
		route.Src_len = 32
		attributes = attribute(attributes, unix.RTA_SRC, from)
	}
	header.Len = uint32(unix.SizeofNlMsghdr + unix.SizeofRtMsg + len(attributes))
	b := append([]byte(nil), unsafe.Slice((*byte)(unsafe.Pointer(&header)), unix.SizeofNlMsghdr)...)
	b = append(b, unsafe.Slice((*byte)(unsafe.Pointer(&route)), unix.SizeofRtMsg)...)
	return append(b, attributes...)
}

func attribute(b []byte, kind uint16, ip netip.Addr) []byte {
	b = binary.NativeEndian.AppendUint16(b, unix.SizeofRtAttr+4)
	b = binary.NativeEndian.AppendUint16(b, kind)
	return append(b, ip.AsSlice()...)
}

// outgoing returns the number of the interface in an answer, 0 if there is none.
func outgoing(m *syscall.NetlinkMessage) int {
	if m.Header.Type != unix.RTM_NEWROUTE {
		return 0
	}
	attributes, err := syscall.ParseNetlinkRouteAttr(m)
	if err != nil {
		return 0
	}
	for _, a := range attributes {
		if a.Attr.Type == unix.RTA_OIF && len(a.Value) == 4 {
			return int(binary.NativeEndian.Uint32(a.Value))
		}
	}
	return 0
}
