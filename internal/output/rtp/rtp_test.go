package rtp_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"
	"time"

	pion "github.com/pion/rtp"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/rtp"
	"github.com/lilo-live/lilo/internal/packet"
)

// stream dates packet n with 1000·n, beyond 2³² too.
var stream = output.Stream{SSRC: 0x4c494c4f, RTPTime: func(n packet.Number) uint32 { return uint32(1000 * n) }}

// RFC 3550, 5.1 and RFC 2250, 2: the header follows from the number of the
// datagram alone, also where sequence number and timestamp wrap.
func TestHeader(t *testing.T) {
	for name, datagram := range map[string]packet.Number{
		"from the epoch":                       0,
		"the sequence number wraps":            1<<16 - 2,
		"the timestamp wraps":                  (1<<32)/7000 - 1,
		"fifty-six years of 5 Mb/s after 1970": 839_000_000_000,
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			d := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: l.LocalAddr().(*net.UDPAddr).Port, Packets: 7}
			o, err := rtp.Open(t.Context(), d, stream)
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			o.Send(datagram*7, bytes.Repeat(payload(), 5))
			_ = l.SetReadDeadline(time.Now().Add(10 * time.Second))
			buf := make([]byte, 2000)
			for i := range packet.Number(5) {
				n, err := l.Read(buf)
				if err != nil {
					t.Fatal(err)
				}
				checkHeader(t, buf[:n], datagram+i)
			}
		})
	}
}

// payload returns what a datagram carries.
func payload() []byte { return bytes.Repeat([]byte{0x47}, 7*packet.Size) }

func checkHeader(t *testing.T, got []byte, datagram packet.Number) {
	t.Helper()
	want := pion.Packet{Header: pion.Header{
		Version: 2, PayloadType: 33, SequenceNumber: uint16(datagram), Timestamp: uint32(datagram * 7000), SSRC: stream.SSRC,
	}, Payload: payload()}
	b, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b) {
		t.Errorf("datagram %d is % x…, want % x…", datagram, got[:16], b[:16])
	}
}

// RFC 3550, 6.4.1 and 6.5: a sender report and a source description go to the port above
// at once and every five seconds, and follow from the number of the packet.
func TestSenderReports(t *testing.T) {
	l, above := adjacent(t)
	of := stream
	of.Time = func(n packet.Number) time.Time {
		return time.Unix(1_700_000_000, 500_000_000).Add(time.Duration(n) * time.Second / 7)
	}
	d := channel.Destination{Scheme: "rtp", Host: "127.0.0.1", Port: l.LocalAddr().(*net.UDPAddr).Port, RTCP: true}
	o, err := rtp.Open(t.Context(), d, of)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	payload := make([]byte, 7*packet.Size)
	if n := testing.AllocsPerRun(10, func() { o.Send(0, payload) }); n > 0 {
		t.Errorf("Send allocates %v times, want 0", n)
	}
	if got := next(t, above); len(got) != 52 {
		t.Fatalf("a report of %d bytes, want 52", len(got))
	}
	for second := range packet.Number(6) {
		o.Send(7*second, payload)
	}
	got := next(t, above)
	want := []byte{0x80, 200, 0, 6, 'L', 'I', 'L', 'O'}
	want = binary.BigEndian.AppendUint32(want, 1_700_000_005+2_208_988_800)
	want = binary.BigEndian.AppendUint32(want, 1<<31)
	want = binary.BigEndian.AppendUint32(want, 35_000)
	want = binary.BigEndian.AppendUint32(want, 5)
	want = binary.BigEndian.AppendUint32(want, 5*7*packet.Size)
	want = append(want, 0x81, 202, 0, 5, 'L', 'I', 'L', 'O', 1, 13)
	want = append(want, "4c494c4f@lilo\x00"...)
	if !bytes.Equal(got, want) {
		t.Errorf("the report is\n% x, want\n% x", got, want)
	}
}

// adjacent listens on two ports, one above the other.
func adjacent(t *testing.T) (l, above *net.UDPConn) {
	t.Helper()
	for range 100 {
		l := listenOn(0)
		if l == nil {
			continue
		}
		if above := listenOn(l.LocalAddr().(*net.UDPAddr).Port + 1); above != nil {
			t.Cleanup(func() { _, _ = l.Close(), above.Close() })
			return l, above
		}
		_ = l.Close()
	}
	t.Fatal("no two ports are free")
	return nil, nil
}

func listenOn(port int) *net.UDPConn {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		return nil
	}
	return c
}

func next(t *testing.T, c *net.UDPConn) []byte {
	t.Helper()
	b := make([]byte, 2000)
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}
