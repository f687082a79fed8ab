package playout

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// ringStep divides the size of every ring in packets: the least common
// multiple of 1 to 7, so that no datagram, whatever its size, lies across the
// end of the ring.
const ringStep = 420

// ahead is how much of the stream is read before it is due, at least.
const ahead = 300 * time.Millisecond

// spare is what a ring holds besides: half of it, and a train, must be more
// than the datagram of seven that reaches beyond the train.
const spare = 4 * 7

// ring holds the packets that were read and not yet sent, at the place of
// their number modulo its size. One goroutine fills it, one empties it, and
// each writes one of the two marks.
type ring struct {
	buf  []byte
	size int64        // packets there is room for
	want int64        // packets it was made for
	hold int64        // packets it is filled with at most: a slow stream is not read minutes ahead
	head atomic.Int64 // number of the first packet not yet filled; the filling side's
	_    [48]byte     // keeps the marks on cache lines of their own
	tail atomic.Int64 // number of the first packet still wanted; the emptying side's
}

// newRing returns a ring for that many packets or a few more.
func newRing(packets int64) *ring {
	size := max(1, (packets+ringStep-1)/ringStep) * ringStep
	return &ring{buf: make([]byte, size*packet.Size), size: size, want: packets, hold: min(size, packets+spare)}
}

// begin sets the number of the first packet, before anybody fills or empties.
func (r *ring) begin(first int64) {
	r.head.Store(first)
	r.tail.Store(first)
}

// wider returns a ring for that many packets that holds what r does. The
// filling side makes it; what the emptying side takes out of r meanwhile is
// wanted of the new one until it says otherwise.
func (r *ring) wider(packets int64) *ring {
	w := newRing(packets)
	tail, head := r.tail.Load(), r.head.Load()
	for n := tail; n < head; {
		n += int64(copy(w.span(n, head), r.span(n, head)) / packet.Size)
	}
	w.tail.Store(tail)
	w.head.Store(head)
	return w
}

// span returns the packets from n on that lie in one piece, at most up to end.
func (r *ring) span(n, end int64) []byte {
	at := n % r.size
	length := min(end-n, r.size-at)
	return r.buf[at*packet.Size : (at+length)*packet.Size]
}

// room returns where the filling side goes on and how many packets it may
// fill. It goes on with the first packet wanted when it has fallen behind that.
func (r *ring) room() (n, packets int64) {
	tail := r.tail.Load()
	n = max(r.head.Load(), tail)
	return n, tail + r.hold - n
}

// low tells whether what is left fills less than three eighths of the ring.
func (r *ring) low() bool { return r.head.Load()-r.tail.Load() < r.hold*3/8 }
