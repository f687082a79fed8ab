package datagram

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/lilo-live/lilo/internal/output"
)

// sendTimeout is how long a train may wait for room in the socket's queue.
const sendTimeout = 2 * time.Millisecond

// dialer returns the function that opens the sockets of one Conn.
func dialer(d output.Dialer) func(address) (socket, error) {
	if d == nil {
		return dial
	}
	return func(a address) (socket, error) {
		conn, err := d(a.peer)
		if err != nil {
			return nil, err
		}
		return newConnSocket(conn, a), nil
	}
}

// connSocket sends one datagram a call, through the standard library.
type connSocket struct {
	conn net.Conn
	head int
	body int
	buf  []byte
}

func newConnSocket(conn net.Conn, a address) *connSocket {
	return &connSocket{conn: conn, head: a.head, body: a.body, buf: make([]byte, a.head+a.body)}
}

func (s *connSocket) write(headers, payload []byte) (int, error) {
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

func (s *connSocket) setBody(bytes int) {
	s.body, s.buf = bytes, make([]byte, s.head+bytes)
}

// mtu returns 0: what the path takes is unknown here.
func (s *connSocket) mtu() int { return 0 }

// fragment does nothing: the system cuts datagrams that are too long.
func (s *connSocket) fragment() {}

// stale returns false: the system follows its routes.
func (s *connSocket) stale() bool { return false }

// buffer returns 0: the system does not say.
func (s *connSocket) buffer() int { return 0 }

func (s *connSocket) source() netip.Addr {
	at, _ := netip.ParseAddrPort(s.conn.LocalAddr().String())
	return at.Addr()
}

func (s *connSocket) close() error { return s.conn.Close() }
