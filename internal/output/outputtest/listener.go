package outputtest

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// timeout is how long Next waits for a datagram.
const timeout = 10 * time.Second

// Listener receives the datagrams of an output under test.
type Listener struct {
	t    *testing.T
	conn *net.UDPConn
}

// Listen opens a listener on a free port of the address: an address of this
// host or a multicast group, joined on that interface (nil: the system's choice).
func Listen(t *testing.T, ip string, on *net.Interface) *Listener {
	t.Helper()
	addr := net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 0))
	conn, err := net.ListenUDP("udp", addr)
	if addr.IP.IsMulticast() {
		conn, err = net.ListenMulticastUDP("udp", on, &net.UDPAddr{IP: addr.IP, Port: freePort(t)})
	}
	if err != nil {
		t.Skipf("cannot listen on %s: %v", ip, err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Listener{t, conn}
}

func freePort(t *testing.T) int {
	conn, err := net.ListenUDP("udp", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).Port
}

// Port returns the port it listens on.
func (l *Listener) Port() int { return l.conn.LocalAddr().(*net.UDPAddr).Port }

// Next waits for a datagram and returns it.
func (l *Listener) Next() []byte {
	l.t.Helper()
	buf := make([]byte, 1<<16)
	if err := l.conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		l.t.Fatal(err)
	}
	n, err := l.conn.Read(buf)
	if err != nil {
		l.t.Fatalf("no datagram came: %v", err)
	}
	return buf[:n]
}

// Close stops listening before the test ends.
func (l *Listener) Close() { _ = l.conn.Close() }
