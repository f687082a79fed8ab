package monitor

import "slices"

// programsKept is how many programs are followed; a bound on memory.
const programsKept = 64

// streamsKept is how many elementary streams are followed.
const streamsKept = 256

// psi follows the tables that say what is in the stream, and how often they come.
type psi struct {
	a        *Analyzer
	pat      watch
	sdt      watch
	pmts     []*watch
	pmtOf    []program
	clocks   []PID
	programs int
	versions map[PID]byte
	changes  int64
	services int64
	cat      bool
	current  *pidState
	number   int64
	marks    tableSet
}

// tableSet says which tables a packet completes.
type tableSet uint8

const (
	hasPAT tableSet = 1 << iota
	hasPMT
	hasSDT
)

func (t *psi) init(a *Analyzer) {
	t.a = a
	t.pat = watch{check: PAT, pid: pidPAT, limit: second / 2}
	t.sdt = watch{check: SIRepetition, pid: pidSDT, limit: 2 * second}
	t.versions = map[PID]byte{}
}

// adopt prepares the state of a PID for what is known to be on it.
func (t *psi) adopt(s *pidState) {
	s.referenced = s.referenced || s.pid < 0x20 || s.pid == pidPSIP
	if s.sections == nil && s.pid <= 0x12 && s.pid != 2 {
		s.sections = newSections(t.section)
	}
}

// tables takes the sections that a packet carries, and what is wrong with it
// as a carrier of tables.
func (a *Analyzer) tables(p packet, s *pidState, w *waiting) {
	if p.scrambled() {
		a.scrambledPacket(s, w.number)
		return
	}
	if s.sections == nil || !p.hasPayload() {
		return
	}
	if w.broken {
		s.sections.drop()
	}
	t := &a.psi
	t.current, t.number, t.marks = s, w.number, 0
	s.sections.feed(p)
	w.tables = t.marks
}

// scrambledPacket raises what scrambling breaks: tables are never scrambled,
// and without a CAT nobody can descramble the rest.
func (a *Analyzer) scrambledPacket(s *pidState, n int64) {
	switch {
	case s.pid == pidPAT:
		a.tally.raise(PAT, n, s.pid, func() string { return "scrambled" })
	case s.table != nil:
		a.tally.raise(PMT, n, s.pid, func() string { return "scrambled" })
	case !s.scrambled && !a.psi.cat:
		a.tally.raise(CAT, n, s.pid, func() string { return "scrambled packets and no CAT" })
	}
	s.scrambled = true
}

// section takes one section of whatever PID is being read.
func (t *psi) section(b []byte) {
	s := section(b)
	if t.current.pid == pidPAT {
		t.wrongTable(s, tablePAT, PAT)
	}
	if t.current.pid == pidCAT {
		t.wrongTable(s, tableCAT, CAT)
		t.cat = t.cat || s[0] == tableCAT
	}
	if b[1]&0x80 != 0 && (!s.long() || t.a.crc.remainder(b) != 0) {
		t.a.tally.raise(CRC, t.number, t.current.pid, nil)
		t.mark(s[0])
		return
	}
	t.mark(s[0])
	if s.long() && s.current() {
		t.read(s)
	}
}

func (t *psi) wrongTable(s section, want byte, c Check) {
	if s[0] != want {
		t.a.tally.raise(c, t.number, t.current.pid, func() string { return "another table" })
	}
}

// mark notes that a table came, for its interval.
func (t *psi) mark(table byte) {
	switch {
	case table == tablePAT && t.current.pid == pidPAT:
		t.marks |= hasPAT
	case table == tablePMT && t.current.table != nil:
		t.marks |= hasPMT
	case table == tableSDT && t.current.pid == pidSDT:
		t.marks |= hasSDT
		t.services++
	}
}

// read takes the content of a table when it is new.
func (t *psi) read(s section) {
	pid := t.current.pid
	isPAT, isPMT := pid == pidPAT && s[0] == tablePAT, t.current.table != nil && s[0] == tablePMT
	if !isPAT && !isPMT {
		return
	}
	last, known := t.versions[pid]
	if known && last == s.version() {
		return
	}
	if known {
		t.changes++
	}
	t.versions[pid] = s.version()
	if isPAT {
		t.readPAT(s)
	} else {
		t.readPMT(s)
	}
}

func (t *psi) readPAT(s section) {
	if nit := s.networkPID(); nit != 0 {
		t.a.refer(nit)
	}
	s.eachProgram(func(p program) {
		if len(t.pmtOf) < programsKept {
			t.addProgram(p)
		}
	})
}

func (t *psi) addProgram(p program) {
	if slices.Contains(t.pmtOf, p) {
		return
	}
	t.pmtOf = append(t.pmtOf, p)
	s := t.a.refer(p.pid)
	if s.table == nil {
		s.table = &watch{check: PMT, pid: p.pid, limit: second / 2}
		s.sections = newSections(t.section)
		t.pmts = append(t.pmts, s.table)
	}
}

func (t *psi) readPMT(s section) {
	t.programs++
	pid := s.clockPID()
	t.a.refer(pid)
	if t.programs == 1 {
		t.a.follow(pid)
	}
	t.clocks = append(t.clocks[:min(len(t.clocks), programsKept)], pid)
	s.eachEntry(func(e entry) { t.a.addStream(e, s.id(), pid == t.a.clock.pid) })
}

// refer returns the state of a PID that a table names.
func (a *Analyzer) refer(pid PID) *pidState {
	s := a.pids[pid]
	if s == nil {
		s = a.state(pid)
	}
	s.referenced = true
	return s
}

// follow makes a PID the one whose PCRs give the time.
func (a *Analyzer) follow(pid PID) {
	if a.clock.pid == pid || pid == pidNull {
		return
	}
	a.clock = clock{pid: pid}
}

// addStream follows an elementary stream, if it belongs to the clock's program.
func (a *Analyzer) addStream(e entry, number uint16, timed bool) {
	s := a.refer(e.pid)
	c := codingOf(e)
	if s.stream != nil || !timed || c == codingOther || s.table != nil || len(a.streams) == streamsKept {
		return
	}
	s.stream = newStream(e.pid, e, number, &a.opts, &a.tally)
	a.streams = append(a.streams, s.stream)
}
