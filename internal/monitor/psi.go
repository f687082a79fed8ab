package monitor

import "slices"

// Bounds on the memory that a stream can take.
const (
	maxPrograms = 64
	maxStreams  = 256
)

// psi follows the tables that describe the stream, and how often they are repeated.
type psi struct {
	a        *Analyzer
	pat, sdt repetition
	pmts     []*repetition
	programs []program // of the PAT
	pmtCount int       // versions of PMTs that were read
	versions map[PID]byte
	changes  int64
	cat      bool // a CAT was seen
	// The packet being read: its PID, its number, and the tables that it completes.
	current *pidState
	number  int64
	tables  tableSet
}

// tableSet is the set of tables that a packet completes.
type tableSet uint8

const (
	hasPAT tableSet = 1 << iota
	hasPMT
	hasSDT
)

func newPSI(a *Analyzer) psi {
	return psi{
		a: a, versions: map[PID]byte{},
		pat: repetition{check: PAT, pid: pidPAT, limit: second / 2},
		sdt: repetition{check: SIRepetition, pid: pidSDT, limit: 2 * second},
	}
}

// packet takes the sections of a packet and returns the tables that it
// completes; broken reports that packets of the PID were lost before it.
func (t *psi) packet(p packet, s *pidState, n int64, broken bool) tableSet {
	if p.scrambled() {
		t.scrambled(s, n)
		return 0
	}
	if s.sections == nil || !p.hasPayload() {
		return 0
	}
	if broken {
		s.sections.drop()
	}
	t.current, t.number, t.tables = s, n, 0
	s.sections.packet(p)
	return t.tables
}

// scrambled raises what a scrambled packet breaks: tables must not be
// scrambled, and the rest cannot be descrambled without a CAT.
func (t *psi) scrambled(s *pidState, n int64) {
	switch {
	case s.pid == pidPAT:
		t.a.errs.raise(PAT, n, s.pid, func() string { return "scrambled" })
	case s.pmt != nil:
		t.a.errs.raise(PMT, n, s.pid, func() string { return "scrambled" })
	case !s.scrambled && !t.cat:
		t.a.errs.raise(CAT, n, s.pid, func() string { return "scrambled packets and no CAT" })
	}
	s.scrambled = true
}

// section takes one section of the current PID.
func (t *psi) section(s section) {
	pid, id := t.current.pid, s[0]
	switch {
	case pid == pidPAT && id != tablePAT:
		t.wrongTable(PAT)
	case pid == pidCAT && id != tableCAT:
		t.wrongTable(CAT)
	case pid == pidCAT:
		t.cat = true
	case pid == pidPAT:
		t.tables |= hasPAT
	case id == tablePMT && t.current.pmt != nil:
		t.tables |= hasPMT
	case id == tableSDT && pid == pidSDT:
		t.tables |= hasSDT
	}
	if s.syntax() && (!s.long() || crcRemainder(s) != 0) {
		t.a.errs.raise(CRC, t.number, pid, nil)
	} else if s.long() && s.current() {
		t.read(s)
	}
}

func (t *psi) wrongTable(c Check) {
	t.a.errs.raise(c, t.number, t.current.pid, func() string { return "another table" })
}

// read takes the content of a PAT or PMT whose version is new.
func (t *psi) read(s section) {
	pid := t.current.pid
	isPAT, isPMT := pid == pidPAT && s[0] == tablePAT, t.current.pmt != nil && s[0] == tablePMT
	last, known := t.versions[pid]
	if !isPAT && !isPMT || known && last == s.version() {
		return
	}
	if known {
		t.changes++
	}
	t.versions[pid] = s.version()
	if isPMT {
		t.readPMT(s)
		return
	}
	for p := range s.programs() {
		if p.number == 0 && p.pid != 0 {
			t.a.refer(p.pid)
		} else if p.number != 0 && len(t.programs) < maxPrograms && !slices.Contains(t.programs, p) {
			t.addProgram(p)
		}
	}
}

func (t *psi) addProgram(p program) {
	t.programs = append(t.programs, p)
	if s := t.a.refer(p.pid); s.pmt == nil {
		s.pmt = &repetition{check: PMT, pid: p.pid, limit: second / 2}
		s.sections = newSectionReader(t.section)
		t.pmts = append(t.pmts, s.pmt)
	}
}

// readPMT follows the elementary streams of a program if its clock is the one
// that is measured: that of the first PMT.
func (t *psi) readPMT(s section) {
	t.pmtCount++
	pid := s.pcrPID()
	t.a.refer(pid)
	if c := &t.a.clock; t.pmtCount == 1 && c.pid != pid && pid != pidNull {
		*c = clock{pid: pid}
	}
	for e := range s.entries() {
		t.a.addStream(e, s.id(), pid == t.a.clock.pid)
	}
}

// refer returns the state of a PID that a table names.
func (a *Analyzer) refer(pid PID) *pidState {
	s := a.state(pid)
	s.referenced = true
	return s
}

// addStream measures an elementary stream, if it belongs to the clock's program.
func (a *Analyzer) addStream(e pmtEntry, number uint16, timed bool) {
	s := a.refer(e.pid)
	if s.stream != nil || !timed || codingOf(e) == codingOther || s.pmt != nil || len(a.streams) == maxStreams {
		return
	}
	s.stream = newStream(e, number, &a.opts, a.errs)
	a.streams = append(a.streams, s.stream)
}
