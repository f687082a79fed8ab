package monitor

import (
	"bytes"
	"encoding/binary"
	"time"
)

const (
	// MaxLegs is how many legs a stream is reconstructed from at most.
	MaxLegs = 8
	// hold is how long a datagram may come after its twin on another leg, a little more than the
	// 450 ms of the widest class of receivers in SMPTE 2022-7.
	hold = 500 * time.Millisecond
	// reconstructionSlots is how many datagrams that time has at most, a power of two.
	reconstructionSlots = 8192
)

// reconstruction makes one stream of the RTP datagrams of several legs that carry the same
// (SMPTE 2022-7): each datagram is taken from the first leg that brings it. It has no clock.
type reconstruction struct {
	deliver func(at time.Time, b []byte)
	legs    []leg
	slots   [reconstructionSlots]slot

	started   bool
	ssrc      uint32
	heard     time.Time // when a datagram of that SSRC arrived last
	first     int64     // number of the first datagram
	next      int64     // of the one to deliver next
	end       int64     // after the highest that has arrived
	done      int64     // before it, what each leg lost is counted
	delivered time.Time
	missing   int64 // on all legs
	different int64
	restarts  int64
	foreign   int64 // datagrams that are not RTP
}

// slot is a datagram that has arrived, or has been given up.
type slot struct {
	number int64
	first  time.Time // when it arrived first, or would have
	legs   uint      // bit n: leg n has brought it; none: it has been given up
	data   []byte
}

// holds reports whether the slot has the datagram of a number.
func (s *slot) holds(number int64) bool { return s.number == number && !s.first.IsZero() }

func (r *reconstruction) slot(number int64) *slot { return &r.slots[number&(reconstructionSlots-1)] }

// leg is one path of the stream.
type leg struct {
	started bool
	from    int64 // number of its first datagram
	before  int64 // datagrams before that one
	report  LegReport
	skew    histogram
	lag     time.Duration // its usual time behind the first leg
}

func newReconstruction(legs []LegReport, deliver func(time.Time, []byte)) *reconstruction {
	r := &reconstruction{deliver: deliver, legs: make([]leg, len(legs))}
	for i := range legs {
		r.legs[i].report = legs[i]
	}
	return r
}

// datagram takes a datagram that arrived on a leg.
func (r *reconstruction) datagram(on int, at time.Time, b []byte) {
	switch {
	case isRTCP(b):
		return
	case !isRTP(b) || len(b) < 12:
		r.foreign++
		return
	}
	l, sequence, ssrc := &r.legs[on], binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[8:])
	if r.started && ssrc != r.ssrc && at.Sub(r.heard) < hold {
		l.report.Foreign++
		return
	}
	number := r.next + int64(int16(sequence-uint16(r.next)))
	if !r.started || ssrc != r.ssrc || number-r.next > maxDropout || r.next-number > maxDropout {
		r.restart(ssrc, int64(sequence))
		number = r.next
	}
	r.heard = at
	if l.report.Datagrams++; !l.started {
		l.started, l.from = true, number
	}
	if number < r.done {
		if number >= r.first { // What came before the first is nobody's loss.
			l.report.Late++
		}
		return
	}
	r.store(on, number, at, b)
	r.handOver()
}

// restart begins anew with another stream or another sequence.
func (r *reconstruction) restart(ssrc uint32, number int64) {
	if r.started {
		r.restarts++
		r.flush()
	}
	r.started, r.ssrc = true, ssrc
	r.first, r.next, r.end, r.done = number, number, number, number
	for i := range r.legs {
		r.legs[i].started = false
	}
	clear(r.slots[:])
}

// store keeps a datagram, or notes that one more leg has brought it.
func (r *reconstruction) store(on int, number int64, at time.Time, b []byte) {
	for number-r.done >= reconstructionSlots {
		r.settle()
	}
	l, s := &r.legs[on], r.slot(number)
	switch {
	case !s.holds(number):
		*s = slot{number: number, first: at, data: append(s.data[:0], b...)}
	case s.legs == 0:
		l.report.Late++
		return
	case s.legs>>on&1 != 0:
		l.report.Duplicate++
		return
	case !bytes.Equal(s.data, b):
		r.different++
	}
	s.legs |= 1 << on
	behind := max(0, at.Sub(s.first))
	l.skew.add(int64(behind))
	if s.legs != 1<<on { // With no other leg there is nothing to be behind.
		l.lag += (behind - l.lag) / 16
	}
	r.end = max(r.end, number+1)
}

// handOver delivers what is complete.
func (r *reconstruction) handOver() {
	for ; r.next < r.end; r.next++ {
		s := r.slot(r.next)
		if !s.holds(r.next) {
			return
		}
		if s.legs == 0 {
			continue
		}
		// A receiver plays out at a constant delay: what only the slower leg has brought does not come late.
		at := s.first
		for i := range r.legs {
			if s.legs == 1<<i {
				at = at.Add(-r.legs[i].lag)
			}
		}
		if at.Before(r.delivered) {
			at = r.delivered
		}
		r.delivered = at
		r.deliver(at, s.data)
	}
}

// advance gives up the datagrams that no leg has brought in time, and counts what each leg has lost.
func (r *reconstruction) advance(now time.Time) {
	for r.next < r.end {
		i := r.next
		for !r.slot(i).holds(i) {
			i++
		}
		waiting := r.slot(i).first
		if now.Sub(waiting) < hold {
			break
		}
		r.giveUp(i, waiting)
		r.handOver()
	}
	for r.done < r.next && now.Sub(r.slot(r.done).first) >= hold {
		r.settle()
	}
}

// giveUp gives up the datagrams before a number.
func (r *reconstruction) giveUp(before int64, at time.Time) {
	for ; r.next < before; r.next++ {
		s := r.slot(r.next)
		*s = slot{number: r.next, first: at, data: s.data}
		r.missing++
	}
}

// settle counts which legs have not brought the oldest datagram.
func (r *reconstruction) settle() {
	s := r.slot(r.done)
	if r.done >= r.next {
		r.giveUp(r.done+1, r.delivered)
	}
	for i := range r.legs {
		l := &r.legs[i]
		switch {
		case s.legs == 1<<i:
			l.report.Alone++
		case !l.started || l.from > r.done:
			l.before++
		case s.legs>>i&1 == 0:
			l.report.Lost++
		}
	}
	r.done++
}

// flush delivers and counts all that has arrived.
func (r *reconstruction) flush() {
	const far = 100 * 365 * 24 * time.Hour
	r.advance(r.heard.Add(far))
}

// reports returns what was measured of the legs.
func (r *reconstruction) reports() []LegReport {
	var all []LegReport
	for i := range r.legs {
		report := r.legs[i].report
		if report.Datagrams == 0 {
			report.Lost = r.legs[i].before
		}
		report.SkewMS = quantiles(&r.legs[i].skew, float64(time.Nanosecond)/float64(time.Millisecond))
		all = append(all, report)
	}
	return all
}
