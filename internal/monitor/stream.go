package monitor

// Step is the time from one access unit, or PES packet of audio, to the next.
type Step struct {
	PID PID
	// Packet is the number of the transport packet in which the later one begins.
	Packet int64
	Audio  bool
	// Ticks is the step in ticks of 90 kHz: of the DTS for video, of the PTS for audio.
	Ticks int64
	// Error is, for audio, how far that is from what the frames before last, in ticks of 27 MHz.
	Error int64
}

// stream measures one elementary stream.
type stream struct {
	pid        PID
	streamType byte
	program    uint16
	coding     coding
	onStep     func(Step)
	to         *tally
	maxWait    int64

	sniffer sniffer
	model   *tstd
	buffer  *Buffer

	header pesHeader
	// opened says that a PES packet is in progress, at is when its first byte came.
	opened bool
	at     int64
	packet int64
	// broken says that packets were lost since the last timestamp.
	broken bool
	fresh  bool
	marks  []mark

	haveStamp      bool
	lastPTS        int64
	lastDTS        int64
	decode         int64
	lastByte       int64
	judged         bool
	pesCount       int64
	stamped        int64
	steps          steps
	dtsBack        int64
	early          int64
	late           int64
	haveSlack      bool
	minLead        int64
	maxLead        int64
	randomAccess   watch
	presentation   watch
	frames         frames
	anchor         int64
	samples        int64
	rate           int
	anchored       bool
	pendingPTS     bool
	audioSteps     int64
	audioIrregular int64
	audioWorst     int64
}

func newStream(pid PID, e entry, number uint16, opts *Options, to *tally) *stream {
	c := codingOf(e)
	s := &stream{
		pid: pid, streamType: e.streamType, program: number, coding: c,
		onStep: opts.OnStep, to: to, maxWait: ticksOf(opts.MaxWait),
		sniffer: sniffer{coding: c}, frames: frames{coding: c},
		presentation: watch{check: PTS, pid: pid, limit: second * 7 / 10},
		randomAccess: watch{limit: 1 << 62},
	}
	if b, ok := opts.Buffers[pid]; ok {
		s.use(b)
	}
	return s
}

// use sets the buffers of the stream's decoder, for good.
func (s *stream) use(b Buffer) {
	b = b.complete(s.coding)
	s.buffer = &b
	s.model = newTSTD(s.pid, s.coding, b, s.maxWait, s.to)
}

// sniff sees a packet as soon as it comes.
func (s *stream) sniff(p packet) {
	if s.buffer != nil || p.scrambled() {
		return
	}
	if b, ok := s.sniffer.packet(p); ok {
		s.use(b)
	}
}

// timed measures a packet whose bytes have their times; r is nil when they have none.
func (s *stream) timed(p packet, n int64, r *ramp, broken bool) {
	if broken {
		s.broken, s.opened = true, s.opened && p.unitStart()
		s.frames.reset()
	}
	s.marks = s.marks[:0]
	body, data := s.pes(p, n, r)
	if r == nil {
		return
	}
	s.lastByte = r.time(n*packetSize + packetSize - 1)
	if s.model != nil {
		s.model.packet(segment{n, body, data, s.marks}, r, n*packetSize)
	}
}

// pes reads the packet as part of a PES packet. It returns where its payload
// and its data begin, packetSize for what is of no use to a decoder.
func (s *stream) pes(p packet, n int64, r *ramp) (body, data int) {
	body = p.body()
	if body == packetSize || p.scrambled() {
		return packetSize, packetSize
	}
	if p.unitStart() {
		s.closePES()
		s.openPES(p, n, r, body)
	}
	done := s.header.done
	if s.opened {
		data = body + s.header.feed(p[body:])
		s.opened = !s.header.bad
	}
	if !s.opened {
		return packetSize, packetSize
	}
	if s.header.done {
		s.data(p, data, n, r, !done)
	}
	return body, data
}

func (s *stream) openPES(p packet, n int64, r *ramp, body int) {
	s.opened, s.judged, s.packet = true, false, n
	s.header.begin()
	if r == nil {
		return
	}
	s.at = r.time(n*packetSize + int64(body))
	if p.randomAccess() {
		s.randomAccess.seen(s.at, n, s.to)
	}
}

// data takes the data bytes of a packet, p[at:]; first says that the header of
// their PES packet has just ended.
func (s *stream) data(p packet, at int, n int64, r *ramp, first bool) {
	if first {
		s.pesCount++
		s.stampHeader(n, r)
	}
	if s.coding.audio() && frameHeader(s.coding) > 0 {
		s.audio(p, at, n, r)
		return
	}
	if first && (s.fresh || s.continuesWithout(p[at:])) {
		s.mark(at, s.lastDTS, r)
	}
}

// continuesWithout reports whether a PES packet without timestamps begins
// another access unit. It takes the usual step after the last one then, as
// 2.7.5 lets timestamps be left out.
func (s *stream) continuesWithout(b []byte) bool {
	if !s.haveStamp || s.steps.count == 0 || len(b) < 4 || b[0] != 0 || b[1] != 0 || b[2] > 1 {
		return false
	}
	s.lastDTS = (s.lastDTS + s.steps.mode()) % stampWrap
	return true
}

// mark notes that an access unit begins, for the model.
func (s *stream) mark(at int, dts int64, r *ramp) {
	if r != nil {
		s.decode = r.stamp(dts, s.at)
		s.marks = append(s.marks, mark{at, s.decode})
	}
}

// stampHeader measures the timestamps of a PES packet.
func (s *stream) stampHeader(n int64, r *ramp) {
	pts, dts, ok := s.header.stamps()
	s.fresh, s.pendingPTS = ok, ok
	if !ok {
		return
	}
	s.stamped++
	if s.haveStamp {
		s.stepTo(dts)
	}
	s.haveStamp, s.lastPTS, s.lastDTS = true, pts, dts
	if s.coding.video() {
		s.broken = false
	}
	if wrapped(pts, dts, stampWrap) < 0 {
		s.early++
		s.to.raise(PTSBeforeDTS, n, s.pid, nil)
	}
	if r != nil {
		s.lead(r.stamp(dts, s.at)-s.at, n)
	}
}

func (s *stream) lead(ticks, n int64) {
	if !s.haveSlack {
		s.haveSlack, s.minLead, s.maxLead = true, ticks, ticks
	}
	s.minLead, s.maxLead = min(s.minLead, ticks), max(s.maxLead, ticks)
	s.presentation.seen(s.at, n, s.to)
	s.decode, s.judged = s.at+ticks, true
}

func (s *stream) stepTo(dts int64) {
	step := wrapped(dts, s.lastDTS, stampWrap)
	if step <= 0 {
		s.dtsBack++
		s.to.raise(DTSOrder, s.packet, s.pid, func() string { return "DTS steps by " + milliseconds(step*300) })
	}
	if !s.coding.video() && frameHeader(s.coding) > 0 {
		return
	}
	if !s.broken || !s.explained(step) {
		s.steps.add(step, s.packet)
	}
	if s.onStep != nil {
		s.onStep(Step{PID: s.pid, Packet: s.packet, Audio: s.coding.audio(), Ticks: step})
	}
}

// explained reports whether lost packets explain a step: pictures are missing,
// so that it is a multiple of the usual one.
func (s *stream) explained(step int64) bool {
	usual := s.steps.mode()
	if usual <= 0 {
		return true
	}
	n := (step + usual/2) / usual
	return n >= 1 && step < 10*second/300 && near90(step, n*usual)
}

// closePES ends the PES packet in progress: was its last byte here in time?
func (s *stream) closePES() {
	if s.opened && s.judged && s.lastByte > s.decode {
		s.late++
	}
	s.opened = false
}

// expire sees how long the stream is without a PTS.
func (s *stream) expire(t, n int64) {
	if s.presentation.count > 0 {
		s.presentation.expire(t, n, s.to)
	}
}

// restart forgets what the clock's jump has made incomparable.
func (s *stream) restart() {
	s.judged = false
	if s.model != nil {
		s.model.reset()
	}
}
