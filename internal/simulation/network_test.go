package simulation

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// network carries datagrams to receivers.
type network struct {
	world *world
	mu    sync.Mutex
	at    map[netip.AddrPort]*endpoint
}

// endpoint is where datagrams go.
type endpoint struct {
	name     string
	trouble  atomic.Pointer[trouble]
	receiver *receiver // nil for one that only takes them
}

// trouble is what happens to those who send to an endpoint.
type trouble struct {
	name   string
	err    error // of a write
	dialed error // of opening a socket
	block  bool  // writes wait until their deadline
}

func troubles() []*trouble {
	return []*trouble{
		{name: "its queue is full", err: syscall.ENOBUFS},
		{name: "a firewall refuses", err: syscall.EPERM, dialed: syscall.EPERM},
		{name: "the network is down", err: syscall.ENETDOWN, dialed: syscall.ENETUNREACH},
		{name: "there is no route", err: syscall.EHOSTUNREACH, dialed: syscall.ENETUNREACH},
		{name: "nobody listens", err: syscall.ECONNREFUSED},
		{name: "writes wait", block: true},
	}
}

// endpoint returns the endpoint of an address.
func (n *network) endpoint(at netip.AddrPort) *endpoint {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.at == nil {
		n.at = map[netip.AddrPort]*endpoint{}
	}
	if n.at[at] == nil {
		n.at[at] = &endpoint{name: at.String()}
	}
	return n.at[at]
}

// socket is a connected socket of a process.
type socket struct {
	process  *process
	to       *endpoint
	deadline time.Time
	play     *play // what its receiver expects
}

// dial opens a socket of a process.
func (n *network) dial(p *process, to netip.AddrPort) (net.Conn, error) {
	e := n.endpoint(to)
	if t := e.trouble.Load(); t != nil && t.dialed != nil {
		return nil, os.NewSyscallError("connect", t.dialed)
	}
	s := &socket{process: p, to: e}
	if e.receiver != nil && !p.dead.Load() {
		s.play = e.receiver.begin(p)
	}
	return s, nil
}

// Write implements net.Conn.
func (s *socket) Write(b []byte) (int, error) {
	if s.process.dead.Load() {
		return len(b), nil
	}
	if t := s.to.trouble.Load(); t != nil {
		if t.block {
			time.Sleep(time.Until(s.deadline))
			return 0, os.ErrDeadlineExceeded
		}
		return 0, os.NewSyscallError("sendmsg", t.err)
	}
	if s.play != nil {
		s.to.receiver.receive(s.play, b)
	}
	return len(b), nil
}

// SetWriteDeadline implements net.Conn.
func (s *socket) SetWriteDeadline(t time.Time) error {
	s.deadline = t
	return nil
}

func (*socket) Close() error                    { return nil }
func (*socket) Read([]byte) (int, error)        { return 0, errors.ErrUnsupported }
func (*socket) SetDeadline(time.Time) error     { return nil }
func (*socket) SetReadDeadline(time.Time) error { return nil }
func (*socket) LocalAddr() net.Addr             { return &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 1} }
func (s *socket) RemoteAddr() net.Addr          { return nil }

// listener is the listener of a process, within the process of the test.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newListener() *listener {
	return &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (*listener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

// dial connects a client.
func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- fromHere{server}:
		return client, nil
	case <-l.closed:
		return nil, syscall.ECONNREFUSED
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fromHere is a connection that comes from this machine.
type fromHere struct{ net.Conn }

// RemoteAddr implements net.Conn.
func (fromHere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50000} }
