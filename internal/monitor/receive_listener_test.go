package monitor

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

// What comes in by another interface than that of the leg does not count.
func TestListenerOfOneInterface(t *testing.T) {
	lo := interfaceOf("::1")
	if lo == nil {
		t.Skip("this machine has no ::1")
	}
	for name, c := range map[string]struct {
		ifi   *net.Interface
		taken bool
	}{
		"its own": {lo, true},
		"another": {&net.Interface{Index: lo.Index + 1000}, false},
		"any":     {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			l := &listener{UDPConn: conn}
			l.only(c.ifi)
			if c.ifi != nil && l.index == 0 {
				t.Skip("this system does not tell the interface")
			}
			if _, err := conn.WriteTo([]byte("datagram"), conn.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			n, _, _, err := l.read(make([]byte, 100), make([]byte, 256))
			if taken := err == nil && n == 8; taken != c.taken || !taken && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%d bytes, %v, want it taken: %v", n, err, c.taken)
			}
		})
	}
}
