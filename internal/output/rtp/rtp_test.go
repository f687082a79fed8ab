package rtp_test

import (
	"bytes"
	"testing"

	pion "github.com/pion/rtp"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/outputtest"
	"github.com/lilo-live/lilo/internal/output/rtp"
	"github.com/lilo-live/lilo/internal/packet"
)

// stream dates packet n with 1000·n, beyond 2³² too.
var stream = output.Stream{SSRC: 0x4c494c4f, RTPTime: func(n packet.Number) uint32 { return uint32(1000 * n) }}

func open(t *testing.T, host string, packets int) (output.Output, *outputtest.Listener) {
	l := outputtest.Listen(t, host, nil)
	d := channel.Destination{Scheme: "rtp", Host: host, Port: l.Port(), Packets: packets}
	o, err := rtp.Open(t.Context(), d, stream)
	if err != nil {
		t.Skipf("this machine cannot send to %s: %v", host, err)
	}
	return o, l
}

func TestContract(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			outputtest.Run(t, func(t *testing.T, packets int) (output.Output, func(int) []byte) {
				o, l := open(t, host, packets)
				return o, func(n int) (all []byte) {
					for len(all) < n {
						all = append(all, parse(t, l.Next()).Payload...)
					}
					return all
				}
			})
		})
	}
}

func parse(t *testing.T, b []byte) *pion.Packet {
	t.Helper()
	var p pion.Packet
	if err := p.Unmarshal(b); err != nil {
		t.Fatal(err)
	}
	return &p
}

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
			o, l := open(t, "127.0.0.1", 7)
			defer o.Close()
			o.Send(datagram*7, outputtest.Packets(datagram*7, 5*7))
			for i := range packet.Number(5) {
				checkHeader(t, l.Next(), datagram+i)
			}
		})
	}
}

func checkHeader(t *testing.T, got []byte, datagram packet.Number) {
	t.Helper()
	want := pion.Packet{Header: pion.Header{
		Version: 2, PayloadType: 33, SequenceNumber: uint16(datagram), Timestamp: uint32(datagram * 7000), SSRC: stream.SSRC,
	}, Payload: outputtest.Packets(datagram*7, 7)}
	b, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, b) {
		t.Errorf("datagram %d is % x…, want % x…", datagram, got[:16], b[:16])
	}
}
