// Package rtp sends a transport stream in RTP datagrams over UDP (RFC 2250,
// RFC 3551, RFC 3550).
package rtp

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
	"github.com/lilo-live/lilo/internal/packet"
)

// headerSize is the length of an RTP header.
const headerSize = channel.RTPHeader

// Version 2, no padding, no extension, no CSRC; payload type 33, MP2T
// (RFC 3551, 6), and no marker, since LILO's clock never jumps (RFC 2250, 2).
const (
	firstByte  = 2 << 6
	secondByte = 33
)

// rtp is a socket and what is sent beside it.
type rtp struct {
	*datagram.Conn

	packets packet.Number // TS packets a datagram
	reports *reports      // nil without RTCP
	fec     *fec          // nil without FEC
}

// Open opens a socket to the destination. Faults are of kind Destination.
func Open(ctx context.Context, to channel.Destination, of output.Stream) (output.Output, error) {
	header := datagram.Header{Size: headerSize, Write: func(h []byte, n, number packet.Number) { writeHeader(h, of, n, number) }}
	if of.FEC != nil {
		header.Reserve = fecHeaderSize
	}
	c, err := datagram.Open(ctx, to, header, of.Dial)
	if err != nil {
		return nil, err
	}
	o := &rtp{Conn: c, packets: packet.Number(c.Packets())}
	if to.RTCP {
		if o.reports, err = openReports(c, of); err != nil {
			return nil, errors.Join(err, o.Close())
		}
	}
	if of.FEC != nil {
		if o.fec, err = openFEC(c, of); err != nil {
			return nil, errors.Join(err, o.Close())
		}
	}
	return o, nil
}

func writeHeader(h []byte, of output.Stream, n, number packet.Number) {
	h[0], h[1] = firstByte, secondByte
	binary.BigEndian.PutUint16(h[2:], uint16(number))
	binary.BigEndian.PutUint32(h[4:], of.RTPTime(n))
	binary.BigEndian.PutUint32(h[8:], of.SSRC)
}

// Packets implements output.Output.
func (o *rtp) Packets() int {
	n := o.Conn.Packets()
	o.packets = packet.Number(n)
	return n
}

// Send implements output.Output.
func (o *rtp) Send(first packet.Number, payload []byte) output.Result {
	if o.reports != nil {
		o.reports.before(first, first/o.packets, o.packets)
	}
	r := o.Conn.Send(first, payload)
	if o.fec != nil {
		o.fec.after(first, o.packets, payload)
	}
	return r
}

// Close implements output.Output.
func (o *rtp) Close() error {
	var err error
	if o.reports != nil {
		err = o.reports.to.Close()
	}
	if o.fec != nil {
		err = errors.Join(err, o.fec.close())
	}
	return errors.Join(err, o.Conn.Close())
}
