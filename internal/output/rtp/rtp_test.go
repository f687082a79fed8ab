package rtp_test

import (
	"bytes"
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
