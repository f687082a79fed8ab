package playout

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// tolerance is how late the scheduler may be and still catch up; a pacing
// longer than that counts instead. What is older is skipped: a receiver's
// buffer holds a burst of 50 ms, not one of an hour's suspend.
const tolerance = 50 * time.Millisecond

// Channel is a channel that was added to a scheduler.
type Channel struct {
	// Set before it plays.
	name    string
	stream  Stream
	epoch   Instant
	pacing  time.Duration
	length  time.Duration
	bound   time.Duration // of being late
	feeds   []*feed
	sched   *Scheduler
	done    chan struct{}
	err     error // read after done
	stopped atomic.Bool

	// The scheduler's own.
	ring     *ring
	producer *producer
	quit     chan struct{}
	expected Instant // of the next train
	end      time.Duration
	started  bool    // what is to be sent first has been read
	sent     bool    // it has been started before
	stalled  Instant // when it was started no more
	idled    int64   // packets before it have been sent or given up
	joined   bool    // it lies in the grid
	finished bool
	idle     []byte // packets that stand in for unread ones

	counts counts
}

func newPlaying(c Config, s *Scheduler) *Channel {
	p := &Channel{
		name: c.Name, stream: c.Stream, epoch: At(c.Epoch), pacing: c.Pacing, length: c.For,
		bound: max(c.Pacing, tolerance), sched: s, done: make(chan struct{}), quit: make(chan struct{}),
	}
	p.producer = newProducer(p.stream, max(ahead, 4*p.pacing, 2*p.bound), p.quit)
	p.ring = p.producer.ring.Load()
	for _, o := range c.Outputs {
		p.feeds = append(p.feeds, &feed{out: o, channel: c.Name, packets: int64(o.Packets())})
	}
	return p
}

// read fills the ring for the first time, from the packet due now on, or from
// packet 0 where the epoch is still to come.
func (p *Channel) read(now Instant) error {
	p.ring.begin(p.stream.Before(now.Sub(p.epoch)))
	if !p.producer.fill() {
		return p.producer.err
	}
	p.renew()
	return nil
}

// renew takes up the ring that the producer has made in place of the one before.
func (p *Channel) renew() {
	if r := p.producer.ring.Load(); r != p.ring {
		r.tail.Store(max(r.tail.Load(), p.ring.tail.Load()))
		p.ring = r
	}
}

// begin sets the first packet again when too much time has passed since read,
// and the end.
func (p *Channel) begin(now Instant) {
	from := max(0, now.Sub(p.epoch))
	p.idled = p.ring.tail.Load()
	if from-p.stream.Due(p.idled) > p.bound {
		p.skip(p.stream.Before(from))
	}
	if p.length > 0 {
		p.end = from + p.length
	}
}

// train sends what is due before the instant t of the grid and tells whether
// the channel has ended. now is the present, t or a little later.
func (p *Channel) train(t, now Instant) (ended bool) {
	p.renew()
	late, behind := now.Sub(p.expected), t.Sub(p.expected)
	p.expected = t.Add(p.pacing)
	at := t.Sub(p.epoch)
	if at <= 0 || p.stopped.Load() {
		return p.stopped.Load()
	}
	if ended = p.end > 0 && at >= p.end; ended {
		at = p.end
	}
	upto := p.stream.Before(at)
	if behind > p.bound {
		p.skip(p.stream.Before(at - p.pacing))
		late = now.Sub(t)
		p.started, p.stalled = false, t
	}
	if !p.ready(upto, t) {
		return ended || p.producer.failed.Load()
	}
	p.counts.late(late, t)
	return !p.depart(upto, now) || ended
}

// skip gives up what is due before packet n.
func (p *Channel) skip(n int64) {
	if p.started {
		for _, f := range p.feeds {
			f.skip(n)
		}
	}
	p.idled = max(p.idled, n)
	p.ring.tail.Store(max(p.ring.tail.Load(), n))
}

// ready tells whether the channel may send. To begin with, it waits for the
// first packets to be read; while it does, only what is due within its bound
// stays wanted. After a stall it does so for a moment: to make up null packets
// for all channels would stall the scheduler again.
func (p *Channel) ready(upto int64, t Instant) bool {
	if p.started {
		return true
	}
	tail := p.ring.tail.Load()
	p.started = p.ring.head.Load() >= p.reach(upto) || p.sent && t.Sub(p.stalled) >= ahead
	if p.started {
		for _, f := range p.feeds {
			if p.sent {
				f.skip(tail)
			} else {
				f.next = f.until(tail)
			}
		}
		p.sent = true
		return true
	}
	if p.stream.Due(upto)-p.stream.Due(tail) > p.bound {
		p.skip(upto)
	}
	return false
}

// reach returns the end of the last datagram of all outputs that is due when
// the packets before upto are.
func (p *Channel) reach(upto int64) int64 {
	end := upto
	for _, f := range p.feeds {
		end = max(end, f.until(upto)*f.packets)
	}
	return end
}

// depart sends to each output the datagrams due when the packets before upto
// are. What has not been read by now is replaced: the receiver gets its
// packets in time, and a picture that cannot be saved is lost. It returns false
// when the stream has failed and all that was read is sent.
func (p *Channel) depart(upto int64, now Instant) bool {
	failed := p.producer.failed.Load() // Before the head, which is final if so.
	head, need := p.ring.head.Load(), p.reach(upto)
	for _, f := range p.feeds {
		end := f.until(upto)
		p.sendRing(f, min(end, head/f.packets), now)
		if !failed {
			p.sendIdle(f, end, now)
		}
	}
	if need > head && !failed {
		p.counts.starved.Add(need - max(head, p.idled))
		p.idled = max(p.idled, need)
	}
	p.counts.packet.Store(upto)
	p.ring.tail.Store(max(p.ring.tail.Load(), upto))
	return !failed || need <= head
}

// sendRing sends the datagrams before end out of the ring, in two pieces where
// they lie on both sides of its end.
func (p *Channel) sendRing(f *feed, end int64, now Instant) {
	for f.next < end {
		p.count(f, f.send(p.ring.span(f.next*f.packets, end*f.packets), now, p.sched.journal))
	}
}

// sendIdle sends the datagrams before end with null packets for what was not read.
func (p *Channel) sendIdle(f *feed, end int64, now Instant) {
	for f.next < end {
		if p.idle == nil {
			p.idle = make([]byte, ringStep*packet.Size)
		}
		n := min((end-f.next)*f.packets, ringStep)
		p.stream.Idle(p.idle[:n*packet.Size], f.next*f.packets)
		p.count(f, f.send(p.idle[:n*packet.Size], now, p.sched.journal))
	}
}

func (p *Channel) count(f *feed, datagrams int) {
	p.counts.datagrams.Add(int64(datagrams))
	p.counts.packets.Add(int64(datagrams) * f.packets)
}

// finish releases what the channel holds. It runs on a goroutine of its own,
// for an output may take time to close.
func (p *Channel) finish() {
	var errs []error
	if p.producer.failed.Load() {
		errs = append(errs, p.producer.err)
	}
	for _, f := range p.feeds {
		if err := f.out.Close(); err != nil {
			errs = append(errs, err)
		}
	}
	p.err = errors.Join(errs...)
	close(p.done)
}

// Stop ends the channel with its next train at the latest. Done tells when it has ended.
func (p *Channel) Stop() {
	if !p.stopped.Swap(true) {
		p.sched.post(p)
	}
}

// Done is closed when the channel has ended and its outputs are closed.
func (p *Channel) Done() <-chan struct{} { return p.done }

// Err waits for the channel to end and returns why: nil when it was stopped or
// had played for its time, else the error of its stream or of closing an output.
func (p *Channel) Err() error {
	<-p.done
	return p.err
}
