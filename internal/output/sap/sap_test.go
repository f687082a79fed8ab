package sap

import (
	"bytes"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
	"github.com/lilo-live/lilo/internal/packet"
)

// RFC 2974, 3; RFC 2365, 6; RFC 4291, 2.7.
func TestGroupFor(t *testing.T) {
	for group, want := range map[string]string{
		"224.0.0.7":    "224.0.0.255",
		"224.2.1.1":    "224.2.127.254",
		"232.1.1.1":    "224.2.127.254",
		"239.255.7.7":  "239.255.255.255",
		"239.1.1.1":    "239.255.255.255",
		"239.193.1.1":  "239.195.255.255",
		"ff15::7":      "ff05::2:7ffe",
		"ff02::7%eth0": "ff02::2:7ffe%eth0",
	} {
		if got := groupFor(netip.MustParseAddr(group)); got.String() != want {
			t.Errorf("%s is announced to %v, want %s", group, got, want)
		}
	}
}

// sender is an output on the loopback interface.
type sender struct {
	*datagram.Conn

	at *net.UDPAddr // where announcements go instead
}

func (s sender) Peer() netip.AddrPort { return netip.MustParseAddrPort("239.1.1.1:5000") }

func (s sender) Beside(at netip.AddrPort, bytes int) (*datagram.Conn, error) {
	if at.String() != "239.255.255.255:9875" {
		panic("announced to " + at.String())
	}
	return s.Conn.Beside(s.at.AddrPort(), bytes)
}

// The channel is announced at once, every five seconds, and taken back at its end
// (RFC 2974, 4 and 6).
func TestAnnounce(t *testing.T) {
	listener, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	at := listener.LocalAddr().(*net.UDPAddr)
	c, err := datagram.Open(t.Context(), channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: 9}, datagram.Header{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := channel.Destination{Scheme: "rtp", Host: "239.1.1.1", Port: 5000}
	stream := output.Stream{Name: "News", BitRate: 5_000_000, Time: func(n packet.Number) time.Time { return time.Unix(int64(n)/7, 0) }}
	o, err := Announce(sender{c, at}, d, stream)
	if err != nil {
		t.Fatal(err)
	}
	for second := range packet.Number(11) {
		o.Send(7*second, make([]byte, 7*packet.Size))
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for i, kind := range []byte{0x20, 0x20, 0x20, 0x24} { // At 0, 5 and 10 s, and at the end.
		b := make([]byte, 2000)
		_ = listener.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := listener.Read(b)
		if err != nil {
			t.Fatalf("announcement %d: %v", i, err)
		}
		b = b[:n]
		if i == 0 {
			first = b
		}
		if b[0] != kind || b[1] != 0 || !bytes.Equal(b[1:], first[1:]) || binary.BigEndian.Uint16(b[2:]) == 0 {
			t.Errorf("announcement %d is % x, want % x with the flags %x", i, b[:8], first[:8], kind)
		}
		head, text, _ := strings.Cut(string(b[8:]), "\x00")
		if head != "application/sdp" || !bytes.Equal(b[4:8], []byte{127, 0, 0, 1}) ||
			!strings.Contains(text, "s=News\r\n") || !strings.Contains(text, "c=IN IP4 239.1.1.1/1\r\n") || !strings.Contains(text, "m=video 5000 RTP/AVP 33\r\n") {
			t.Errorf("announcement %d from %v: %s %s", i, b[4:8], head, text)
		}
	}
}

func TestUnicastIsNotAnnounced(t *testing.T) {
	d := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: 9, SAP: true}
	c, err := datagram.Open(t.Context(), d, datagram.Header{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const want = "rtp://127.0.0.1:9: sap= announces multicast groups, and 127.0.0.1 is none: leave it out"
	if _, err := Announce(c, d, output.Stream{}); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
