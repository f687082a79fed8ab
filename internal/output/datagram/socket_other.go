//go:build !linux

package datagram

import (
	"cmp"
	"errors"
	"net"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/lilo-live/lilo/internal/fault"
)

func dial(a address) (socket, error) {
	l, err := a.link()
	if err != nil {
		return nil, err
	}
	if l.Interface != nil && !a.peer.Addr().IsMulticast() && a.peer.Addr().Zone() == "" {
		return nil, fault.New(fault.Destination, "iface=%s: this system does not let a program choose the interface of unicast: give localaddr=", a.Interface)
	}
	from := &net.UDPAddr{IP: l.source.AsSlice(), Port: a.LocalPort, Zone: a.peer.Addr().Zone()}
	conn, err := net.DialUDP("udp", from, net.UDPAddrFromAddrPort(a.peer))
	if err != nil {
		return nil, err
	}
	if err := prepare(conn, a, l); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return newConnSocket(conn, a), nil
}

func prepare(conn *net.UDPConn, a address, l link) error {
	_ = conn.SetWriteBuffer(cmp.Or(a.SendBuffer, 2<<20)) // The system grants what it can.
	if err := setHops(conn, a); err != nil {
		return fault.New(fault.Destination, "set ttl=%d: %w", a.TTL, err)
	}
	if err := setClass(conn, a); err != nil {
		return fault.New(fault.Destination, "set dscp=%d: %w", a.DSCP, err)
	}
	if l.Interface == nil || !a.peer.Addr().IsMulticast() {
		return nil
	}
	set := ipv6.NewPacketConn(conn).SetMulticastInterface
	if a.peer.Addr().Is4() {
		set = ipv4.NewPacketConn(conn).SetMulticastInterface
	}
	if err := set(l.Interface); err != nil {
		return fault.New(fault.Destination, "iface=%s cannot be used: %w", l.Name, err)
	}
	return nil
}

func setClass(conn *net.UDPConn, a address) error {
	switch {
	case a.DSCP == 0:
		return nil
	case a.peer.Addr().Is4():
		return ipv4.NewConn(conn).SetTOS(a.DSCP << 2)
	}
	return ipv6.NewConn(conn).SetTrafficClass(a.DSCP << 2)
}

func setHops(conn *net.UDPConn, a address) error {
	ip := a.peer.Addr()
	switch {
	case a.TTL == 0:
		return nil
	case ip.Is4() && ip.IsMulticast():
		return ipv4.NewPacketConn(conn).SetMulticastTTL(a.TTL)
	case ip.Is4():
		return ipv4.NewConn(conn).SetTTL(a.TTL)
	case ip.IsMulticast():
		return ipv6.NewPacketConn(conn).SetMulticastHopLimit(a.TTL)
	}
	return ipv6.NewConn(conn).SetHopLimit(a.TTL)
}
