package monitor

import (
	"fmt"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

const (
	// second is one second on the system clock, in ticks of 27 MHz.
	second = media.PCRPerSecond
	// clockWrap is where a PCR wraps (ISO/IEC 13818-1, 2.4.3.5).
	clockWrap = int64(300) << 33
	// stampWrap is where a PTS or DTS wraps, in ticks of 90 kHz.
	stampWrap = int64(1) << 33

	pcrLimit = second / 10 // between two PCRs (TR 101 290, 2.3.a)
	dvbLimit = second / 25 // between two PCRs (ETSI TS 101 154)
)

// wrapped returns a − b modulo n, in the range −n/2 to n/2.
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

// pcrInterval is the stretch of the stream between two PCRs, over which bytes
// arrive at a constant rate (ISO/IEC 13818-1, 2.4.2.2). Its time is elapsed
// time, which is 0 at the first PCR and continues across discontinuities.
type pcrInterval struct {
	pos, at      int64
	bytes, ticks int64
	shift        int64 // PCR value minus elapsed time
}

func (in *pcrInterval) known() bool { return in.bytes > 0 }

// time returns when the byte at a position arrives, rounded down to a tick.
func (in *pcrInterval) time(pos int64) int64 {
	return in.at + media.MulDiv(pos-in.pos, in.ticks, in.bytes)
}

// elapsed converts a timestamp in ticks of 27 MHz to the elapsed time nearest to now.
func (in *pcrInterval) elapsed(stamp, now int64) int64 {
	return now + wrapped(stamp, now+in.shift, clockWrap)
}

// pcrArrival is one PCR: its value, the position of its byte, and when it arrived.
type pcrArrival struct {
	value, pos int64
	at         time.Time
}

// clock follows the PCRs of the program that is measured.
type clock struct {
	pid      PID
	have     bool
	gap      bool // bytes were lost since the last PCR, so that their count is unknown
	last     pcrArrival
	elapsed  int64
	shift    int64
	interval pcrInterval

	intervals        histogram
	over40           int64
	discontinuities  int64
	minRate, maxRate int64
	bytes, ticks     int64
	accuracy         accuracy
	jitter           jitter
}

// pcr takes the next PCR. It reports whether the bytes before it now have a
// time, in c.interval, and whether the clock has jumped.
func (c *clock) pcr(now pcrArrival, announced bool, errs *errorCounts) (timed, jumped bool) {
	if !c.have {
		c.start(now)
		return false, false
	}
	d := wrapped(now.value, c.last.value, clockWrap)
	if c.continues(d, now) {
		c.measure(d, now, errs)
		c.step(d, now)
		return true, false
	}
	c.jump(d, now, announced, errs)
	return c.interval.known(), true
}

// start begins a time base.
func (c *clock) start(now pcrArrival) {
	c.have, c.last, c.shift = true, now, now.value-c.elapsed
	c.record(now)
}

func (c *clock) record(now pcrArrival) {
	c.accuracy.add(pcrPoint{c.elapsed, now.pos})
	c.jitter.add(c.elapsed, now.at)
}

// continues reports whether the clock continues rather than jumps. A step
// within 100 ms continues (TR 101 290, 2.3.b). So does a longer one that
// matches the bytes between at the rate so far, or the time that they took to
// arrive: then PCRs are missing, which is another error.
func (c *clock) continues(d int64, now pcrArrival) bool {
	near := func(want int64) bool { return d-want <= pcrLimit && want-d <= pcrLimit }
	switch {
	case d <= 0:
		return false
	case d <= pcrLimit:
		return true
	case !now.at.IsZero() && near(ticksOf(now.at.Sub(c.last.at))):
		return true
	case !c.interval.known():
		return d <= second
	}
	return near(media.MulDiv(now.pos-c.last.pos, c.interval.ticks, c.interval.bytes))
}

// measure measures an interval of d ticks that ends now.
func (c *clock) measure(d int64, now pcrArrival, errs *errorCounts) {
	c.intervals.add(d)
	if d > dvbLimit {
		c.over40++
	}
	if d > pcrLimit {
		errs.raise(PCRRepetition, now.pos/packetSize, c.pid, func() string { return milliseconds(d) })
	}
	if c.gap {
		return
	}
	bytes := now.pos - c.last.pos
	c.bytes, c.ticks = c.bytes+bytes, c.ticks+d
	rate := media.MulDiv(bytes*8, second, d)
	if c.minRate == 0 || rate < c.minRate {
		c.minRate = rate
	}
	c.maxRate = max(c.maxRate, rate)
}

// step advances to the next PCR of the same time base.
func (c *clock) step(d int64, now pcrArrival) {
	c.interval = pcrInterval{c.last.pos, c.elapsed, now.pos - c.last.pos, d, c.shift}
	c.elapsed += d
	c.last = now
	if c.gap {
		c.gap = false
		c.accuracy.flush()
	}
	c.record(now)
}

// jump begins a new time base. Elapsed time continues at the rate so far.
func (c *clock) jump(d int64, now pcrArrival, announced bool, errs *errorCounts) {
	if announced {
		c.discontinuities++
	} else {
		errs.raise(PCRJump, now.pos/packetSize, c.pid, func() string { return "PCR steps by " + milliseconds(d) })
	}
	if c.interval.known() {
		c.interval.at, c.interval.pos = c.elapsed, c.last.pos
		c.elapsed = max(c.elapsed, c.interval.time(now.pos))
	}
	c.accuracy.flush()
	c.jitter.flush()
	c.start(now)
}

// extrapolated returns the interval after the last PCR, at the rate so far.
func (c *clock) extrapolated() pcrInterval {
	in := c.interval
	in.at, in.pos, in.shift = c.elapsed, c.last.pos, c.shift
	return in
}

// rate returns the mean rate of the transport stream, 0 before there are two PCRs.
func (c *clock) rate() media.BitRate {
	if c.ticks == 0 {
		return 0
	}
	return media.BitRate(media.MulDiv(c.bytes*8, second, c.ticks))
}
