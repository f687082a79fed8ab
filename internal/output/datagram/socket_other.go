//go:build !linux

package datagram

import (
	"cmp"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/lilo-live/lilo/internal/fault"
)

// sendTimeout is how long a train may wait for room in the socket's queue.
const sendTimeout = 2 * time.Millisecond

// udpSocket sends one datagram a call, through the standard library.
type udpSocket struct {
	conn *net.UDPConn
	head int
	body int
	buf  []byte
}

func dialer() func(address) (socket, error) { return dial }

func dial(a address) (socket, error) {
	l, err := a.link()
	if err != nil {
		return nil, err
	}
	if l.Interface != nil && !a.peer.Addr().IsMulticast() && a.peer.Addr().Zone() == "" {
		return nil, fault.New(fault.Destination, "iface=%s: this system does not let a program choose the interface of unicast: give localaddr=", a.Interface)
	}
	from := &net.UDPAddr{IP: l.source.AsSlice(), Port: a.LocalPort, Zone: a.peer.Addr().Zone()}
	conn, err := net.DialUDP("udp", from, net.UDPAddrFromAddrPort(a.peer))
	if err != nil {
		return nil, err
	}
	if err := prepare(conn, a, l); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &udpSocket{conn: conn, head: a.head, body: a.body, buf: make([]byte, a.head+a.body)}, nil
}

func prepare(conn *net.UDPConn, a address, l link) error {
	_ = conn.SetWriteBuffer(cmp.Or(a.SendBuffer, 2<<20)) // The system grants what it can.
	if err := setHops(conn, a); err != nil {
		return fault.New(fault.Destination, "set ttl=%d: %w", a.TTL, err)
	}
	if err := setClass(conn, a); err != nil {
		return fault.New(fault.Destination, "set dscp=%d: %w", a.DSCP, err)
	}
	if l.Interface == nil || !a.peer.Addr().IsMulticast() {
		return nil
	}
	set := ipv6.NewPacketConn(conn).SetMulticastInterface
	if a.peer.Addr().Is4() {
		set = ipv4.NewPacketConn(conn).SetMulticastInterface
	}
	if err := set(l.Interface); err != nil {
		return fault.New(fault.Destination, "iface=%s cannot be used: %w", l.Name, err)
	}
	return nil
}

func setClass(conn *net.UDPConn, a address) error {
	switch {
	case a.DSCP == 0:
		return nil
	case a.peer.Addr().Is4():
		return ipv4.NewConn(conn).SetTOS(a.DSCP << 2)
	}
	return ipv6.NewConn(conn).SetTrafficClass(a.DSCP << 2)
}

func setHops(conn *net.UDPConn, a address) error {
	ip := a.peer.Addr()
	switch {
	case a.TTL == 0:
		return nil
	case ip.Is4() && ip.IsMulticast():
		return ipv4.NewPacketConn(conn).SetMulticastTTL(a.TTL)
	case ip.Is4():
		return ipv4.NewConn(conn).SetTTL(a.TTL)
	case ip.IsMulticast():
		return ipv6.NewPacketConn(conn).SetMulticastHopLimit(a.TTL)
	}
	return ipv6.NewConn(conn).SetHopLimit(a.TTL)
}

func (s *udpSocket) write(headers, payload []byte) (int, error) {
	_ = s.conn.SetWriteDeadline(time.Now().Add(sendTimeout))
	for i := range len(payload) / s.body {
		n := copy(s.buf, headers[min(i*s.head, len(headers)):min((i+1)*s.head, len(headers))])
		copy(s.buf[n:], payload[i*s.body:(i+1)*s.body])
		_, err := s.conn.Write(s.buf)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = errBusy
		}
		if err != nil {
			return i, err
		}
	}
	return len(payload) / s.body, nil
}

func (s *udpSocket) setBody(bytes int) {
	s.body, s.buf = bytes, make([]byte, s.head+bytes)
}

// mtu returns 0: what the path takes is unknown here.
func (s *udpSocket) mtu() int { return 0 }

// fragment does nothing: the system cuts datagrams that are too long.
func (s *udpSocket) fragment() {}

// stale returns false: the system follows its routes.
func (s *udpSocket) stale() bool { return false }

// buffer returns 0: the system does not say.
func (s *udpSocket) buffer() int { return 0 }

func (s *udpSocket) source() netip.Addr {
	at, _ := netip.ParseAddrPort(s.conn.LocalAddr().String())
	return at.Addr()
}

func (s *udpSocket) close() error { return s.conn.Close() }
