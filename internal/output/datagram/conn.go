package datagram

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// HeaderSize is the length in bytes of the header a datagram may begin with: RTP's.
const HeaderSize = 12

// reopenAfter is how long after a failure the socket is opened anew, and so
// the shortest time between two attempts.
const reopenAfter = time.Second

// MaxBatch is how many datagrams one call sends at most, whatever their size:
// the segments a kernel takes in one (Linux: 64 before 6.0, 128 since).
const MaxBatch = 64

// maxCall is how many bytes one call sends at most: the payload of the largest
// UDP datagram over IPv4, 65,535 − 20 − 8.
const maxCall = 65507

// wire is a connected socket. Its errors are the system's, unwrapped.
type wire interface {
	// write sends datagrams in order, each made of the next header, if there
	// are headers, and the next part of payload. It returns how many left
	// before the error.
	write(headers, payload []byte) (int, error)
	close() error
}

// Conn is a socket connected to one destination.
type Conn struct {
	to      address
	body    int // bytes of payload a datagram
	head    int // bytes of header a datagram, 0 or HeaderSize
	batch   int // datagrams a call
	wire    wire
	dial    func(address) (wire, error)
	after   func(time.Duration) <-chan time.Time
	healing bool
	fresh   atomic.Pointer[wire]
	closed  chan struct{}
	healed  chan struct{} // closed when no goroutine reopens
}

// Open resolves the destination and opens a socket to it for datagrams of a
// header of head bytes (0 or HeaderSize) and d.Packets TS packets. Faults are
// of kind Destination.
func Open(ctx context.Context, d channel.Destination, url string, head int) (*Conn, error) {
	body := d.Packets * packet.Size
	to, err := resolve(ctx, d, url, head+body)
	if err != nil {
		return nil, err
	}
	return open(to, head, body, dialer())
}

func open(to address, head, body int, dial func(address) (wire, error)) (*Conn, error) {
	w, err := dial(to)
	if err != nil {
		return nil, fault.New(fault.Destination, "%s: cannot open a socket to it: %w", to.url, err)
	}
	l := &Conn{to: to, body: body, head: head, wire: w, dial: dial, after: time.After, closed: make(chan struct{})}
	l.batch = min(MaxBatch, maxCall/(head+body))
	return l, nil
}

// Batch returns how many datagrams go out in one call at most.
func (l *Conn) Batch() int { return l.batch }

// Send sends one datagram for each header and part of payload; headers is nil
// where there are none. It is done with both when it returns.
func (l *Conn) Send(headers, payload []byte) output.Result {
	if l.healing {
		l.adopt()
	}
	var r output.Result
	for len(payload) > 0 {
		n := min(l.batch, len(payload)/l.body)
		r.Add(l.call(headers[:min(n*l.head, len(headers))], payload[:n*l.body]))
		headers, payload = headers[min(n*l.head, len(headers)):], payload[n*l.body:]
	}
	return r
}

// call sends one batch. What a connected socket reports first is how an
// earlier datagram fared, so a refusal costs nothing but the call: it is made
// again, once for each datagram.
func (l *Conn) call(headers, payload []byte) (r output.Result) {
	for again := true; len(payload) > 0; {
		n, err := l.wire.write(headers, payload)
		r.Sent += n
		headers, payload = headers[n*l.head:], payload[n*l.body:]
		if again = again || n > 0; err == nil {
			continue
		}
		if refused(err) {
			r.Refused++
			if again {
				again = false
				continue
			}
		}
		r.Dropped += len(payload) / l.body
		if !refused(err) && !full(err) {
			r.Err = err
			l.heal()
		}
		return r
	}
	return r
}

// heal opens the socket anew in a while, on a goroutine of its own because
// looking an interface up takes time. The socket at hand is used until then:
// most failures pass without a new one.
func (l *Conn) heal() {
	if l.healing {
		return
	}
	l.healing = true
	l.healed = make(chan struct{})
	go l.reopen(l.healed)
}

func (l *Conn) reopen(done chan<- struct{}) {
	defer close(done)
	for {
		select {
		case <-l.closed:
			return
		case <-l.after(reopenAfter):
		}
		if w, err := l.dial(l.to); err == nil {
			l.fresh.Store(&w)
			return
		}
	}
}

// adopt takes the socket that reopen left, if it has.
func (l *Conn) adopt() {
	w := l.fresh.Swap(nil)
	if w == nil {
		return
	}
	_ = l.wire.close() // It failed; there is nothing to learn from it.
	l.wire, l.healing = *w, false
}

// Close closes the socket.
func (l *Conn) Close() error {
	close(l.closed)
	if l.healing {
		<-l.healed
		l.adopt()
	}
	return l.wire.close()
}

// refused tells whether nobody listens at the destination.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// full tells whether the system has no room for the datagram now.
func full(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.ENOBUFS) || errors.Is(err, errBusy)
}

// errBusy is a socket that took nothing for as long as it was given.
var errBusy = errors.New("the send queue is full")
