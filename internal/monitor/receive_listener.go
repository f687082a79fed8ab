package monitor

import (
	"net"
	"time"

	"golang.org/x/net/ipv6"
)

// listener is a socket that takes what comes in by one network interface only: an IPv6
// socket gets the datagrams of a group that came in by any that another socket has joined
// it on (IPV6_MULTICAST_ALL of Linux compares groups, not interfaces).
type listener struct {
	*net.UDPConn

	index int // of the interface, 0 for any
}

// only makes l take what comes in by ifi. Where the system does not tell the
// interface, l takes everything.
func (l *listener) only(ifi *net.Interface) {
	if ifi != nil && ipv6.NewPacketConn(l.UDPConn).SetControlMessage(ipv6.FlagInterface, true) == nil {
		l.index = ifi.Index
	}
}

// read reads a datagram into buf, with room for control messages in oob. It returns the datagram's
// length, when it arrived, and how many the socket has had no room for so far.
func (l *listener) read(buf, oob []byte) (n int, at time.Time, overrun int64, err error) {
	for {
		n, on, _, _, err := l.ReadMsgUDPAddrPort(buf, oob)
		if err != nil {
			return 0, time.Time{}, 0, err
		}
		if !l.takes(oob[:on]) {
			continue
		}
		at, overrun, ok := ancillary(oob[:on])
		if !ok {
			at = time.Now()
		}
		return n, at, overrun, nil
	}
}

// takes reports whether the control messages of a datagram are those of one to take.
func (l *listener) takes(oob []byte) bool {
	if l.index == 0 {
		return true
	}
	var m ipv6.ControlMessage
	return m.Parse(oob) != nil || m.IfIndex == 0 || m.IfIndex == l.index
}
