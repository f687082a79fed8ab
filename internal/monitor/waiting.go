package monitor

// waitingMost is how many packets may wait for a PCR: 6 MB, and a third of a
// second at 150 Mb/s.
const waitingMost = 32768

// waiting is a packet that waits for its time.
type waiting struct {
	number int64
	broken bool
	tables tableSet
	data   [packetSize]byte
}

// enqueue is the end of the first path. Only what the second path looks at
// waits; before the tables are known that is everything.
func (a *Analyzer) enqueue(p packet, s *pidState, w *waiting) {
	if !s.referenced && a.psi.programs > 0 && s.first >= 0 {
		return
	}
	if len(a.waiting) == waitingMost {
		a.overdue()
	}
	copy(w.data[:], p)
	a.waiting = append(a.waiting, *w)
}

// overdue lets packets go that have waited too long: at the rate so far, or,
// where there has not been one yet, without a time.
func (a *Analyzer) overdue() {
	if !a.clockless {
		a.clockless = true
		a.tally.raise(PCRRepetition, a.packets-1, a.clock.pid, func() string { return "no PCR comes" })
	}
	r := a.extrapolated()
	a.release(&r)
}

// release is the second path: packets that now have their time.
func (a *Analyzer) release(r *ramp) {
	if !r.known() {
		r = nil
	}
	for i := range a.waiting {
		w := &a.waiting[i]
		a.timed(w, a.pids[packet(w.data[:]).pid()], r)
	}
	a.waiting = a.waiting[:0]
	if r != nil {
		a.tick(max(a.clock.elapsed, r.at), a.packets-1)
	}
}

func (a *Analyzer) timed(w *waiting, s *pidState, r *ramp) {
	p := packet(w.data[:])
	if r != nil {
		a.arrived(w, s, r)
	}
	if s.stream != nil {
		s.stream.timed(p, w.number, r, w.broken)
	}
	if r != nil && (s.pid <= pidCAT || s.table != nil) {
		a.system.packet(p, w.number, r)
	}
}

// arrived notes when a PID, and the tables on it, came.
func (a *Analyzer) arrived(w *waiting, s *pidState, r *ramp) {
	t := r.time(w.number * packetSize)
	if s.first < 0 {
		s.first = t
	}
	s.last, s.absent = t, false
	if w.tables&hasPAT != 0 {
		a.psi.pat.seen(t, w.number, &a.tally)
	}
	if w.tables&hasPMT != 0 {
		s.table.seen(t, w.number, &a.tally)
	}
	if w.tables&hasSDT != 0 {
		a.psi.sdt.seen(t, w.number, &a.tally)
	}
}

// tick looks, at every PCR, for what should have come by then.
func (a *Analyzer) tick(t, n int64) {
	a.psi.pat.begin(0)
	a.psi.pat.expire(t, n, &a.tally)
	a.psi.sdt.expire(t, n, &a.tally)
	for _, w := range a.psi.pmts {
		w.begin(t)
		w.expire(t, n, &a.tally)
	}
	for _, s := range a.streams {
		s.expire(t, n)
	}
	if t-a.lastTime >= second/4 {
		a.lastTime = t
		a.patrol(t, n)
	}
}

// patrol looks for PIDs that are named and absent, or there and not named.
func (a *Analyzer) patrol(t, n int64) {
	limit := ticksOf(a.opts.PIDTimeout)
	for _, pid := range a.seen {
		s := a.pids[pid]
		if s.referenced && pid >= 0x20 {
			a.missing(s, t, n, limit)
			continue
		}
		if !s.referenced && !s.reported && s.first >= 0 && t-s.first > second/2 {
			s.reported = true
			a.tally.raise(UnreferencedPID, n, pid, nil)
		}
	}
}

func (a *Analyzer) missing(s *pidState, t, n, limit int64) {
	if s.last < 0 {
		s.last = t
	}
	if !s.absent && t-s.last > limit && s.pid != pidPSIP {
		s.absent = true
		a.tally.raise(AbsentPID, n, s.pid, func() string { return "absent for more than " + milliseconds(limit) })
	}
}

// end measures what still waits when a file ends: at the rate so far.
func (a *Analyzer) end() {
	r := a.extrapolated()
	a.release(&r)
}

// extrapolated is the ramp from the last PCR on, at the rate so far.
func (a *Analyzer) extrapolated() ramp {
	r := a.clock.ramp
	r.at, r.pos, r.shift = a.clock.elapsed, a.clock.last.pos, a.clock.shift
	return r
}
