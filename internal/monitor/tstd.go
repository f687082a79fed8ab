package monitor

import (
	"fmt"

	"github.com/lilo-live/lilo/internal/media"
)

// unitsKept is how many access units may wait in the model: more than a
// second of the shortest audio frames.
const unitsKept = 4096

// accessUnit is an access unit on its way through the decoder's buffers.
type accessUnit struct {
	// decode is its DTS, in elapsed ticks; packet is where it begins.
	decode, packet int64
	// held counts its bytes in EB or B, pending those before that.
	held, pending int64
	// due says that its time has come, closed that all of it was fed.
	due, closed bool
	late        int64
}

// run is bytes of one kind that lie side by side in MB.
type run struct {
	unit    int64
	bytes   int64
	payload bool
}

// tstd is the system target decoder of ISO/IEC 13818-1, 2.4.2 for one
// elementary stream: TB, MB and EB for video by the leak method, TB and B for
// audio. It goes byte by byte, in ticks of 27 MHz: a byte comes when the PCRs
// say, leaves TB and MB when their leaks have taken the whole of it, and goes
// from EB or B at the DTS of its access unit. A byte that is there at the
// very tick of the DTS is in time.
type tstd struct {
	pid     PID
	video   bool
	limits  Buffer
	maxWait int64
	to      *tally

	tb      leaky
	now     int64
	started bool

	// MB.
	runs      queue[run]
	mb        int64
	mbPayload int64
	mbMax     int64
	credit    int64
	mbEmptied int64

	// EB or B.
	units   queue[accessUnit]
	current int64
	next    int64
	eb      int64
	ebMax   int64
	headers int64

	fed        int64
	decoded    int64
	underflows int64
	overflows  int64
	minSlack   int64
	maxStay    int64
	worstLate  int64

	// what one packet did, so that it counts as one error.
	overTB, overMain int64
}

func newTSTD(pid PID, c coding, b Buffer, maxWait int64, to *tally) *tstd {
	b = b.complete(c)
	return &tstd{
		pid: pid, video: c.video(), limits: b, maxWait: maxWait, to: to,
		tb: newLeaky(b.Leak, tbSize), runs: newQueue[run](64), units: newQueue[accessUnit](64), current: -1,
	}
}

// mark says that an access unit begins at an index of a packet.
type mark struct {
	index  int
	decode int64
}

// segment is how a packet of the stream divides: its own header, then the
// header of a PES packet up to data, then data.
type segment struct {
	packet     int64
	body, data int
	marks      []mark
}

// packet feeds a packet whose first byte is at pos. r gives each byte its time.
func (d *tstd) packet(s segment, r *ramp, pos int64) {
	if !d.started && len(s.marks) == 0 {
		return
	}
	at, rest := media.MulDivMod(pos-r.pos, r.ticks, r.bytes)
	at += r.at
	d.begin(at)
	d.overTB, d.overMain = 0, 0
	quot, rem := r.ticks/r.bytes, r.ticks%r.bytes
	for i, marks := 0, s.marks; i < packetSize; i++ {
		for len(marks) > 0 && marks[0].index == i {
			d.open(marks[0].decode, max(at, d.tb.at), s.packet)
			marks = marks[1:]
		}
		d.byte(max(at, d.tb.at), i >= s.body, i >= s.data)
		at, rest = at+quot, rest+rem
		if rest >= r.bytes {
			at, rest = at+1, rest-r.bytes
		}
	}
	d.report(s)
}

// begin starts the model with its first access unit, buffers empty.
func (d *tstd) begin(t int64) {
	if d.started {
		return
	}
	d.started, d.now, d.mbEmptied = true, t, t
	d.tb.restart(t)
}

// reset empties all buffers: the clock has jumped, and times before and after
// it cannot be compared.
func (d *tstd) reset() {
	d.started = false
	d.runs.clear()
	d.units.clear()
	d.mb, d.mbPayload, d.credit, d.eb, d.headers = 0, 0, 0, 0, 0
	d.next, d.current = d.units.end(), d.units.end()-1
}

// byte takes one byte at t. Every byte of a packet goes through TB, those of
// PES packets on from there (2.4.2.3).
func (d *tstd) byte(t int64, pes, payload bool) {
	if d.tb.put(t) {
		d.overTB++
	}
	if pes {
		d.enter(d.tb.leaves(), payload)
	}
}

// open begins an access unit whose first byte comes at t. It ends the one before.
func (d *tstd) open(decode, t, n int64) {
	if u := d.unit(d.current); u != nil {
		u.closed = true
	}
	if d.units.len() == unitsKept {
		d.forget()
	}
	d.current = d.units.push(accessUnit{decode: decode, packet: n})
	d.finish()
	if d.maxWait > 0 && decode-t > d.maxWait {
		d.to.raise(DataDelay, n, d.pid, func() string { return "decoded " + milliseconds(decode-t) + " after it came" })
	}
	if d.fed == 0 || decode-t < d.minSlack {
		d.minSlack = decode - t
	}
	d.maxStay = max(d.maxStay, decode-t)
	d.fed++
}

func (d *tstd) unit(i int64) *accessUnit {
	if i < d.units.begin() || i >= d.units.end() {
		return nil
	}
	return d.units.at(i)
}

// forget drops the oldest access unit, which only a stream whose timestamps
// are far in the future needs.
func (d *tstd) forget() {
	u := d.units.at(d.units.begin())
	d.eb -= u.held
	d.units.pop()
	d.next = max(d.next, d.units.begin())
}

// enter takes a byte from TB at t into MB, or into B.
func (d *tstd) enter(t int64, payload bool) {
	d.advance(t)
	if d.video {
		d.enterMB(payload)
		return
	}
	d.enterB(payload)
	if d.eb > int64(d.limits.Size) {
		d.overMain++
	}
}

// enterB takes a byte into B. The header of a PES packet stays there with the
// data behind it, and goes with the access unit that this belongs to (2.4.2.3).
func (d *tstd) enterB(payload bool) {
	if !payload {
		d.headers++
		d.eb++
		return
	}
	d.eb -= d.headers
	d.store(d.current, 1+d.headers)
	d.headers = 0
}

func (d *tstd) enterMB(payload bool) {
	d.mb++
	d.mbMax = max(d.mbMax, d.mb)
	if payload {
		d.mbPayload++
		if u := d.unit(d.current); u != nil {
			u.pending++
		}
	}
	if n := d.runs.end() - 1; n >= d.runs.begin() {
		if r := d.runs.at(n); r.unit == d.current && r.payload == payload {
			r.bytes++
			d.spill()
			return
		}
	}
	d.runs.push(run{d.current, 1, payload})
	d.spill()
}

// spill counts a byte more than MB holds. The oldest goes to EB early.
func (d *tstd) spill() {
	if d.mb <= int64(d.limits.Mux) {
		return
	}
	d.overMain++
	d.move(min(1, d.mbPayload))
}

// advance lets the time run to t: bytes go from MB to EB, access units from EB.
// An access unit that is due at t itself goes only when the time has run past t.
func (d *tstd) advance(t int64) {
	for {
		u := d.unit(d.next)
		if u == nil || u.decode >= t {
			break
		}
		d.transfer(max(u.decode, d.now))
		d.remove(u)
	}
	d.transfer(t)
	d.finish()
}

// transfer moves bytes at Rbx until t, unless EB is full or MB has no payload.
func (d *tstd) transfer(t int64) {
	if !d.video || t <= d.now {
		d.now = max(d.now, t)
		return
	}
	d.credit += int64(d.limits.Drain) * min(t-d.now, second)
	d.now = t
	want := d.credit / unit
	n := min(want, d.mbPayload, max(int64(d.limits.Size)-d.eb, 0))
	d.credit -= n * unit
	if n < want || n == d.mbPayload || d.eb+n >= int64(d.limits.Size) {
		d.credit = 0
	}
	if n > 0 {
		d.move(n)
	}
	if d.mb == 0 {
		d.mbEmptied = t
	}
}

// move takes n bytes of payload from MB to EB, and with them the PES headers before them.
func (d *tstd) move(n int64) {
	d.mbPayload -= n
	for n > 0 {
		r := d.runs.at(d.runs.begin())
		k := r.bytes
		if r.payload {
			k = min(k, n)
			n -= k
			d.arrive(r.unit, k)
		}
		d.mb -= k
		if r.bytes -= k; r.bytes == 0 {
			d.runs.pop()
		}
	}
}

func (d *tstd) arrive(unit, n int64) {
	if u := d.unit(unit); u != nil {
		u.pending -= n
	}
	d.store(unit, n)
}

// store puts bytes of an access unit into EB or B, or, when its time is over,
// counts how late they are.
func (d *tstd) store(i, n int64) {
	u := d.unit(i)
	if u == nil {
		return
	}
	if u.due {
		u.late = max(u.late, d.now-u.decode, 1)
		return
	}
	u.held += n
	d.eb += n
	d.ebMax = max(d.ebMax, d.eb)
}

// remove takes an access unit out of EB or B at its DTS.
func (d *tstd) remove(u *accessUnit) {
	d.eb -= u.held
	u.held, u.due = 0, true
	d.next++
	d.decoded++
}

// finish lets go of access units that are decoded and can get no more bytes.
func (d *tstd) finish() {
	for d.units.len() > 0 {
		u := d.units.at(d.units.begin())
		if !u.due || !u.closed || u.pending > 0 {
			return
		}
		if u.late > 0 {
			d.underflow(u)
		}
		d.units.pop()
	}
}

func (d *tstd) underflow(u *accessUnit) {
	d.underflows++
	d.worstLate = max(d.worstLate, u.late)
	d.to.raise(BufferUnderflow, u.packet, d.pid, func() string {
		return "access unit complete " + milliseconds(u.late) + " after its DTS"
	})
}

// report raises what the packet did to the buffers, once for each of them.
func (d *tstd) report(s segment) {
	if d.overTB > 0 {
		d.overflow(s.packet, "TB", d.overTB)
	}
	if d.overMain > 0 {
		d.overflow(s.packet, d.mainName(), d.overMain)
	}
	if t := d.tb.at; t-d.tb.emptied > second {
		d.tb.emptied = t
		d.to.raise(NotEmptied, s.packet, d.pid, func() string { return "TB" })
	}
	if d.video && d.mb > 0 && d.now-d.mbEmptied > second {
		d.mbEmptied = d.now
		d.to.raise(NotEmptied, s.packet, d.pid, func() string { return "MB" })
	}
}

func (d *tstd) mainName() string {
	if d.video {
		return "MB"
	}
	return "B"
}

func (d *tstd) overflow(n int64, name string, by int64) {
	d.overflows++
	d.to.raise(BufferOverflow, n, d.pid, func() string { return fmt.Sprintf("%s by %d bytes", name, by) })
}
