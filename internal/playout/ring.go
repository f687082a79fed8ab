package playout

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// ringStep divides the size of every ring in packets. It is the least common multiple
// of 1 to 7, so that no datagram crosses the end of the ring.
const ringStep = 420

// ahead is the least part of a stream that is read before it is due.
const ahead = 300 * time.Millisecond

// spare is how many packets a ring holds besides: half of it, and a train, must
// be more than a datagram of seven that reaches beyond the train.
const spare = 4 * 7

// ring holds the packets that have been read and not yet sent, each at its number modulo
// the size. One goroutine fills it and writes head, another empties it and writes tail.
type ring struct {
	buf  []byte
	size packet.Number // packets there is room for
	want packet.Number // packets it was made for
	hold packet.Number // packets it holds at most: a slow stream is not read minutes ahead
	head position      // the first packet that has not been read
	_    [48]byte      // keeps the marks on separate cache lines
	tail position      // the first packet that is still needed
}

// position is a packet number that one goroutine writes and any may read.
type position struct{ n atomic.Int64 }

func (p *position) load() packet.Number   { return packet.Number(p.n.Load()) }
func (p *position) store(n packet.Number) { p.n.Store(int64(n)) }

// newRing returns a ring for at least that many packets.
func newRing(packets packet.Number) *ring {
	size := max(1, (packets+ringStep-1)/ringStep) * ringStep
	return &ring{buf: make([]byte, size*packet.Size), size: size, want: packets, hold: min(size, packets+spare)}
}

// begin sets the number of the first packet, before either side uses the ring.
func (r *ring) begin(first packet.Number) {
	r.head.store(first)
	r.tail.store(first)
}

// wider returns a larger ring with the packets of r. The filling side calls it. Packets
// that the other side takes out of r meanwhile stay in the new ring until that side
// raises its tail.
func (r *ring) wider(packets packet.Number) *ring {
	w := newRing(packets)
	tail, head := r.tail.load(), r.head.load()
	for n := tail; n < head; {
		n += packet.Number(copy(w.span(n, head), r.span(n, head)) / packet.Size)
	}
	w.tail.store(tail)
	w.head.store(head)
	return w
}

// span returns the packets from n to end, or to the end of the buffer if that is nearer.
func (r *ring) span(n, end packet.Number) []byte {
	at := n % r.size
	length := min(end-n, r.size-at)
	return r.buf[at*packet.Size : (at+length)*packet.Size]
}

// room returns the packet to read next, which is never before the tail, and how many
// packets there is room for.
func (r *ring) room() (n, packets packet.Number) {
	tail := r.tail.load()
	n = max(r.head.load(), tail)
	return n, tail + r.hold - n
}

// low reports whether less than three eighths of what the ring holds is left.
func (r *ring) low() bool { return r.head.load()-r.tail.load() < r.hold*3/8 }

// lacks reports whether an eighth of what the ring holds, or more, is missing.
func (r *ring) lacks() bool {
	_, free := r.room()
	return free >= max(1, r.hold/8)
}

// raiseTail drops the packets before n.
func (r *ring) raiseTail(n packet.Number) { r.tail.store(max(r.tail.load(), n)) }
