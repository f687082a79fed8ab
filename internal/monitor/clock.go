package monitor

import (
	"fmt"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

const (
	// second is one second on the system clock, in ticks of 27 MHz.
	second = media.PCRPerSecond
	// clockWrap is where a PCR begins again (ISO/IEC 13818-1, 2.4.3.5).
	clockWrap = int64(300) << 33
	// stampWrap is where a PTS or DTS begins again, in ticks of 90 kHz.
	stampWrap = int64(1) << 33

	pcrLimit   = second / 10
	dvbLimit   = second / 25
	firstLimit = second
)

// wrapped returns the shortest way from b to a on a circle of n, −n/2 to n/2.
func wrapped(a, b, n int64) int64 {
	d := (a - b) % n
	switch {
	case d >= n/2:
		return d - n
	case d < -n/2:
		return d + n
	default:
		return d
	}
}

func milliseconds(ticks int64) string {
	return fmt.Sprintf("%.3f ms", float64(ticks)/(second/1000))
}

func ticksOf(d time.Duration) int64 { return media.MulDiv(int64(d), second, int64(time.Second)) }

// ramp is a stretch of the stream over which bytes come at a constant rate:
// from one PCR to the next (ISO/IEC 13818-1, 2.4.2.2). Its time is elapsed
// time: it begins with 0 at the first PCR and goes on over discontinuities.
type ramp struct {
	pos, at      int64
	bytes, ticks int64
	// shift is the value of the PCR less elapsed time.
	shift int64
}

func (r *ramp) known() bool { return r.bytes > 0 }

// time returns when the byte at that position comes, rounded down to a tick.
func (r *ramp) time(pos int64) int64 {
	return r.at + media.MulDiv(pos-r.pos, r.ticks, r.bytes)
}

// stamp puts a PTS or DTS on the elapsed time, nearest to now.
func (r *ramp) stamp(v, now int64) int64 {
	return now + wrapped(v*300, now+r.shift, clockWrap)
}

// anchor is one PCR: its value, the position of its byte, and when it arrived.
type anchor struct {
	value, pos int64
	at         time.Time
}

// clock follows the PCRs of the program that is measured.
type clock struct {
	pid  PID
	have bool
	// gap says that bytes were lost since the last PCR, so that their count says nothing.
	gap     bool
	last    anchor
	elapsed int64
	shift   int64
	ramp    ramp

	intervals       histogram
	over40          int64
	discontinuities int64
	minRate         int64
	maxRate         int64
	bytes, ticks    int64
	accuracy        accuracy
	arrival         arrival
}

// pcr takes the next PCR. It reports whether the bytes before it now have a
// time, in c.ramp, and whether the clock has jumped.
func (c *clock) pcr(v int64, pos int64, at time.Time, announced bool, to *tally) (timed, jumped bool) {
	now := anchor{v, pos, at}
	if !c.have {
		c.start(now)
		return false, false
	}
	d := wrapped(v, c.last.value, clockWrap)
	if c.continues(d, now) {
		c.measure(d, now, to)
		c.step(d, now)
		return true, false
	}
	c.jump(d, now, announced, to)
	return c.ramp.known(), true
}

func (c *clock) start(now anchor) {
	c.have, c.last, c.shift = true, now, now.value-c.elapsed
	c.accuracy.add(point{c.elapsed, now.pos})
	c.arrival.add(c.elapsed, now.at)
}

// continues tells a clock that runs on from one that jumps. A step within
// 100 ms runs on (TR 101 290, 2.3.b). A longer one does where the bytes in
// between, at the rate so far, or the time they took to arrive bear it out:
// then PCRs are missing, and that is another error.
func (c *clock) continues(d int64, now anchor) bool {
	if d <= 0 {
		return false
	}
	if d <= pcrLimit {
		return true
	}
	if !now.at.IsZero() && near(d, ticksOf(now.at.Sub(c.last.at))) {
		return true
	}
	if !c.ramp.known() {
		return d <= firstLimit
	}
	return near(d, media.MulDiv(now.pos-c.last.pos, c.ramp.ticks, c.ramp.bytes))
}

func near(a, b int64) bool { return a-b <= pcrLimit && b-a <= pcrLimit }

// measure takes what TR 101 290 wants to know of an interval.
func (c *clock) measure(d int64, now anchor, to *tally) {
	c.intervals.add(d)
	if d > dvbLimit {
		c.over40++
	}
	if d > pcrLimit {
		to.raise(PCRRepetition, now.pos/packetSize, c.pid, func() string { return milliseconds(d) })
	}
	bytes := now.pos - c.last.pos
	if c.gap {
		return
	}
	c.bytes, c.ticks = c.bytes+bytes, c.ticks+d
	rate := media.MulDiv(bytes*8, second, d)
	if c.minRate == 0 || rate < c.minRate {
		c.minRate = rate
	}
	c.maxRate = max(c.maxRate, rate)
}

// step moves on to the next PCR of the same time base.
func (c *clock) step(d int64, now anchor) {
	c.ramp = ramp{c.last.pos, c.elapsed, now.pos - c.last.pos, d, c.shift}
	c.elapsed += d
	c.last = now
	if c.gap {
		c.gap = false
		c.accuracy.flush()
	}
	c.accuracy.add(point{c.elapsed, now.pos})
	c.arrival.add(c.elapsed, now.at)
}

// jump begins a new time base. Elapsed time runs on at the rate so far.
func (c *clock) jump(d int64, now anchor, announced bool, to *tally) {
	if announced {
		c.discontinuities++
	} else {
		to.raise(PCRJump, now.pos/packetSize, c.pid, func() string { return "PCR steps by " + milliseconds(d) })
	}
	if c.ramp.known() {
		c.ramp.at, c.ramp.pos = c.elapsed, c.last.pos
		c.elapsed = max(c.elapsed, c.ramp.time(now.pos))
	}
	c.accuracy.flush()
	c.arrival.flush()
	c.start(now)
}

// rate returns the mean rate of the transport stream, 0 before there are two PCRs.
func (c *clock) rate() media.BitRate {
	if c.ticks == 0 {
		return 0
	}
	return media.BitRate(media.MulDiv(c.bytes*8, second, c.ticks))
}
