package monitor

import "time"

// Options says what an Analyzer is to look at. The zero value is good.
type Options struct {
	// Source is what the report calls the stream.
	Source string
	// PIDTimeout is how long a PID that a PMT names may stay away before that is
	// PID_error (TR 101 290, 1.6). 0 stands for 5 s.
	PIDTimeout time.Duration
	// MaxWait is how long an access unit may wait in the decoder's buffers. 0
	// stands for 1 s (ISO/IEC 13818-1, 2.4.2.7; H.264 and HEVC may take 10 s).
	MaxWait time.Duration
	// Buffers gives the decoder's buffers by PID. Those of other elementary
	// streams are derived from what the streams say of themselves.
	Buffers map[PID]Buffer
	// OnStep is called for every step of timestamps, for tests; nil for none.
	OnStep func(Step)
}

func (o Options) withDefaults() Options {
	if o.PIDTimeout == 0 {
		o.PIDTimeout = 5 * time.Second
	}
	if o.MaxWait == 0 {
		o.MaxWait = time.Second
	}
	return o
}

// Analyzer measures one transport stream. It has no clock: arrival times come
// with the datagrams. It is not safe for concurrent use.
type Analyzer struct {
	opts   Options
	crc    *crcTable
	tally  tally
	framer framer
	net    *network
	at     time.Time

	packets int64
	nulls   int64
	pids    [pidCount]*pidState
	seen    []PID
	psi     psi
	clock   clock
	system  system
	waiting []waiting
	streams []*stream
	// clockless says that the queue ran full without a PCR.
	clockless bool
	lastTime  int64
}

// NewAnalyzer returns an analyzer that has seen nothing yet.
func NewAnalyzer(opts Options) *Analyzer {
	a := &Analyzer{opts: opts.withDefaults(), crc: newCRCTable()}
	a.system = newSystem(&a.tally)
	a.psi.init(a)
	return a
}

// Datagram takes a datagram that arrived at a time: RTP (RFC 3550) with a
// transport stream in it, or a transport stream as it is. Datagrams are taken
// in the order in which they arrive; an RTP packet that comes again is dropped.
func (a *Analyzer) Datagram(at time.Time, payload []byte) {
	if a.net == nil {
		a.net = newNetwork(&a.tally)
	}
	a.at = at
	lost := a.net.lost
	ts := a.net.datagram(at, payload)
	if a.net.lost != lost {
		a.clock.gap = true
	}
	if len(ts) > 0 {
		a.framer.datagram(ts, a)
	}
}

// Packets takes the next bytes of a stream without arrival times, as of a
// file. They need not begin or end with a packet.
func (a *Analyzer) Packets(b []byte) {
	a.at = time.Time{}
	a.framer.write(b, a)
}

// badSync counts the packet as one that came but cannot be read.
func (a *Analyzer) badSync() {
	a.tally.raise(SyncByte, a.packets, 0, nil)
	a.packets++
}

func (a *Analyzer) lostSync() {
	a.tally.raise(SyncLoss, a.packets, 0, nil)
	a.clock.gap = true
}

// packet is the first path of every packet: what needs no time is measured at
// once, and the rest is put in the queue.
func (a *Analyzer) packet(p packet) {
	n := a.packets
	a.packets++
	pid := p.pid()
	if p.transportError() {
		a.tally.raise(Transport, n, pid, nil)
		a.forget(pid)
		return
	}
	if pid == pidNull {
		a.nulls++
		return
	}
	s := a.state(pid)
	s.packets++
	order := s.order(p)
	if order == repeated {
		return
	}
	broken := order == broken
	if broken {
		a.tally.raise(Continuity, n, pid, nil)
		a.clock.gap = true
	}
	a.reference(p, s, n)
	w := waiting{number: n, broken: broken}
	a.tables(p, s, &w)
	if s.stream != nil {
		s.stream.sniff(p)
	}
	a.enqueue(p, s, &w)
}

// forget drops what is known of a PID whose packets are damaged: nothing may
// be concluded from one that says so itself (TR 101 290, 2.1).
func (a *Analyzer) forget(pid PID) {
	if s := a.pids[pid]; s != nil {
		s.counted = false
	}
}

// state returns what is known of a PID, anew at its first packet.
func (a *Analyzer) state(pid PID) *pidState {
	if s := a.pids[pid]; s != nil {
		return s
	}
	s := &pidState{pid: pid, first: -1, last: -1}
	a.pids[pid] = s
	a.seen = append(a.seen, pid)
	a.psi.adopt(s)
	return s
}

// reference takes the packet's PCR, if it is one of the program's.
func (a *Analyzer) reference(p packet, s *pidState, n int64) {
	v, ok := p.pcr()
	if !ok {
		return
	}
	s.clocked = true
	if s.pid != a.clock.pid {
		if a.psi.programs != 0 || a.clock.have {
			return
		}
		// Before there is a PMT, the first clock stands for the one it will name:
		// without any time nobody could tell that the PAT is missing.
		a.clock.pid = s.pid
	}
	timed, jumped := a.clock.pcr(v, n*packetSize+pcrByte, a.at, p.discontinuity(), &a.tally)
	if timed {
		a.release(&a.clock.ramp)
	}
	if jumped {
		a.restart()
	}
}

// restart begins anew with what a jump of the clock has made incomparable.
func (a *Analyzer) restart() {
	a.waiting = a.waiting[:0]
	a.system.on = false
	for _, s := range a.streams {
		s.restart()
	}
}
