package monitor

// maxQueued is how many packets may wait for a PCR: 6 MB, and a third of a
// second at 150 Mb/s.
const maxQueued = 32768

// queuedPacket is a packet that waits for the next PCR.
type queuedPacket struct {
	number int64
	broken bool // packets of its PID were lost before it
	tables tableSet
	data   [packetSize]byte
}

// enqueue ends the first path. Only packets that the second path measures are
// queued; before a PMT is known that is all of them.
func (a *Analyzer) enqueue(p packet, s *pidState, q *queuedPacket) {
	if !s.referenced && a.psi.pmtCount > 0 && s.first >= 0 {
		return
	}
	if len(a.queued) == maxQueued {
		if !a.noPCR {
			a.noPCR = true
			a.errs.raise(PCRRepetition, a.packets-1, a.clock.pid, func() string { return "no PCR comes" })
		}
		a.flush()
	}
	copy(q.data[:], p)
	a.queued = append(a.queued, *q)
}

// flush measures what is queued at the rate so far, or without times where
// there has been no rate yet.
func (a *Analyzer) flush() {
	in := a.clock.extrapolated()
	a.measureQueued(&in)
}

// measureQueued is the second path: packets that now have times.
func (a *Analyzer) measureQueued(in *pcrInterval) {
	if !in.known() {
		in = nil
	}
	for i := range a.queued {
		q := &a.queued[i]
		p := packet(q.data[:])
		s := a.pids[p.pid()]
		if in != nil {
			a.arrived(q, s, in)
		}
		if s.stream != nil {
			s.stream.packet(p, q.number, in, q.broken)
		}
		if in != nil && (s.pid <= pidCAT || s.pmt != nil) {
			a.system.packet(p, q.number, in)
		}
	}
	a.queued = a.queued[:0]
	if in != nil {
		a.checkTimeouts(max(a.clock.elapsed, in.at), a.packets-1)
	}
}

// arrived records when a packet, and the tables that it completes, arrived.
func (a *Analyzer) arrived(q *queuedPacket, s *pidState, in *pcrInterval) {
	t := in.time(q.number * packetSize)
	if s.first < 0 {
		s.first = t
	}
	s.last, s.absent = t, false
	if q.tables&hasPAT != 0 {
		a.psi.pat.seen(t, q.number, a.errs)
	}
	if q.tables&hasPMT != 0 {
		s.pmt.seen(t, q.number, a.errs)
	}
	if q.tables&hasSDT != 0 {
		a.psi.sdt.seen(t, q.number, a.errs)
	}
}

// checkTimeouts raises, at every PCR, what should have arrived by t.
func (a *Analyzer) checkTimeouts(t, n int64) {
	a.psi.pat.start(0)
	a.psi.pat.checkLimit(t, n, a.errs)
	a.psi.sdt.checkLimit(t, n, a.errs)
	for _, r := range a.psi.pmts {
		r.start(t)
		r.checkLimit(t, n, a.errs)
	}
	for _, s := range a.streams {
		s.presented(t, n)
	}
	if t-a.lastPIDCheck < second/4 {
		return
	}
	a.lastPIDCheck = t
	for _, pid := range a.seen {
		a.checkPID(a.pids[pid], t, n)
	}
}

// checkPID raises that a PID is referenced and absent, or present and not referenced.
func (a *Analyzer) checkPID(s *pidState, t, n int64) {
	switch {
	case !s.referenced:
		if !s.reported && s.first >= 0 && t-s.first > second/2 {
			s.reported = true
			a.errs.raise(UnreferencedPID, n, s.pid, nil)
		}
	case s.pid >= 0x20 && s.pid != pidPSIP:
		if s.last < 0 {
			s.last = t
		}
		if limit := ticksOf(a.opts.PIDTimeout); !s.absent && t-s.last > limit {
			s.absent = true
			a.errs.raise(AbsentPID, n, s.pid, func() string { return "absent for more than " + milliseconds(limit) })
		}
	}
}
