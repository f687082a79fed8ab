package rtp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
	"github.com/lilo-live/lilo/internal/packet"
)

// reportInterval is the time between two sender reports (RFC 3550, 6.2). It is not varied
// by chance, since there is one sender and every datagram is a function of time.
const reportInterval = 5 * time.Second

// Lengths in bytes: a sender report without reception reports (RFC 3550, 6.4.1), and a source
// description with a CNAME of 13 bytes (6.5).
const (
	senderReportSize = 28
	descriptionSize  = 4 + 4 + 2 + cnameSize + 1
	cnameSize        = 13
)

// reports sends RTCP sender reports to the port above that of the stream.
type reports struct {
	to     *datagram.Conn
	stream output.Stream
	packet []byte
	next   time.Time
}

func openReports(c *datagram.Conn, of output.Stream) (*reports, error) {
	peer := c.Peer()
	to, err := c.Beside(netip.AddrPortFrom(peer.Addr(), peer.Port()+1), senderReportSize+descriptionSize)
	if err != nil {
		return nil, err
	}
	return &reports{to: to, stream: of, packet: newReport(of.SSRC)}, nil
}

// newReport returns a compound packet whose times and counts are to be set.
func newReport(ssrc uint32) []byte {
	const (
		version                       = 2 << 6
		senderReport, description     = 200, 202
		cname                         = 1
		senderWords, descriptionWords = senderReportSize/4 - 1, descriptionSize/4 - 1
	)
	b := []byte{version, senderReport, 0, senderWords}
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(b, make([]byte, senderReportSize-len(b))...)
	b = append(b, version|1, description, 0, descriptionWords)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(b, cname, cnameSize)
	// The same on all paths and after a restart, as the SSRC (RFC 7022, 4.2).
	b = append(b, fmt.Sprintf("%08x@lilo", ssrc)...)
	return append(b, 0)
}

// before sends a report if one is due when the datagram of that number leaves, which
// begins with packet n.
func (r *reports) before(n, number, packets packet.Number) {
	at := r.stream.Time(n)
	if at.Before(r.next) && r.next.Sub(at) <= reportInterval {
		return
	}
	r.next = at.Add(reportInterval)
	binary.BigEndian.PutUint64(r.packet[8:], ntp(at))
	binary.BigEndian.PutUint32(r.packet[16:], r.stream.RTPTime(n))
	binary.BigEndian.PutUint32(r.packet[20:], uint32(number))
	binary.BigEndian.PutUint32(r.packet[24:], uint32(number*packets*packet.Size))
	r.to.Send(0, r.packet)
}

// ntp returns a time as NTP has it: seconds since 1900 in units of 2⁻³² s (RFC 3550, 4).
func ntp(t time.Time) uint64 {
	const from1900to1970 = 2_208_988_800
	return uint64(t.Unix()+from1900to1970)<<32 | uint64(t.Nanosecond())<<32/uint64(time.Second)
}
