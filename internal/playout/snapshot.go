package playout

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// Snapshot is how a channel fares at one moment.
type Snapshot struct {
	Name string
	// Packet is the number of the next packet due, from the epoch.
	Packet int64
	// Position is when that packet is due, from the epoch.
	Position time.Duration
	// Lap is the lap it belongs to, from 0.
	Lap int64
	// BitRate is that of the stream in bit/s.
	BitRate int64
	// Packets, Datagrams and Bytes (of TS) count what has been sent, to all outputs together.
	Packets, Datagrams, Bytes int64
	// Starved counts the packets that were due before they had been read;
	// null packets went out in their place.
	Starved int64
	// Late is how late trains left.
	Late Lateness
	// Outputs fare as they do, in the channel's order.
	Outputs []OutputSnapshot
}

// Lateness is how long after its instant of the grid a train left.
type Lateness struct {
	// LastSecond is the longest of the last full second.
	LastSecond time.Duration
	// P50, P99, P999 and Max are since the start: what so large a share of
	// the trains did not exceed, exact to a sixteenth.
	P50, P99, P999, Max time.Duration
}

// OutputSnapshot is how one output fares.
type OutputSnapshot struct {
	URL string
	// Datagrams counts those sent, Dropped those the system did not take.
	Datagrams, Dropped int64
	// Refused counts how often the system said that nobody listens there.
	Refused int64
	// Skipped counts the datagrams left out because they were due too long ago.
	Skipped int64
	// LastError says what is wrong; it is empty when nothing is.
	LastError string
}

// counts is what the scheduler counts of a channel: it alone writes, anyone reads.
type counts struct {
	packet    atomic.Int64
	packets   atomic.Int64
	datagrams atomic.Int64
	starved   atomic.Int64
	lateness  histogram
	second    int64 // since 1970, the one present is of
	present   time.Duration
	last      atomic.Int64 // lateness of the last full second, in nanoseconds
}

// late counts a train of instant t that was so late.
func (c *counts) late(d time.Duration, t Instant) {
	c.lateness.add(d)
	if second := int64(t) / int64(time.Second); second != c.second {
		c.last.Store(int64(c.present))
		c.second, c.present = second, 0
	}
	c.present = max(c.present, d)
}

// Snapshot returns how the channel fares. Any goroutine may call it, at any
// time; it holds nothing up.
func (p *Channel) Snapshot() Snapshot {
	n := p.counts.packet.Load()
	s := Snapshot{
		Name: p.name, Packet: n, Position: p.stream.Due(n), Lap: p.stream.Lap(n), BitRate: p.stream.BitRate(),
		Packets: p.counts.packets.Load(), Datagrams: p.counts.datagrams.Load(), Starved: p.counts.starved.Load(),
		Late: p.counts.lateNow(),
	}
	s.Bytes = s.Packets * packet.Size
	for _, f := range p.feeds {
		s.Outputs = append(s.Outputs, f.snapshot())
	}
	return s
}

// LatenessHistogram returns how late the channel's trains have been. Any goroutine may call
// it, as it may Snapshot, which has the lateness since the start.
func (p *Channel) LatenessHistogram() *LatenessHistogram {
	t := new(LatenessHistogram)
	p.counts.lateness.tally(t)
	return t
}

func (c *counts) lateNow() Lateness {
	var t LatenessHistogram // On the stack: somebody asks of a thousand channels each second.
	c.lateness.tally(&t)
	l := t.lateness()
	l.LastSecond = time.Duration(c.last.Load())
	return l
}

func (f *feed) snapshot() OutputSnapshot {
	s := OutputSnapshot{
		URL: f.out.URL(), Datagrams: f.counts.datagrams.Load(), Dropped: f.counts.dropped.Load(),
		Refused: f.counts.refused.Load(), Skipped: f.counts.skipped.Load(),
	}
	if text := f.counts.last.Load(); text != nil {
		s.LastError = *text
	}
	return s
}
