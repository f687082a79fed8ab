package server

import (
	"container/list"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/lilo-live/lilo/internal/server/auth"
)

// limits bound what clients may take that are many or slow.
type limits struct {
	// connections is how many there may be, perAddress how many from an IPv4 address or
	// an IPv6 /64. A further request on a connection of HTTP/2 counts as a connection.
	connections, perAddress int
	// reserve is how many more there may be when no other can be closed. They last for
	// reserveTime, and only /healthz is answered.
	reserve     int
	reserveTime time.Duration
	// header, body and idle bound how long the headers, the body and the next request of
	// a connection may take.
	header, body, idle time.Duration
	// write is how long a client may keep a response waiting in all. What it accepts at
	// minRate or faster is not counted.
	write time.Duration
	// refused is how long the body of a refused request may take.
	refused time.Duration
}

func defaultLimits() limits {
	return limits{
		connections: 2048, perAddress: 1024, reserve: 64, reserveTime: 2 * time.Second,
		header: 10 * time.Second, body: 30 * time.Second, idle: 2 * time.Minute, write: time.Minute, refused: 2 * time.Second,
	}
}

// connections are those of a server. When one too many comes, one is closed that
// waits for its client: the oldest of the address that has the most, and one
// whose client has shown credentials last.
type connections struct {
	limits

	mu        sync.Mutex
	waiting   *list.List // of *connection, by when their last request ended, or they began
	addresses map[netip.Prefix]int
	total     int
	reserved  int
}

func newConnections(l limits) *connections {
	return &connections{limits: l, waiting: list.New(), addresses: map[netip.Prefix]int{}}
}

// connection is a connection of a client. The mutex of its connections guards the
// fields without a comment.
type connection struct {
	net.Conn
	of       *connections
	from     netip.Prefix // constant
	until    time.Time    // constant: when a reserved connection ends; zero for others
	place    *list.Element
	requests int  // in progress
	working  int  // of them, those that do not wait for the client
	known    bool // its client has shown credentials
	gone     bool
}

// weight returns what a connection counts.
func (c *connection) weight() int { return max(1, c.requests) }

// listener accepts connections within the limits.
type listener struct {
	net.Listener
	of *connections
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if admitted := l.of.admit(c); admitted != nil {
			return admitted, nil
		}
		_ = c.Close() // There is nobody to tell.
	}
}

// admit returns a new connection, nil if there is no room.
func (l *connections) admit(n net.Conn) net.Conn {
	c := &connection{Conn: n, of: l}
	if a, err := netip.ParseAddrPort(n.RemoteAddr().String()); err == nil {
		c.from = auth.ClientPrefix(a.Addr())
	}
	l.mu.Lock()
	closing, ok := l.makeRoom(c.from)
	switch {
	case ok:
		l.addresses[c.from]++
		l.total++
	case l.reserved == l.reserve:
		c = nil
	default:
		l.reserved++
		c.until = time.Now().Add(l.reserveTime)
	}
	if c != nil {
		c.place = l.waiting.PushBack(c)
	}
	l.mu.Unlock()
	closing.close()
	if c == nil {
		return nil
	}
	if !c.until.IsZero() {
		_ = c.Conn.SetDeadline(c.until) // It cannot fail on an open connection.
	}
	return c
}

// makeRoom removes a connection if there is no room for one more from an address. It
// returns the removed one, which the caller closes without holding mu, and whether
// there is room now.
func (l *connections) makeRoom(from netip.Prefix) (removed *connection, ok bool) {
	is := func(from netip.Prefix) func(*connection) bool {
		return func(c *connection) bool { return c.from == from }
	}
	if l.addresses[from] >= l.perAddress {
		removed = l.remove(l.oldest(is(from)))
		return removed, removed != nil
	}
	if l.total < l.connections {
		return nil, true
	}
	most := from
	for a, n := range l.addresses {
		if n > l.addresses[most] {
			most = a
		}
	}
	first := l.oldest(is(most))
	if first == nil {
		first = l.oldest(func(*connection) bool { return true })
	}
	removed = l.remove(first)
	return removed, removed != nil
}

// oldest returns the matching connection that is closed first; nil if all work.
func (l *connections) oldest(match func(*connection) bool) (first *connection) {
	for e := l.waiting.Front(); e != nil; e = e.Next() {
		c, _ := e.Value.(*connection)
		if c.working > 0 || !c.until.IsZero() || !match(c) {
			continue
		}
		if !c.known {
			return c
		}
		if first == nil {
			first = c
		}
	}
	return first
}

// remove forgets a connection, if it is one, and returns it. The caller holds mu.
func (l *connections) remove(c *connection) *connection {
	if c == nil || c.gone {
		return nil
	}
	c.gone = true
	l.waiting.Remove(c.place)
	if !c.until.IsZero() {
		l.reserved--
		return c
	}
	l.total -= c.weight()
	if l.addresses[c.from] -= c.weight(); l.addresses[c.from] <= 0 {
		delete(l.addresses, c.from)
	}
	return c
}

// close closes the socket of a connection that was removed, if it is one.
func (c *connection) close() {
	if c != nil {
		_ = c.Conn.Close() // The client is not told.
	}
}

// Close implements net.Conn.
func (c *connection) Close() error {
	c.of.mu.Lock()
	c.of.remove(c)
	c.of.mu.Unlock()
	return c.Conn.Close()
}

// CloseWrite tells the client that nothing follows, so that it reads a response
// although not all that it sent was read.
func (c *connection) CloseWrite() error {
	if w, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return nil
}

// clamp returns a deadline that a reserved connection does not outlive.
func (c *connection) clamp(t time.Time) time.Time {
	if !c.until.IsZero() && (t.IsZero() || t.After(c.until)) {
		return c.until
	}
	return t
}

// SetDeadline implements net.Conn.
func (c *connection) SetDeadline(t time.Time) error { return c.Conn.SetDeadline(c.clamp(t)) }

// SetReadDeadline implements net.Conn.
func (c *connection) SetReadDeadline(t time.Time) error { return c.Conn.SetReadDeadline(c.clamp(t)) }

// SetWriteDeadline implements net.Conn.
func (c *connection) SetWriteDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(c.clamp(t)) }

// begin tells that a request has come, and returns whether it may be answered; if
// so, end must follow. A nil connection is one that nobody counts.
func (c *connection) begin() bool {
	if c == nil {
		return true
	}
	c.of.mu.Lock()
	ok := c.until.IsZero()
	var closing *connection
	if ok && c.requests > 0 { // Of HTTP/2.
		if closing, ok = c.of.makeRoom(c.from); ok && !c.gone {
			c.of.total++
			c.of.addresses[c.from]++
		}
	}
	if ok {
		c.requests++
		c.working++
	}
	c.of.mu.Unlock()
	closing.close()
	return ok
}

// end tells that a request has been answered.
func (c *connection) end() {
	if c == nil {
		return
	}
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	before := c.weight()
	c.requests--
	c.working--
	if c.gone {
		return
	}
	c.of.total -= before - c.weight()
	c.of.addresses[c.from] -= before - c.weight()
	c.of.waiting.MoveToBack(c.place)
}

// wait calls f, which waits for the client of a request.
func (c *connection) wait(f func()) {
	if c == nil {
		f()
		return
	}
	c.add(-1)
	defer c.add(1)
	f()
}

func (c *connection) add(working int) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.working += working
}

// show tells that the client has shown credentials.
func (c *connection) show() {
	if c != nil {
		c.of.mu.Lock()
		defer c.of.mu.Unlock()
		c.known = true
	}
}

// connectionKey is the key of a request's connection in its context.
type connectionKey struct{}

// withConnection returns the context of the requests of a connection.
func withConnection(ctx context.Context, n net.Conn) context.Context {
	if t, ok := n.(*tls.Conn); ok {
		n = t.NetConn()
	}
	return context.WithValue(ctx, connectionKey{}, n)
}

// connectionOf returns the connection of a request; nil if nobody counts it.
func connectionOf(ctx context.Context) *connection {
	c, _ := ctx.Value(connectionKey{}).(*connection)
	return c
}
