package outputs_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/outputs"
	"github.com/lilo-live/lilo/internal/packet"
)

// TestContract runs the contract of output.Output over the output of every scheme.
func TestContract(t *testing.T) {
	for _, s := range channel.Schemes() {
		for _, ip := range []string{"127.0.0.1", "::1", "239.255.77.1", "ff01::4c49"} {
			for _, packets := range []int{1, 3, 7} {
				t.Run(fmt.Sprintf("%s to %s, %d packets a datagram", s.Name, ip, packets), func(t *testing.T) {
					testContract(t, channel.Destination{Scheme: s.Name, Host: ip, Packets: packets})
				})
			}
		}
	}
}

func testContract(t *testing.T, d channel.Destination) {
	l := listen(t, &d)
	all, err := outputs.Open(t.Context(), []channel.Destination{d}, output.Stream{
		RTPTime: func(n packet.Number) uint32 { return uint32(n) },
		Time:    func(n packet.Number) time.Time { return time.Unix(0, int64(n)*2_000_000) },
	})
	if err != nil {
		t.Fatal(err)
	}
	o := all[0]
	if o.URL() == "" {
		t.Error("URL is empty")
	}
	if got := o.Packets(); got != d.Packets {
		t.Errorf("Packets = %d, want %d", got, d.Packets)
	}
	delivers(t, o, l)
	payload := numbered(0, 5*d.Packets)
	if n := testing.AllocsPerRun(20, func() { o.Send(0, payload) }); n > 0 {
		t.Errorf("Send allocates %v times a train, want 0", n)
	}
	if err := o.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// delivers sends trains of one datagram, of a few, and of more than one system
// call takes, out of one buffer that is overwritten after each, and expects all
// bytes at the other end, in order.
func delivers(t *testing.T, o output.Output, l *net.UDPConn) {
	t.Helper()
	first := packet.Number(o.Packets()) * 65530 // The RTP sequence number wraps on the way.
	for _, datagrams := range []int{1, 2, 5, 70} {
		payload := numbered(first, datagrams*o.Packets())
		want := bytes.Clone(payload)
		if r := o.Send(first, payload); r != (output.Result{Sent: datagrams}) {
			t.Fatalf("Send of %d datagrams = %+v", datagrams, r)
		}
		clear(payload)
		if got := receive(t, l, len(want)); !bytes.Equal(got, want) {
			t.Fatalf("%d datagrams from packet %d on did not arrive as they were sent", datagrams, first)
		}
		first += packet.Number(datagrams * o.Packets())
	}
}

// numbered returns n null packets (ISO/IEC 13818-1, 2.4.3.3) with their numbers
// from first on in the eight bytes after the header.
func numbered(first packet.Number, n int) []byte {
	b := make([]byte, n*packet.Size)
	for i := range n {
		p := b[i*packet.Size:]
		binary.BigEndian.PutUint32(p, 0x471f_ff10)
		binary.BigEndian.PutUint64(p[4:], uint64(first)+uint64(i))
	}
	return b
}

// listen opens a socket at the destination, to which it adds the port and, for a
// multicast group, the loopback interface.
func listen(t *testing.T, d *channel.Destination) *net.UDPConn {
	t.Helper()
	ip := netip.MustParseAddr(d.Host)
	if ip.Is6() {
		needIPv6(t, ip.IsMulticast())
	}
	local := ip
	if ip.IsMulticast() {
		local = netip.IPv6Unspecified()
	}
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0)))
	if err != nil {
		t.Fatalf("cannot listen on %s: %v", ip, err)
	}
	d.Port = conn.LocalAddr().(*net.UDPAddr).Port
	if ip.IsMulticast() {
		_ = conn.Close() // It was opened to find a free port.
		lo := loopback(t)
		d.Interface, d.TTL = lo.Name, 3
		if conn, err = net.ListenMulticastUDP("udp", &lo, &net.UDPAddr{IP: ip.AsSlice(), Port: d.Port}); err != nil {
			t.Fatalf("cannot join %s: %v", ip, err)
		}
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// needIPv6 skips a test on a machine whose loopback has no IPv6 or, for a group, does not carry its groups.
func needIPv6(t *testing.T, group bool) {
	t.Helper()
	probe, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		t.Skip("this machine has no IPv6: ::1 is missing")
	}
	defer probe.Close()
	if !group {
		return
	}
	lo := loopback(t)
	joined, err := net.ListenMulticastUDP("udp6", &lo, &net.UDPAddr{IP: net.ParseIP("ff01::1:4c49")})
	if err != nil {
		t.Fatal(err)
	}
	defer joined.Close()
	to := joined.LocalAddr().(*net.UDPAddr)
	to.IP, to.Zone = net.ParseIP("ff01::1:4c49"), lo.Name
	_, err = probe.WriteTo([]byte{0}, to)
	if err == nil {
		_ = joined.SetReadDeadline(time.Now().Add(time.Second))
		_, err = joined.Read(make([]byte, 1))
	}
	if err != nil {
		t.Skipf("the loopback of this machine carries no IPv6 groups: %v", err)
	}
}

func loopback(t *testing.T) net.Interface {
	t.Helper()
	all, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback != 0 {
			return i
		}
	}
	t.Fatal("no loopback interface")
	return net.Interface{}
}

// receive waits for n bytes of TS. What precedes the packets of a datagram is a
// header (RFC 2250, 2).
func receive(t *testing.T, l *net.UDPConn, n int) (all []byte) {
	t.Helper()
	buf := make([]byte, 1<<16)
	for len(all) < n {
		_ = l.SetReadDeadline(time.Now().Add(10 * time.Second))
		m, err := l.Read(buf)
		if err != nil {
			t.Fatalf("no datagram came: %v", err)
		}
		all = append(all, buf[m%packet.Size:m]...)
	}
	return all
}
