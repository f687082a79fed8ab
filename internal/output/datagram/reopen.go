package datagram

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

const (
	// reopenAfter is the time from a failure to the next attempt to open a socket.
	reopenAfter = time.Second
	// lookupTimeout is how long a name may take to resolve.
	lookupTimeout = 5 * time.Second
	// manyRefusals is how many refusals make a named destination look its name up again: those of
	// some seconds, since hosts send one a second (RFC 1812, 4.3.2.8).
	manyRefusals = 3
	// calmSends is how many Sends without trouble end a trouble.
	calmSends = 1000
)

// opened is a socket and where it leads.
type opened struct {
	socket socket
	peer   netip.AddrPort
}

// follow counts what a Send has met. A host that refuses for long may have another
// address by now.
func (c *Conn) follow(refusals int, err error) {
	if refusals == 0 && err == nil {
		if c.calm++; c.calm == calmSends {
			c.calm, c.refusals, c.toldPeers = 0, 0, nil
			c.recheck()
		}
		return
	}
	c.calm = 0
	if c.refusals += refusals; c.find != nil && c.refusals >= manyRefusals {
		c.refusals = 0
		c.reopen(true)
	}
}

// reopen starts a goroutine that opens a new socket, because looking an
// interface or a name up takes time. Until it has, the old one stays in use: most failures
// pass without a new socket. avoid prefers another address of the host, if it has several.
func (c *Conn) reopen(avoid bool) {
	if c.reopened != nil {
		return
	}
	c.reopened = make(chan opened, 1)
	go c.dialAgain(c.to, avoid, c.reopened)
}

// recheck opens a new socket if the routes have changed in a way that this one does not follow.
func (c *Conn) recheck() {
	if c.reopened != nil || c.to.Interface != "" || !c.to.peer.Addr().Is4() || !c.to.peer.Addr().IsMulticast() {
		return
	}
	c.reopened = make(chan opened, 1)
	go func(to address, s socket, reopened chan<- opened) {
		if s.stale() {
			if fresh, err := c.dial(to); err == nil {
				reopened <- opened{fresh, to.peer}
				return
			}
		}
		reopened <- opened{}
	}(c.to, c.socket, c.reopened)
}

// dialAgain tries until it has opened a socket, or sends none when c is closed.
func (c *Conn) dialAgain(to address, avoid bool, reopened chan<- opened) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-c.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	for failed := to.peer; ; {
		select {
		case <-c.closed:
			reopened <- opened{}
			return
		case <-c.after(reopenAfter):
		}
		for _, to.peer = range candidates(ctx, c.find, failed, avoid) {
			if s, err := c.dial(to); err == nil {
				reopened <- opened{s, to.peer}
				return
			}
		}
	}
}

// replace closes the socket, whose failure is known already, and uses another, if there is one.
func (c *Conn) replace(o opened) {
	if c.reopened = nil; o.socket == nil {
		return
	}
	_ = c.socket.close()
	c.socket = o.socket
	c.socket.setBody(c.to.body)
	if old := c.to.peer; o.peer != old {
		c.to.peer = o.peer
		if !slices.Contains(c.toldPeers, o.peer) {
			c.toldPeers = append(c.toldPeers, o.peer)
			c.note = fmt.Sprintf("%s is sent to at %s now, no longer at %s", c.to.Host, o.peer.Addr(), old.Addr())
		}
		for _, b := range c.beside {
			b.redirect(old.Addr(), o.peer.Addr())
		}
	}
	c.fitPath()
}

// redirect makes a socket that leads to a host's old address lead to its new one.
func (c *Conn) redirect(from, to netip.Addr) {
	if c.to.peer.Addr() != from {
		return
	}
	c.to.peer = netip.AddrPortFrom(to, c.to.peer.Port())
	if s, err := c.dial(c.to); err == nil {
		c.replace(opened{s, c.to.peer})
	}
}

// Close closes the socket.
func (c *Conn) Close() error {
	close(c.closed)
	if c.reopened != nil {
		c.replace(<-c.reopened)
	}
	return c.socket.close()
}

// refused reports whether nobody listens at the destination.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// full reports whether the system has no room for the datagram now.
func full(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, errBusy)
}

// errBusy is the error of a socket that had no room until its deadline.
var errBusy = errors.New("the send queue is full")
