package playout

import (
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/packet"
)

// Snapshot is the condition of a channel at one moment.
type Snapshot struct {
	Name string
	// Packet is the next packet due.
	Packet packet.Number
	// Position is when that packet is due after the epoch.
	Position time.Duration
	// Lap is the lap it belongs to, from 0.
	Lap int64
	// BitRate is the rate of the stream in bit/s.
	BitRate int64
	// Packets, Datagrams and Bytes (of packets) count what was sent to all outputs.
	Packets, Datagrams, Bytes int64
	// Starved counts the packets that null packets replaced because they had not been
	// read in time.
	Starved int64
	// Late is how late trains left.
	Late Lateness
	// Outputs are in the order of Config.Outputs.
	Outputs []OutputSnapshot
}

// OutputSnapshot is the condition of one output.
type OutputSnapshot struct {
	URL string
	// Datagrams counts those sent, Dropped those that the system did not accept.
	Datagrams, Dropped int64
	// Refused counts how often the system reported that nobody listens.
	Refused int64
	// Skipped counts the datagrams that were not sent because they were overdue.
	Skipped int64
	// Unheard says that nobody listens at the destination now: its host refuses datagrams.
	Unheard bool
	// LastError is what is wrong now, "" if nothing is.
	LastError string
}

// Lost counts the datagrams that their receivers miss, by what they were lost to.
type Lost struct {
	// Skipped were overdue and not sent, Dropped the system did not accept; of Unread, null packets
	// replaced packets that had not been read in time.
	Skipped, Dropped, Unread int64
}

// packetsPerDatagram is the usual size of a datagram.
const packetsPerDatagram = 7

// Lost returns what was lost to all outputs.
func (s *Snapshot) Lost() (l Lost) {
	for _, o := range s.Outputs {
		l.Skipped += o.Skipped
		l.Dropped += o.Dropped
	}
	l.Unread = (s.Starved*int64(len(s.Outputs)) + packetsPerDatagram - 1) / packetsPerDatagram
	return l
}

// Total returns how many datagrams were lost.
func (l Lost) Total() int64 { return l.Skipped + l.Dropped + l.Unread }

// counts are the counters of a channel. Only the scheduler writes them; any goroutine
// may read the atomic ones.
type counts struct {
	packet     position
	packets    atomic.Int64
	datagrams  atomic.Int64
	starved    atomic.Int64
	lateness   histogram
	second     int64         // the present one, since 1970
	thisSecond time.Duration // the longest lateness in it
	lastSecond atomic.Int64  // the longest of the second before, in nanoseconds
}

// late counts a train of instant t that left d after it.
func (c *counts) late(d time.Duration, t Instant) {
	c.lateness.add(d)
	if second := int64(t) / int64(time.Second); second != c.second {
		c.lastSecond.Store(int64(c.thisSecond))
		c.second, c.thisSecond = second, 0
	}
	c.thisSecond = max(c.thisSecond, d)
}

// Snapshot returns the condition of the channel. Any goroutine may call it at any time.
func (c *Channel) Snapshot() Snapshot {
	n := c.counts.packet.load()
	s := Snapshot{
		Name: c.name, Packet: n, Position: c.stream.Due(n), Lap: c.stream.Lap(n), BitRate: c.stream.BitRate(),
		Packets: c.counts.packets.Load(), Datagrams: c.counts.datagrams.Load(), Starved: c.counts.starved.Load(),
		Late: c.counts.lateNow(),
	}
	s.Bytes = s.Packets * packet.Size
	for _, d := range c.destinations {
		s.Outputs = append(s.Outputs, d.snapshot())
	}
	return s
}

// LatenessHistogram returns how late the channel's trains have been. Any goroutine may
// call it at any time.
func (c *Channel) LatenessHistogram() *LatenessHistogram {
	h := new(LatenessHistogram)
	c.counts.lateness.copyTo(h)
	return h
}

func (c *counts) lateNow() Lateness {
	var h LatenessHistogram // On the stack: servers ask for a thousand channels each second.
	c.lateness.copyTo(&h)
	l := h.lateness()
	l.LastSecond = time.Duration(c.lastSecond.Load())
	return l
}
