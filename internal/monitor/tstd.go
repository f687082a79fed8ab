package monitor

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/media"
)

// maxUnits is how many access units may wait in the T-STD: more than a second
// of the shortest audio frames.
const maxUnits = 4096

// maxWait is how long an access unit may wait in the decoder's buffers
// (ISO/IEC 13818-1, 2.4.2.7). H.264 and HEVC permit 10 s.
const maxWait = second

// accessUnit is an access unit in the decoder's buffers.
type accessUnit struct {
	decode, packet int64 // its DTS, in elapsed ticks, and where it begins
	held, pending  int64 // its bytes in EB or B, and those before that
	due, closed    bool  // its DTS has passed; all of it was fed
	late           int64
}

// run is a number of bytes of one kind that lie side by side in MB.
type run struct {
	unit    int64
	bytes   int64
	payload bool
}

// tstd is the system target decoder of ISO/IEC 13818-1, 2.4.2 for one
// elementary stream: TB, MB and EB for video by the leak method, TB and B for
// audio. It works byte by byte, in ticks of 27 MHz: a byte arrives when the
// PCRs say, leaves TB and MB when their leaks have drained all of it, and
// leaves EB or B at the DTS of its access unit. A byte that is there at the
// tick of the DTS is in time.
type tstd struct {
	pid    PID
	video  bool
	errs   *errorCounts
	report ModelReport // with the limits; MaxMain is the highest fill of EB or B

	tb      leakyBucket
	now     int64
	started bool

	// MB.
	runs      queue[run]
	mb        int64 // fill in bytes
	mbPayload int64
	credit    int64 // what Rbx has earned and not moved, in units
	mbEmptied int64

	// EB or B.
	units   queue[accessUnit]
	current int64 // the access unit that bytes belong to
	next    int64 // the access unit that is decoded next
	eb      int64 // fill in bytes
	headers int64 // bytes of PES headers in B before their data

	maxStay, worstLate int64
	// What one packet did, which counts as one error.
	overTB, overMain int64
}

func newTSTD(pid PID, c coding, b Buffer, errs *errorCounts) *tstd {
	b = b.complete(c)
	return &tstd{
		pid: pid, video: c.video(), errs: errs, report: ModelReport{Buffer: b},
		tb: newLeakyBucket(b.Leak, tbSize), runs: newQueue[run](64), units: newQueue[accessUnit](64), current: -1,
	}
}

// unitStart is where in a packet an access unit begins, and when it is decoded.
type unitStart struct {
	index  int
	decode int64
}

// packetParts is how a packet divides: its own header up to payload, the header
// of a PES packet up to data, then data.
type packetParts struct {
	number        int64
	payload, data int
	starts        []unitStart
}

// packet feeds a packet whose first byte is at pos; in gives the bytes their times.
func (d *tstd) packet(p packetParts, in *pcrInterval, pos int64) {
	if !d.started && len(p.starts) == 0 {
		return
	}
	at, rest := media.MulDivMod(pos-in.pos, in.ticks, in.bytes)
	at += in.at
	if !d.started {
		d.started, d.now, d.mbEmptied = true, at, at
		d.tb.restart(at)
	}
	d.overTB, d.overMain = 0, 0
	quot, rem := in.ticks/in.bytes, in.ticks%in.bytes
	for i, starts := 0, p.starts; i < packetSize; i++ {
		t := max(at, d.tb.at)
		for len(starts) > 0 && starts[0].index == i {
			d.open(starts[0].decode, t, p.number)
			starts = starts[1:]
		}
		if d.tb.put(t) {
			d.overTB++
		}
		if i >= p.payload { // Only PES packets go on from TB (2.4.2.3).
			d.enter(d.tb.leaves(), i >= p.data)
		}
		at, rest = at+quot, rest+rem
		if rest >= in.bytes {
			at, rest = at+1, rest-in.bytes
		}
	}
	d.raise(p.number)
}

// reset empties all buffers after a jump of the clock.
func (d *tstd) reset() {
	d.started = false
	d.runs.first, d.units.first = d.runs.end, d.units.end
	d.mb, d.mbPayload, d.credit, d.eb, d.headers = 0, 0, 0, 0, 0
	d.next, d.current = d.units.end, d.units.end-1
}

// open begins an access unit whose first byte arrives at t. It ends the one before.
func (d *tstd) open(decode, t, n int64) {
	if u := d.units.at(d.current); u != nil {
		u.closed = true
	}
	if d.units.len() == maxUnits { // Only with timestamps far in the future.
		d.eb -= d.units.at(d.units.first).held
		d.units.pop()
		d.next = max(d.next, d.units.first)
	}
	d.current = d.units.push(accessUnit{decode: decode, packet: n})
	d.finish()
	if decode-t > maxWait {
		d.errs.raise(DataDelay, n, d.pid, func() string { return "decoded " + milliseconds(decode-t) + " after it came" })
	}
	d.maxStay = max(d.maxStay, decode-t)
}

// enter moves a byte from TB at t into MB, or into B.
func (d *tstd) enter(t int64, payload bool) {
	d.advance(t)
	if d.video {
		d.enterMB(payload)
		return
	}
	// A PES header stays in B with the data behind it, and leaves with the access
	// unit that this belongs to (2.4.2.3).
	if !payload {
		d.headers++
		d.eb++
	} else {
		d.eb -= d.headers
		d.store(d.current, 1+d.headers)
		d.headers = 0
	}
	if d.eb > int64(d.report.Buffer.Size) {
		d.overMain++
	}
}

func (d *tstd) enterMB(payload bool) {
	d.mb++
	d.report.MaxMB = max(d.report.MaxMB, d.mb)
	if payload {
		d.mbPayload++
		if u := d.units.at(d.current); u != nil {
			u.pending++
			if b := &d.report.Buffer; u.held+u.pending > int64(b.Size) {
				b.Size = max(b.Size, b.level) // No decoder could play the stream with less.
			}
		}
	}
	if r := d.runs.at(d.runs.end - 1); r != nil && r.unit == d.current && r.payload == payload {
		r.bytes++
	} else {
		d.runs.push(run{d.current, 1, payload})
	}
	if d.mb > int64(d.report.Buffer.Mux) { // The oldest byte moves to EB early.
		d.overMain++
		d.move(min(1, d.mbPayload))
	}
}

// advance moves the time to t: bytes move from MB to EB and access units leave
// EB. One that is due at t itself leaves only when the time has passed t.
func (d *tstd) advance(t int64) {
	for u := d.units.at(d.next); u != nil && u.decode < t; u = d.units.at(d.next) {
		d.transfer(max(u.decode, d.now))
		d.eb -= u.held
		u.held, u.due = 0, true
		d.next++
		d.report.Units++
	}
	d.transfer(t)
	d.finish()
}

// transfer moves bytes from MB at Rbx until t, unless EB is full or MB has no payload.
func (d *tstd) transfer(t int64) {
	if !d.video || t <= d.now {
		d.now = max(d.now, t)
		return
	}
	d.credit += int64(d.report.Buffer.Drain) * min(t-d.now, second)
	d.now = t
	room := max(int64(d.report.Buffer.Size)-d.eb, 0)
	want := d.credit / unit
	n := min(want, d.mbPayload, room)
	d.credit -= n * unit
	if n < want || n == d.mbPayload || n >= room {
		d.credit = 0
	}
	if n > 0 {
		d.move(n)
	}
	if d.mb == 0 {
		d.mbEmptied = t
	}
}

// move moves n bytes of payload from MB to EB, and removes the PES headers before them.
func (d *tstd) move(n int64) {
	d.mbPayload -= n
	for n > 0 {
		r := d.runs.at(d.runs.first)
		k := r.bytes
		if r.payload {
			k = min(k, n)
			n -= k
			if u := d.units.at(r.unit); u != nil {
				u.pending -= k
			}
			d.store(r.unit, k)
		}
		d.mb -= k
		if r.bytes -= k; r.bytes == 0 {
			d.runs.pop()
		}
	}
}

// store puts n bytes of an access unit into EB or B or, after its DTS, records
// how late they are.
func (d *tstd) store(i, n int64) {
	u := d.units.at(i)
	switch {
	case u == nil:
	case u.due:
		u.late = max(u.late, d.now-u.decode, 1)
	default:
		u.held += n
		d.eb += n
		d.report.MaxMain = max(d.report.MaxMain, d.eb)
	}
}

// finish removes access units that are decoded and get no more bytes.
func (d *tstd) finish() {
	for u := d.units.at(d.units.first); u != nil && u.due && u.closed && u.pending <= 0; u = d.units.at(d.units.first) {
		if u.late > 0 {
			d.report.Underflows++
			d.worstLate = max(d.worstLate, u.late)
			d.errs.raise(BufferUnderflow, u.packet, d.pid, func() string {
				return "access unit complete " + milliseconds(u.late) + " after its DTS"
			})
		}
		d.units.pop()
	}
}

// raise raises what packet n did to the buffers, once for each of them.
func (d *tstd) raise(n int64) {
	main := "B"
	if d.video {
		main = "MB"
	}
	for _, over := range []struct {
		name  string
		bytes int64
	}{{"TB", d.overTB}, {main, d.overMain}} {
		if over.bytes > 0 {
			d.report.Overflows++
			d.errs.raise(BufferOverflow, n, d.pid, func() string { return fmt.Sprintf("%s by %d bytes", over.name, over.bytes) })
		}
	}
	if d.tb.stuck() {
		d.errs.raise(NotEmptied, n, d.pid, func() string { return "TB" })
	}
	if d.video && d.mb > 0 && d.now-d.mbEmptied > second {
		d.mbEmptied = d.now
		d.errs.raise(NotEmptied, n, d.pid, func() string { return "MB" })
	}
}

func (d *tstd) summary() *ModelReport {
	r := d.report
	r.MaxTB, r.MaxStayMS, r.MaxLateMS = d.tb.maxBytes(), ms(d.maxStay), ms(d.worstLate)
	return &r
}
