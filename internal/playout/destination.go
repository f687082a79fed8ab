package playout

import (
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

const (
	// recoveryTime is how long a destination must go without failures to have recovered.
	recoveryTime = time.Second
	// listenTime is how long nobody must have refused datagrams for somebody to listen. A host
	// reports refused datagrams once a second, or less often for many senders (RFC 1812, 4.3.2.8).
	listenTime = 30 * time.Second
)

// state is the condition of a destination.
type state int

const (
	sending state = iota
	refused       // nobody listens there
	failing       // the system does not take datagrams for it
)

// datagramNumber is the number of a datagram of a destination, from 0 at the epoch.
type datagramNumber int64

// destination is an output of a channel and how far it has got.
type destination struct {
	out         output.Output
	channel     string         // its name, for messages
	packets     packet.Number  // TS packets a datagram
	next        datagramNumber // number of the next datagram
	state       state          // as last reported
	lastTrouble Instant        // when it was last refused or failed
	counts      destinationCounts
	beside      []*destination // all of the channel
	shrinks     bool           // its output has told of datagrams that adopt has not followed yet
}

// destinationCounts are what any goroutine may read.
type destinationCounts struct {
	datagrams atomic.Int64
	dropped   atomic.Int64
	refused   atomic.Int64
	skipped   atomic.Int64
	unheard   atomic.Bool
	lastError atomic.Pointer[string]
}

// datagramAt returns the number of the first datagram that begins with packet n
// or later. A datagram is due when its first packet is.
func (d *destination) datagramAt(n packet.Number) datagramNumber {
	return datagramNumber((n + d.packets - 1) / d.packets)
}

// packetAt returns the first packet of a datagram.
func (d *destination) packetAt(n datagramNumber) packet.Number { return packet.Number(n) * d.packets }

// adopt follows the output where it sends datagrams of another length from now on. The
// packets before the next of the new ones are skipped.
func (d *destination) adopt() {
	packets := packet.Number(d.out.Packets())
	if packets == d.packets {
		return
	}
	at := d.packetAt(d.next)
	d.packets, d.shrinks = packets, false
	d.next = d.datagramAt(at)
	if d.packetAt(d.next) > at {
		d.counts.skipped.Add(1)
	}
}

// send sends payload, whole datagrams from next on, and returns how many were sent.
func (d *destination) send(payload []byte, now Instant, log *asyncLog) (datagrams int) {
	r := d.out.Send(d.packetAt(d.next), payload)
	d.next += datagramNumber(len(payload) / (int(d.packets) * packet.Size))
	d.counts.datagrams.Add(int64(r.Sent))
	if r.Note != "" {
		log.add(slog.LevelWarn, d.channel, d.out.URL()+": "+r.Note+d.parted(r.Shorter))
	}
	if r.Dropped|r.Refused != 0 || d.state != sending {
		d.count(r, now, log)
	}
	return r.Sent
}

// parted returns what to add to the note of shorter datagrams: which RTP destinations keep
// theirs and so are no longer legs of one stream (SMPTE 2022-7 compares whole datagrams).
func (d *destination) parted(s output.Shorter) string {
	if s.To == 0 || !isRTP(d) {
		return ""
	}
	var kept []string
	for _, o := range d.beside {
		if o != d && isRTP(o) && o.packets == packet.Number(s.From) && !o.shrinks {
			kept = append(kept, o.out.URL())
		}
	}
	if d.shrinks = int(d.packets) == s.From; kept == nil {
		return ""
	}
	return fmt.Sprintf("; it and %s no longer carry identical RTP (SMPTE 2022-7) unless all have pkt=%d", strings.Join(kept, ", "), s.To)
}

func isRTP(d *destination) bool { return strings.HasPrefix(d.out.URL(), "rtp://") }

// count counts trouble. It reports only the first and the recovery: an output may fail
// a thousand times a second.
func (d *destination) count(r output.Result, now Instant, log *asyncLog) {
	d.counts.dropped.Add(int64(r.Dropped))
	d.counts.refused.Add(int64(r.Refused))
	switch {
	case r.Err != nil:
		d.lastTrouble = now
		if d.state != failing {
			d.fail(r.Err, log)
		}
	case r.Refused > 0:
		d.lastTrouble = now
		if d.state == sending {
			d.state = refused
			d.counts.unheard.Store(true)
			log.add(slog.LevelInfo, d.channel, d.out.URL()+" refuses datagrams: nobody listens there; still sending")
		}
	case d.state == failing && now.Sub(d.lastTrouble) >= recoveryTime:
		d.recovered(" accepts datagrams again", log)
	case d.state == refused && now.Sub(d.lastTrouble) >= listenTime:
		d.recovered(" accepts datagrams again: somebody listens there", log)
	}
}

// fail keeps why the system does not take datagrams, and logs it.
func (d *destination) fail(err error, log *asyncLog) {
	d.state = failing
	text := d.out.URL() + " cannot be sent to: " + err.Error()
	d.counts.unheard.Store(false)
	d.counts.lastError.Store(&text)
	log.add(slog.LevelWarn, d.channel, text+"; still trying")
}

// recovered ends a trouble and logs how.
func (d *destination) recovered(how string, log *asyncLog) {
	d.state = sending
	d.counts.unheard.Store(false)
	d.counts.lastError.Store(nil)
	log.add(slog.LevelInfo, d.channel, d.out.URL()+how)
}

// skip skips the datagrams that begin before packet n.
func (d *destination) skip(n packet.Number) {
	if to := d.datagramAt(n); to > d.next {
		d.counts.skipped.Add(int64(to - d.next))
		d.next = to
	}
}

func (d *destination) snapshot() OutputSnapshot {
	s := OutputSnapshot{
		URL: d.out.URL(), Datagrams: d.counts.datagrams.Load(), Dropped: d.counts.dropped.Load(),
		Refused: d.counts.refused.Load(), Skipped: d.counts.skipped.Load(),
		Unheard: d.counts.unheard.Load(),
	}
	if text := d.counts.lastError.Load(); text != nil {
		s.LastError = *text
	}
	return s
}
