package datagram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// maxBatch is how many datagrams one call sends at most, whatever their size:
// the segments a kernel takes in one (Linux: 64 before 6.0, 128 since).
const maxBatch = 64

// maxCall is how many bytes one call sends at most: the payload of the largest
// UDP datagram over IPv4, 65,535 − 20 − 8.
const maxCall = 65507

// Header describes what precedes the TS packets in each datagram.
type Header struct {
	// Size is the length in bytes, 0 for no header.
	Size int
	// Reserve is how many bytes longer the longest datagram beside these is, which must fit
	// the path too.
	Reserve int
	// Write fills h, Size bytes, for the datagram of that number, which begins with packet n.
	Write func(h []byte, n, number packet.Number)
}

// socket is a connected UDP socket. Its errors are the system's, unwrapped.
type socket interface {
	// write sends datagrams in order, each made of the next header, if there
	// are headers, and the next part of payload. It returns how many left
	// before the error.
	write(headers, payload []byte) (int, error)
	// setBody changes how many bytes of payload a datagram has.
	setBody(bytes int)
	// mtu returns the longest IP packet that the path takes now, in bytes; 0 if it is unknown.
	mtu() int
	// fragment lets the system cut longer datagrams, which write refuses with EMSGSIZE before.
	fragment()
	// stale reports whether a new socket would leave by another interface, because the
	// routes have changed. It takes time; any goroutine may call it.
	stale() bool
	// buffer returns how many bytes wait in the socket at most, 0 if that is unknown.
	buffer() int
	// source returns the address of this machine that the datagrams come from.
	source() netip.Addr
	close() error
}

// Conn sends to one destination. It implements output.Output.
type Conn struct {
	to        address
	packets   packet.Number // TS packets a datagram
	header    Header
	headers   []byte // of one batch
	batch     int    // datagrams a call
	socket    socket
	dial      func(address) (socket, error)
	after     func(time.Duration) <-chan time.Time
	closed    chan struct{}
	find      lookup           // nil if the host is an address
	reopened  chan opened      // will hold the next socket; nil unless this one has failed
	refusals  int              // since the last calm
	calm      int              // Sends without trouble
	toldPeers []netip.AddrPort // addresses of the host that were told since the last calm
	beside    []*Conn          // opened by Beside
	note      string           // what the next Send tells
	shorter   output.Shorter   // what of it is a change of the packets a datagram
	told      int              // the MTU of the last note
	fewer     int              // bytes of payload a datagram has from the next call of Packets on; 0 for no change
}

// Open resolves the destination and opens a socket to it for datagrams of a
// header and TS packets: as many as the destination or its MTU says, or as fit
// into what the path takes. A nil dial opens sockets of this machine. Faults are of kind
// Destination.
func Open(ctx context.Context, to channel.Destination, header Header, dial output.Dialer) (*Conn, error) {
	peer, find := lookupOf(to)
	peers := []netip.AddrPort{peer}
	a := address{Destination: to, url: to.Target().String(), head: header.Size, reserve: header.Reserve}
	if find != nil {
		var err error
		if peers, err = find(ctx); err != nil {
			return nil, fault.New(fault.Destination, "%s: %w", a.url, err)
		}
	}
	var first error
	for _, a.peer = range peers {
		a.body = to.MostPackets() * packet.Size
		if err := a.fitMTU(); err != nil {
			return nil, err
		}
		c, err := open(a, header, dialer(dial))
		if err == nil {
			c.find = find
			return c, nil
		}
		first = cmp.Or(first, err)
	}
	return nil, first
}

// Beside opens a socket for datagrams of that many bytes that leave by the same way now and
// then: to another port of the same host, or to another host. Its Send takes one datagram.
func (c *Conn) Beside(at netip.AddrPort, bytes int) (*Conn, error) {
	to := c.to
	to.peer, to.head, to.body, to.reserve = at, 0, bytes, 0
	to.Packets, to.LocalPort = 1, 0
	b, err := open(to, Header{}, c.dial)
	if err == nil {
		c.beside = append(c.beside, b)
	}
	return b, err
}

// Resize changes the length of the datagrams of a socket that Beside has opened.
func (c *Conn) Resize(bytes int) {
	c.setBody(bytes)
	c.socket.setBody(bytes)
}

// Peer returns the address that the datagrams go to.
func (c *Conn) Peer() netip.AddrPort { return c.to.peer }

// Source returns the address that the datagrams come from, the zero Addr if it is unknown.
func (c *Conn) Source() netip.Addr { return c.socket.source() }

func open(to address, header Header, dial func(address) (socket, error)) (*Conn, error) {
	s, err := dial(to)
	if err != nil {
		return nil, fault.New(fault.Destination, "%s: cannot open a socket to it: %w", to.url, err)
	}
	c := &Conn{to: to, header: header, socket: s, dial: dial, after: time.After}
	c.headers = make([]byte, maxBatch*to.head)
	c.closed = make(chan struct{})
	c.setBody(to.body)
	if n := s.buffer(); n > 0 && n < to.SendBuffer {
		c.note = fmt.Sprintf("sndbuf=%d: the system grants %d bytes: raise net.core.wmem_max", to.SendBuffer, n)
	}
	c.fitPath()
	c.applyFewer()
	return c, nil
}

func (c *Conn) setBody(bytes int) {
	c.to.body, c.packets = bytes, packet.Number(bytes/packet.Size)
	c.batch = min(maxBatch, maxCall/(c.to.head+bytes))
}

// URL returns the URL of the destination's target.
func (c *Conn) URL() string { return c.to.url }

// Packets returns how many TS packets a datagram holds, fewer than before if the path
// has turned out to take no more.
func (c *Conn) Packets() int {
	c.applyFewer()
	return int(c.packets)
}

// Send implements output.Output.
func (c *Conn) Send(first packet.Number, payload []byte) (r output.Result) {
	select {
	case o := <-c.reopened:
		c.replace(o)
	default:
	}
	for len(payload) > 0 {
		n := min(c.batch, len(payload)/c.to.body)
		r.Add(c.send(c.writeHeaders(first, n), payload[:n*c.to.body]))
		first, payload = first+packet.Number(n)*c.packets, payload[n*c.to.body:]
	}
	c.follow(r.Refused, r.Err)
	r.Note, c.note = c.note, ""
	r.Shorter, c.shorter = c.shorter, output.Shorter{}
	return r
}

// writeHeaders returns the headers of n datagrams; the first begins with packet first.
func (c *Conn) writeHeaders(first packet.Number, n int) []byte {
	size := c.to.head
	if size == 0 {
		return nil
	}
	for i := range n {
		c.header.Write(c.headers[i*size:(i+1)*size], first+packet.Number(i)*c.packets, first/c.packets+packet.Number(i))
	}
	return c.headers[:n*size]
}

// send sends one batch. A connected socket first reports how an earlier
// datagram fared, so a refusal costs nothing but the call: the call is repeated,
// once for each datagram.
func (c *Conn) send(headers, payload []byte) (r output.Result) {
	for again := true; len(payload) > 0; {
		n, err := c.socket.write(headers, payload)
		r.Sent += n
		headers, payload = headers[n*c.to.head:], payload[n*c.to.body:]
		if again = again || n > 0; err == nil {
			continue
		}
		if errors.Is(err, syscall.EMSGSIZE) && again {
			again = false
			c.fitPath()
			continue
		}
		if refused(err) {
			r.Refused++
			if again {
				again = false
				continue
			}
		}
		r.Dropped += len(payload) / c.to.body
		if !refused(err) && !full(err) {
			r.Err = err
			c.reopen(false)
		}
		return r
	}
	return r
}
