package monitor

import (
	"cmp"
	"time"
)

// Options configures an Analyzer. The zero value is ready to use.
type Options struct {
	// Source names the stream in the report.
	Source string
	// PIDTimeout is how long a PID that a PMT names may be absent before that
	// is PID_error (TR 101 290, 1.6). 0 stands for 5 s.
	PIDTimeout time.Duration
	// Buffers gives the decoder's buffers by PID. Those of other elementary
	// streams are derived from their parameter sets and headers.
	Buffers map[PID]Buffer
}

// Analyzer measures one transport stream. It has no clock: arrival times come
// with the datagrams. It is not safe for concurrent use.
type Analyzer struct {
	opts Options
	errs *errorCounts
	sync synchronizer
	net  *network
	at   time.Time // of the current datagram

	packets int64
	nulls   int64
	pids    [pidCount]*pidState
	seen    []PID
	psi     psi
	clock   clock
	system  systemBuffers
	queued  []queuedPacket
	streams []*stream

	noPCR        bool // the queue ran full without a PCR
	lastPIDCheck int64
}

// NewAnalyzer returns an analyzer for a new stream.
func NewAnalyzer(opts Options) *Analyzer {
	opts.PIDTimeout = cmp.Or(opts.PIDTimeout, 5*time.Second)
	a := &Analyzer{opts: opts, errs: new(errorCounts)}
	a.system = newSystemBuffers(a.errs)
	a.psi = newPSI(a)
	return a
}

// Datagram measures a datagram that arrived at a time: RTP (RFC 3550) with a
// transport stream in it, or plain transport packets. Datagrams come in the
// order of their arrival; a repeated RTP packet is dropped.
func (a *Analyzer) Datagram(at time.Time, payload []byte) {
	if a.net == nil {
		a.net = newNetwork(a.errs)
	}
	a.at = at
	lost := a.net.rtp.Lost
	ts := a.net.datagram(at, payload)
	if a.net.rtp.Lost != lost {
		a.clock.gap = true
	}
	if len(ts) > 0 {
		a.sync.datagram(ts, a)
	}
}

// Packets measures the next bytes of a stream without arrival times, such as a
// file. They need not begin or end with a packet.
func (a *Analyzer) Packets(b []byte) {
	a.at = time.Time{}
	a.sync.write(b, a)
}

// badSync counts a packet that cannot be read.
func (a *Analyzer) badSync() {
	a.errs.raise(SyncByte, a.packets, 0, nil)
	a.packets++
}

func (a *Analyzer) lostSync() {
	a.errs.raise(SyncLoss, a.packets, 0, nil)
	a.clock.gap = true
}

// packet is the first path: it measures what needs no time and queues the packet.
func (a *Analyzer) packet(p packet) {
	n := a.packets
	a.packets++
	pid := p.pid()
	if p.transportError() {
		a.errs.raise(Transport, n, pid, nil)
		if s := a.pids[pid]; s != nil { // A damaged packet says nothing about continuity (TR 101 290, 2.1).
			s.counted = false
		}
		return
	}
	if pid == pidNull {
		a.nulls++
		return
	}
	s := a.state(pid)
	s.packets++
	c := s.follow(p)
	if c == repeated {
		return
	}
	if c == broken {
		a.errs.raise(Continuity, n, pid, nil)
		a.clock.gap = true
	}
	a.pcr(p, s, n)
	q := queuedPacket{number: n, broken: c == broken, tables: a.psi.packet(p, s, n, c == broken)}
	if s.stream != nil {
		s.stream.readParameters(p)
	}
	a.enqueue(p, s, &q)
}

// state returns the state of a PID, new if it has none.
func (a *Analyzer) state(pid PID) *pidState {
	if s := a.pids[pid]; s != nil {
		return s
	}
	s := &pidState{pid: pid, first: -1, last: -1, referenced: pid < 0x20 || pid == pidPSIP}
	if pid <= 0x12 && pid != 2 { // PSI and SI (ETSI EN 300 468, table 1)
		s.sections = newSectionReader(a.psi.section)
	}
	a.pids[pid] = s
	a.seen = append(a.seen, pid)
	return s
}

// pcr takes the PCR of a packet, if it is of the program that is measured.
func (a *Analyzer) pcr(p packet, s *pidState, n int64) {
	v, ok := p.pcr()
	if !ok {
		return
	}
	if s.pid != a.clock.pid {
		if a.psi.pmtCount != 0 || a.clock.have {
			return
		}
		// Before there is a PMT, the first clock stands for the one that it will
		// name: without a time a missing PAT would go unnoticed.
		a.clock.pid = s.pid
	}
	timed, jumped := a.clock.pcr(pcrArrival{v, n*packetSize + pcrByte, a.at}, p.discontinuity(), a.errs)
	if timed {
		a.measureQueued(&a.clock.interval)
	}
	if !jumped {
		return
	}
	// Times before and after the jump cannot be compared.
	a.queued = a.queued[:0]
	a.system.started = false
	for _, s := range a.streams {
		s.restart()
	}
}
