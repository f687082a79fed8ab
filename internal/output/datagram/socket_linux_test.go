package datagram

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/lilo-live/lilo/internal/channel"
)

// pair returns a socket and what listens to it; headers of 12 bytes, bodies of 188.
func pair(t testing.TB) (*udpSocket, *net.UDPConn) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	w, err := dial(address{peer: conn.LocalAddr().(*net.UDPAddr).AddrPort(), head: 12, body: 188})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.close() })
	return w.(*udpSocket), conn
}

func expect(t *testing.T, conn *net.UDPConn, headers, payload []byte) {
	t.Helper()
	buf := make([]byte, 2000)
	for i := range len(payload) / 188 {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		want := append(bytes.Clone(headers[i*12:(i+1)*12]), payload[i*188:(i+1)*188]...)
		if !bytes.Equal(buf[:n], want) {
			t.Fatalf("datagram %d is not as it was sent", i)
		}
	}
}

func train(n int) (headers, payload []byte) {
	headers, payload = make([]byte, 12*n), make([]byte, 188*n)
	for i := range headers {
		headers[i] = byte(i)
	}
	for i := range payload {
		payload[i] = byte(i / 188)
	}
	return headers, payload
}

func TestWriteWithoutOffload(t *testing.T) {
	s, conn := pair(t)
	s.offload(false)
	headers, payload := train(maxBatch)
	if n, err := s.write(headers, payload); n != maxBatch || err != nil {
		t.Fatalf("write = %d, %v", n, err)
	}
	expect(t, conn, headers, payload)
}

// A kernel that refuses the offload at send time is forced with segments
// longer than the loopback's MTU would allow: they cannot be cut.
func TestRefusedOffloadIsTriedAgain(t *testing.T) {
	s, conn := pair(t)
	if !s.segment {
		t.Skip("this kernel has no UDP_SEGMENT")
	}
	// 3 segments of 1 byte to the byte: more than the kernel cuts one call into.
	if err := unix.SetsockoptInt(s.fd, unix.SOL_UDP, unix.UDP_SEGMENT, 1); err != nil {
		t.Fatal(err)
	}
	headers, payload := train(maxBatch)
	for i := range offloadAgain + 1 {
		if n, err := s.write(headers, payload); n != maxBatch || err != nil {
			t.Fatalf("write = %d, %v", n, err)
		}
		expect(t, conn, headers, payload)
		if on := i == offloadAgain; s.segment != on {
			t.Fatalf("after call %d the offload is on: %v, want %v", i, s.segment, on)
		}
	}
}

func TestOffloadSendsOneCall(t *testing.T) {
	s, conn := pair(t)
	headers, payload := train(maxBatch)
	if n, err := s.write(headers, payload); n != maxBatch || err != nil {
		t.Fatalf("write = %d, %v", n, err)
	}
	expect(t, conn, headers, payload)
}

func TestNoListenerIsRefused(t *testing.T) {
	s, conn := pair(t)
	_ = conn.Close()
	headers, payload := train(1)
	var err error
	for range 3 { // The refusal of one datagram is told at the next.
		if _, err = s.write(headers, payload); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.ECONNREFUSED) || !refused(err) {
		t.Errorf("write = %v, want %v", err, syscall.ECONNREFUSED)
	}
}

func TestHops(t *testing.T) {
	for host, option := range map[string][2]int{
		"239.255.77.2:5000":  {unix.IPPROTO_IP, unix.IP_MULTICAST_TTL},
		"127.0.0.1:5000":     {unix.IPPROTO_IP, unix.IP_TTL},
		"[ff01::4c4a]:5000":  {unix.IPPROTO_IPV6, unix.IPV6_MULTICAST_HOPS},
		"[2001:db8::1]:5000": {unix.IPPROTO_IPV6, unix.IPV6_UNICAST_HOPS},
	} {
		t.Run(host, func(t *testing.T) {
			a := address{Destination: channel.Destination{TTL: 9}, peer: mustPeer(host)}
			family := unix.AF_INET6
			if a.peer.Addr().Is4() {
				family = unix.AF_INET
			}
			fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			if errors.Is(err, unix.EAFNOSUPPORT) {
				t.Skip("this machine has no IPv6")
			}
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(fd)
			if err := setHeader(fd, a); err != nil {
				t.Fatal(err)
			}
			if got, err := unix.GetsockoptInt(fd, option[0], option[1]); got != 9 || err != nil {
				t.Errorf("hops %d, %v, want 9", got, err)
			}
		})
	}
}

// The socket has the options that the destination names.
func TestOptions(t *testing.T) {
	for _, host := range []string{"127.0.0.1:5000", "[::1]:5000"} {
		t.Run(host, func(t *testing.T) {
			peer := mustPeer(host)
			to := channel.Destination{DSCP: 46, LocalAddr: peer.Addr().String(), LocalPort: 45678, SendBuffer: 16384}
			w, err := dial(address{Destination: to, peer: peer, head: 12, body: 188})
			if errors.Is(err, unix.EADDRNOTAVAIL) && peer.Addr().Is6() {
				t.Skip("this machine has no ::1")
			}
			if err != nil {
				t.Fatal(err)
			}
			defer w.close()
			fd, level, class := w.(*udpSocket).fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS
			if peer.Addr().Is4() {
				level, class = unix.IPPROTO_IP, unix.IP_TOS
			}
			if got, err := unix.GetsockoptInt(fd, level, class); got != 46<<2 || err != nil {
				t.Errorf("traffic class %d, %v, want %d", got, err, 46<<2)
			}
			// socket(7): the kernel doubles the value.
			if got, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF); got != 2*16384 || err != nil {
				t.Errorf("send buffer %d, %v, want %d", got, err, 2*16384)
			}
			if again, err := dial(address{Destination: to, peer: peer, head: 12, body: 188}); err != nil {
				t.Errorf("the socket that replaces it cannot have its source: %v", err)
			} else {
				_ = again.close()
			}
			at, err := unix.Getsockname(fd)
			if err != nil {
				t.Fatal(err)
			}
			port := 0
			switch at := at.(type) {
			case *unix.SockaddrInet4:
				port = at.Port
			case *unix.SockaddrInet6:
				port = at.Port
			}
			if port != 45678 {
				t.Errorf("source port %d, want 45678", port)
			}
		})
	}
}

// RFC 1112, 6.4: a group's datagrams go to the group, never to a router.
func TestMulticastIsNotRouted(t *testing.T) {
	w, err := dial(address{Destination: channel.Destination{Interface: "lo"}, peer: mustPeer("239.255.77.3:5000"), head: 12, body: 188})
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if got, err := unix.GetsockoptInt(w.(*udpSocket).fd, unix.SOL_SOCKET, unix.SO_DONTROUTE); got != 1 || err != nil {
		t.Errorf("SO_DONTROUTE = %d, %v, want 1", got, err)
	}
}

func TestRouteTo(t *testing.T) {
	ifi, err := routeTo(netip.MustParseAddr("127.0.0.1"), netip.Addr{})
	if err != nil || ifi.Flags&net.FlagLoopback == 0 {
		t.Errorf("127.0.0.1 is reached by %v, %v, want the loopback interface", ifi, err)
	}
}

// BenchmarkTrain measures what a train of 4 datagrams of 7 TS packets costs,
// one call or four.
func BenchmarkTrain(b *testing.B) {
	for name, plain := range map[string]bool{"offload": false, "plain": true} {
		b.Run(name, func(b *testing.B) {
			_, conn := pair(b)
			w, err := dial(address{peer: conn.LocalAddr().(*net.UDPAddr).AddrPort(), head: 12, body: 7 * 188})
			if err != nil {
				b.Fatal(err)
			}
			defer w.close()
			w.(*udpSocket).capable = !plain
			w.setBody(7 * 188)
			headers, payload := make([]byte, 4*12), make([]byte, 4*7*188)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.write(headers, payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
