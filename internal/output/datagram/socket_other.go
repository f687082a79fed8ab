//go:build !linux

package datagram

import (
	"errors"
	"net"
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
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(a.peer))
	if err != nil {
		return nil, err
	}
	if err := prepare(conn, a); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &udpSocket{conn: conn, head: a.head, body: a.body, buf: make([]byte, a.head+a.body)}, nil
}

func prepare(conn *net.UDPConn, a address) error {
	_ = conn.SetWriteBuffer(2 << 20) // The system grants what it can.
	index, err := a.interfaceIndex()
	if err != nil {
		return err
	}
	if err := setHops(conn, a); err != nil {
		return fault.New(fault.Destination, "set ttl=%d: %w", a.ttl, err)
	}
	if index == 0 || !a.peer.Addr().IsMulticast() {
		return nil
	}
	by := &net.Interface{Index: index, Name: a.iface}
	if a.peer.Addr().Is4() {
		err = ipv4.NewPacketConn(conn).SetMulticastInterface(by)
	} else {
		err = ipv6.NewPacketConn(conn).SetMulticastInterface(by)
	}
	if err != nil {
		return fault.New(fault.Destination, "set iface=%s: %w", a.iface, err)
	}
	return nil
}

func setHops(conn *net.UDPConn, a address) error {
	ip := a.peer.Addr()
	switch {
	case a.ttl == 0:
		return nil
	case ip.Is4() && ip.IsMulticast():
		return ipv4.NewPacketConn(conn).SetMulticastTTL(a.ttl)
	case ip.Is4():
		return ipv4.NewConn(conn).SetTTL(a.ttl)
	case ip.IsMulticast():
		return ipv6.NewPacketConn(conn).SetMulticastHopLimit(a.ttl)
	}
	return ipv6.NewConn(conn).SetHopLimit(a.ttl)
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

func (s *udpSocket) close() error { return s.conn.Close() }
