package playout

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/lilo-live/lilo/internal/output"
	"github.com/lilo-live/lilo/internal/packet"
)

// calm is how long an output has to go without trouble to count as recovered.
const calm = time.Second

// state is how an output fares.
type state int

const (
	sending state = iota
	refused       // nobody listens there
	failing       // the system does not take datagrams for it
)

// feed is one output of a channel and how far it has got.
type feed struct {
	out     output.Output
	channel string  // names it in messages
	packets int64   // TS packets a datagram
	next    int64   // number of the next datagram
	state   state   // as last reported
	trouble Instant // the last time it was refused or failed
	counts  feedCounts
}

// feedCounts is what others may read of a feed.
type feedCounts struct {
	datagrams atomic.Int64
	dropped   atomic.Int64
	refused   atomic.Int64
	skipped   atomic.Int64
	last      atomic.Pointer[string]
}

// until returns the number of the first datagram that is due later than all
// packets before n: a datagram is due when its first packet is.
func (f *feed) until(n int64) int64 { return (n + f.packets - 1) / f.packets }

// send sends payload, whole datagrams from number next on.
func (f *feed) send(payload []byte, now Instant, log *journal) (datagrams int) {
	r := f.out.Send(f.next*f.packets, payload)
	f.next += int64(len(payload)) / (f.packets * packet.Size)
	f.counts.datagrams.Add(int64(r.Sent))
	if r.Dropped|r.Refused != 0 || f.state != sending {
		f.judge(r, now, log)
	}
	return r.Sent
}

// judge counts what went wrong and reports the first trouble and the recovery,
// not what lies between: an output may fail a thousand times a second.
func (f *feed) judge(r output.Result, now Instant, log *journal) {
	f.counts.dropped.Add(int64(r.Dropped))
	f.counts.refused.Add(int64(r.Refused))
	switch {
	case r.Err != nil:
		f.fails(r.Err, now, log)
	case r.Refused > 0:
		f.refuses(now, log)
	case f.state != sending && now.Sub(f.trouble) >= calm:
		f.recovers(log)
	}
}

func (f *feed) fails(err error, now Instant, log *journal) {
	f.trouble = now
	if f.state == failing {
		return
	}
	f.state = failing
	text := f.out.URL() + " cannot be sent to: " + err.Error()
	f.counts.last.Store(&text)
	log.add(slog.LevelWarn, f.channel, text+"; it is tried on")
}

func (f *feed) refuses(now Instant, log *journal) {
	f.trouble = now
	if f.state != sending {
		return
	}
	f.state = refused
	text := f.out.URL() + " refuses datagrams: nobody listens there"
	f.counts.last.Store(&text)
	log.add(slog.LevelWarn, f.channel, text+"; it goes on being sent")
}

func (f *feed) recovers(log *journal) {
	text := " takes datagrams again"
	if f.state == refused {
		text = " refuses no more datagrams: somebody listens there"
	}
	f.state = sending
	f.counts.last.Store(nil)
	log.add(slog.LevelInfo, f.channel, f.out.URL()+text)
}

// skip leaves out the datagrams before the one that begins with packet n or later.
func (f *feed) skip(n int64) {
	if to := f.until(n); to > f.next {
		f.counts.skipped.Add(to - f.next)
		f.next = to
	}
}
