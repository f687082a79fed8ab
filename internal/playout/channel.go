package playout

import (
	"cmp"
	"errors"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/packet"
)

// Channel is a channel that was added to a scheduler.
type Channel struct {
	// Set before it plays.
	name         string
	stream       Stream
	epoch        Instant
	pacing       time.Duration
	duration     time.Duration // 0 for no end
	tolerance    time.Duration // how late it may be without a skip
	destinations []*destination
	sched        *Scheduler
	reader       *reader
	done         chan struct{} // closed when it has released all it held
	err          error         // read after done
	stopped      atomic.Bool

	// The scheduler's goroutine uses these before the channel is scheduled, then the
	// sender that has claimed its group.
	ring      *ring
	nextTrain Instant // of the timetable
	end       time.Duration
	started   bool          // what it sends first has been read
	sent      bool          // it has been started before
	stalled   Instant       // when it last stopped being started
	settled   packet.Number // the packets before it have been sent or skipped
	patient   Instant       // trains until then may still carry what is read late
	scheduled bool          // it is in the timetable
	filler    []byte        // packets in place of unread ones

	counts counts
}

func newChannel(config Config, s *Scheduler) *Channel {
	c := &Channel{
		name: config.Name, stream: config.Stream, epoch: At(config.Epoch), pacing: config.Pacing, duration: config.For,
		tolerance: max(config.Pacing, cmp.Or(config.Tolerance, channel.DefaultTolerance)), sched: s, done: make(chan struct{}),
	}
	c.reader = newReader(c.stream, c.name, max(ahead, 4*c.pacing), &s.guard)
	c.ring = c.reader.ring.Load()
	for _, o := range config.Outputs {
		c.destinations = append(c.destinations, &destination{out: o, channel: config.Name, packets: packet.Number(o.Packets())})
	}
	for _, d := range c.destinations {
		d.beside = c.destinations
	}
	return c
}

// readFirst fills the ring for the first time, from the packet due now, or from packet
// 0 before the epoch.
func (c *Channel) readFirst(now Instant) error {
	c.ring.begin(c.stream.Before(now.Sub(c.epoch)))
	if c.reader.readAhead(); c.reader.failed.Load() {
		return c.reader.err
	}
	c.takeNewRing()
	return nil
}

// takeNewRing switches to the present ring of the reader.
func (c *Channel) takeNewRing() {
	if r := c.reader.ring.Load(); r != c.ring {
		r.raiseTail(c.ring.tail.load())
		c.ring = r
	}
}

// scheduleAt returns when the channel enters the timetable: a train before its epoch.
func (c *Channel) scheduleAt() Instant { return c.epoch.Add(-c.pacing) }

// sendTrain sends what is due before the instant t of the timetable and reports whether
// the channel has ended. now is the present, at or just after t.
func (c *Channel) sendTrain(t, now Instant) (ended bool) {
	c.takeNewRing()
	late, behind := now.Sub(c.nextTrain), t.Sub(c.nextTrain)
	c.nextTrain = t.Add(c.pacing)
	at := t.Sub(c.epoch)
	if at <= 0 || c.stopped.Load() {
		return c.stopped.Load()
	}
	if ended = c.end > 0 && at >= c.end; ended {
		at = c.end
	}
	upto := c.stream.Before(at)
	switch {
	case behind == 0: // A train is never too late for itself.
	case late > c.tolerance:
		c.skip(c.stream.Before(at - c.pacing))
		late = now.Sub(t)
		c.started, c.stalled = false, t
	default:
		c.patient = now.Add(c.tolerance - late)
	}
	if !c.ready(upto, t) {
		return ended || c.reader.failed.Load()
	}
	if t.Add(c.pacing) <= c.patient && !ended {
		due := upto
		upto = c.read(upto)
		late += c.stream.Due(due) - c.stream.Due(upto)
	}
	c.counts.late(late, t)
	return !c.sendDue(upto, now) || ended
}

// read returns upto, or less if not all datagrams that begin before it have been read: after
// a delay that held up the reader too, what is read late is sent late.
func (c *Channel) read(upto packet.Number) packet.Number {
	failed, longest := c.reader.failed.Load(), packet.Number(1)
	head := c.ring.head.load()
	if failed || c.endOfDatagrams(upto) <= head {
		return upto
	}
	for _, d := range c.destinations {
		longest = max(longest, d.packets)
	}
	return max(c.ring.tail.load(), head-longest+1)
}

// endOfDatagrams returns the end of the last datagram to any destination that begins
// before packet upto.
func (c *Channel) endOfDatagrams(upto packet.Number) packet.Number {
	end := upto
	for _, d := range c.destinations {
		end = max(end, d.packetAt(d.datagramAt(upto)))
	}
	return end
}

// sendDue sends to each destination the datagrams that begin before packet upto. Null
// packets replace those that have not been read: a late picture is lost anyway. It
// returns false if the stream has failed and all that was read has been sent.
func (c *Channel) sendDue(upto packet.Number, now Instant) bool {
	for _, d := range c.destinations {
		d.adopt()
	}
	failed := c.reader.failed.Load() // Before the head, which is final if it is set.
	head, need := c.ring.head.load(), c.endOfDatagrams(upto)
	for _, d := range c.destinations {
		end := d.datagramAt(upto)
		c.sendRead(d, min(end, datagramNumber(head/d.packets)), now)
		if !failed {
			c.sendFiller(d, end, now)
		}
	}
	if need > head && !failed {
		c.counts.starved.Add(int64(need - max(head, c.settled)))
		c.settled = max(c.settled, need)
	}
	c.counts.packet.store(upto)
	c.ring.raiseTail(upto)
	return !failed || need <= head
}

// sendRead sends the datagrams before end from the ring, in two steps if they wrap
// around its end.
func (c *Channel) sendRead(d *destination, end datagramNumber, now Instant) {
	for d.next < end {
		c.send(d, c.ring.span(d.packetAt(d.next), d.packetAt(end)), now)
	}
}

// sendFiller sends the datagrams before end with null packets for unread ones.
func (c *Channel) sendFiller(d *destination, end datagramNumber, now Instant) {
	for d.next < end {
		if c.filler == nil {
			c.filler = make([]byte, ringStep*packet.Size)
		}
		payload := c.filler[:min(d.packetAt(end-d.next), ringStep)*packet.Size]
		c.stream.Idle(payload, d.packetAt(d.next))
		c.send(d, payload, now)
	}
}

func (c *Channel) send(d *destination, payload []byte, now Instant) {
	datagrams := int64(d.send(payload, now, c.sched.log))
	c.counts.datagrams.Add(datagrams)
	c.counts.packets.Add(datagrams * int64(d.packets))
}

// finish closes the outputs, on a goroutine of its own since that may take time.
func (c *Channel) finish() {
	var errs []error
	if c.reader.failed.Load() {
		errs = append(errs, c.reader.err)
	}
	for _, d := range c.destinations {
		errs = append(errs, d.out.Close())
	}
	c.err = errors.Join(errs...)
	close(c.done)
}

// Stop ends the channel before its next train. It does not wait for Done.
func (c *Channel) Stop() {
	if !c.stopped.Swap(true) {
		c.sched.post(c)
	}
}

// Done is closed when the channel has ended and its outputs are closed.
func (c *Channel) Done() <-chan struct{} { return c.done }

// Err waits for the channel to end and returns the error of its stream or of closing an
// output, nil if there was none.
func (c *Channel) Err() error {
	<-c.done
	return c.err
}
