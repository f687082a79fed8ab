package datagram

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// overhead is how many bytes of an IP packet are not TS packets: the headers of IPv4 or
// IPv6, of UDP, and of the datagram or of a longer one beside it.
func (a address) overhead() int { return channel.IPHeaders(a.peer.Addr()) + a.head + a.reserve }

// fitting returns how many TS packets fit into an IP packet of that many bytes.
func (a address) fitting(mtu int) int { return channel.Fitting(mtu, a.peer.Addr(), a.head+a.reserve) }

// fitMTU gives datagrams as many TS packets as fit into the destination's own MTU.
func (a *address) fitMTU() error {
	if a.MTU == 0 {
		return nil
	}
	if err := a.CheckMTU(a.peer.Addr(), a.head+a.reserve); err != nil {
		return fault.New(fault.Destination, "%s: %w", a.url, err)
	}
	if a.Packets == 0 {
		a.body = a.fitting(a.MTU) * packet.Size
	}
	return nil
}

// fitPath does what is possible about datagrams that are longer than the path takes: it
// sends fewer TS packets in each from the next call of Packets on or, if the destination says how
// many, lets the system cut them. Until then they are cut in any case.
func (c *Conn) fitPath() {
	mtu, whole := c.socket.mtu(), c.to.overhead()+c.to.body
	if mtu == 0 || mtu >= whole {
		return
	}
	c.socket.fragment()
	fit := c.to.fitting(mtu)
	free := c.to.Packets == 0 && c.to.MTU == 0 && fit > 0
	if free {
		c.fewer = fit * packet.Size
	}
	if mtu == c.told {
		return
	}
	c.told = mtu
	switch {
	case free:
		jump := ""
		if c.to.head > 0 {
			jump = ", and RTP sequence numbers jump once"
		}
		c.note = fmt.Sprintf("the path takes %d bytes at once, so datagrams have %d TS packets from now on instead of %d%s: "+
			"pkt=%d says so from the start", mtu, fit, c.packets, jump, fit)
		c.shorter = output.Shorter{From: int(c.packets), To: fit}
	case fit > 0:
		c.note = fmt.Sprintf("datagrams of %d bytes are fragmented, because the path takes %d at once: pkt=%d avoids it", whole, mtu, fit)
	default:
		c.note = fmt.Sprintf("datagrams of %d bytes are fragmented, because the path takes %d at once", whole, mtu)
	}
}

// applyFewer makes datagrams as short as fitPath has found.
func (c *Conn) applyFewer() {
	if c.fewer == 0 {
		return
	}
	c.setBody(c.fewer)
	c.socket.setBody(c.fewer)
	c.fewer = 0
}
