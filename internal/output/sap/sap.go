// Package sap announces a channel to the receivers of its network, so that players list
// it: its session description goes to a well-known group (SAP, RFC 2974).
package sap

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"net/netip"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/output/datagram"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/session"
)

// Port is where announcements go (RFC 2974, 3).
const Port = 9875

// interval is the time between two announcements. Receivers forget a session that has
// not been announced for ten of them (RFC 2974, 4).
const interval = 5 * time.Second

// announcer is an output that announces what it sends.
type announcer struct {
	output.Output

	to       *datagram.Conn
	stream   output.Stream
	announce []byte
	forget   []byte
	next     time.Time
}

// Sender is an output whose datagrams have a source and a peer.
type Sender interface {
	output.Output

	Peer() netip.AddrPort
	Source() netip.Addr
	Beside(at netip.AddrPort, bytes int) (*datagram.Conn, error)
}

// Announce returns an output that announces another while it sends, and takes the
// announcement back when it is closed. Faults are of kind Destination.
func Announce(o Sender, d channel.Destination, stream output.Stream) (output.Output, error) {
	if err := d.CheckSAP(o.Peer().Addr()); err != nil {
		return nil, fault.New(fault.Destination, "%s: %w", o.URL(), err)
	}
	group := groupFor(o.Peer().Addr())
	s := session.Session{ID: d.TargetAddress(), Name: stream.Name, BitRate: stream.BitRate, Origin: o.Source(), Version: 1}
	d.Packets = o.Packets()
	text, err := s.Describe(d)
	if err != nil {
		return nil, fault.New(fault.Destination, "%s: describe the session: %w", o.URL(), err)
	}
	a := &announcer{Output: o, stream: stream, announce: message(text, s.Origin, 0), forget: message(text, s.Origin, deletion)}
	if a.to, err = o.Beside(netip.AddrPortFrom(group, Port), len(a.announce)); err != nil {
		return nil, err
	}
	return a, nil
}

// groupFor returns the group to which sessions of another are announced (RFC 2974, 3): that of
// its scope. Groups of 239.0.0.0/8 outside the scopes of RFC 2365 count as local.
func groupFor(of netip.Addr) netip.Addr {
	ip := of.Unmap()
	switch {
	case ip.Is6():
		b := ip.As16()
		b = [16]byte{0xff, b[1] & 0x0f, 13: 2, 14: 0x7f, 15: 0xfe}
		return netip.AddrFrom16(b).WithZone(ip.Zone())
	case netip.MustParsePrefix("224.0.0.0/24").Contains(ip):
		return netip.AddrFrom4([4]byte{224, 0, 0, 255})
	case netip.MustParsePrefix("239.192.0.0/14").Contains(ip):
		return netip.AddrFrom4([4]byte{239, 195, 255, 255})
	case netip.MustParsePrefix("239.0.0.0/8").Contains(ip):
		return netip.AddrFrom4([4]byte{239, 255, 255, 255})
	}
	return netip.AddrFrom4([4]byte{224, 2, 127, 254})
}

const (
	version  = 1 << 5
	ipv6     = 1 << 4
	deletion = 1 << 2
)

// message returns a SAP message (RFC 2974, 6). Its identifier follows from the description.
func message(text []byte, origin netip.Addr, kind byte) []byte {
	hash := fnv.New32a()
	hash.Write(text)
	first := version | kind
	if origin = origin.Unmap(); origin.Is6() {
		first |= ipv6
	}
	b := binary.BigEndian.AppendUint16([]byte{first, 0}, uint16(hash.Sum32())|1) // 0 would say that it does not identify it.
	b = append(b, origin.AsSlice()...)
	return append(append(b, "application/sdp\x00"...), text...)
}

// Send implements output.Output. An announcement that is lost is not missed: the next one
// follows soon.
func (a *announcer) Send(first packet.Number, payload []byte) output.Result {
	if at := a.stream.Time(first); !at.Before(a.next) || a.next.Sub(at) > interval {
		a.next = at.Add(interval)
		a.to.Send(0, a.announce)
	}
	return a.Output.Send(first, payload)
}

// Close takes the announcement back.
func (a *announcer) Close() error {
	a.to.Send(0, a.forget)
	return errors.Join(a.to.Close(), a.Output.Close())
}
