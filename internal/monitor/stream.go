package monitor

// stream measures one elementary stream.
type stream struct {
	pid    PID
	coding coding
	errs   *errorCounts
	report StreamReport // what needs no conversion

	parameters parameterReader
	tstd       *tstd // nil until the buffers are known

	header pesHeader
	inPES  bool  // a PES packet is in progress
	at     int64 // when its first byte arrived
	number int64 // of the packet in which it begins
	broken bool  // packets were lost since the last timestamp
	starts []unitStart

	haveStamp        bool
	stamped          bool // the PES packet in progress has timestamps
	unstamped        bool // a PES packet without came since the last one with timestamps
	lastPTS, lastDTS int64
	stampedDTS       int64 // the last DTS that was sent
	decode           int64 // when the last access unit is decoded, in elapsed ticks
	judgeLate        bool  // decode is that of the PES packet in progress
	lastByte         int64
	steps            steps
	haveLead         bool
	minLead, maxLead int64
	randomAccess     repetition
	presentation     repetition

	order     presentationOrder
	pictures  pictureCounter // of the PES packet in progress
	sharedPES bool           // some have more than a frame

	audio audioTimeline
}

func newStream(e pmtEntry, program uint16, opts *Options, errs *errorCounts) *stream {
	c := codingOf(e)
	s := &stream{
		pid: e.pid, coding: c, errs: errs,
		report:       StreamReport{PID: e.pid, Program: program, StreamType: e.streamType, Coding: c.String(), Kind: "audio"},
		parameters:   parameterReader{coding: c, atsc: e.streamType == 0x81},
		presentation: repetition{check: PTS, pid: e.pid, limit: second * 7 / 10},
		randomAccess: repetition{limit: 1 << 62},
		pictures:     pictureCounter{coding: c},
		audio:        audioTimeline{frames: audioFrames{coding: c}},
	}
	if c.video() {
		s.report.Kind = "video"
	}
	if b, ok := opts.Buffers[s.pid]; ok {
		s.tstd = newTSTD(s.pid, c, b, errs)
	}
	return s
}

// readParameters looks for the sizes of the decoder's buffers in a packet that
// has no time yet.
func (s *stream) readParameters(p packet) {
	if s.tstd != nil || p.scrambled() {
		return
	}
	if b, ok := s.parameters.packet(p); ok {
		s.tstd = newTSTD(s.pid, s.coding, b, s.errs)
	}
}

// packet measures packet n; in gives its bytes their times, or is nil without any.
func (s *stream) packet(p packet, n int64, in *pcrInterval, broken bool) {
	if broken {
		s.broken, s.inPES = true, s.inPES && p.unitStart()
		s.audio.frames.reset()
	}
	s.starts = s.starts[:0]
	payload, data := s.pes(p, n, in)
	if in == nil {
		return
	}
	s.lastByte = in.time(n*packetSize + packetSize - 1)
	if s.tstd != nil {
		s.tstd.packet(packetParts{n, payload, data, s.starts}, in, n*packetSize)
	}
}

// pes measures the packet as part of a PES packet. It returns where its payload
// and the data of the PES packet begin: packetSize without any for a decoder.
func (s *stream) pes(p packet, n int64, in *pcrInterval) (payload, data int) {
	payload = p.payload()
	if payload == packetSize || p.scrambled() {
		return packetSize, packetSize
	}
	if p.unitStart() {
		s.endPES()
		s.startPES(p, n, in)
	}
	done := s.header.done
	if s.inPES {
		data = payload + s.header.write(p[payload:])
		s.inPES = !s.header.bad
	}
	if !s.inPES {
		return packetSize, packetSize
	}
	if s.header.done {
		s.data(p, data, n, in, !done)
	}
	return payload, data
}

func (s *stream) startPES(p packet, n int64, in *pcrInterval) {
	s.inPES, s.judgeLate, s.number = true, false, n
	s.header = pesHeader{}
	if in == nil {
		return
	}
	s.at = in.time(n*packetSize + int64(p.payload()))
	if p.randomAccess() {
		s.randomAccess.seen(s.at, n, s.errs)
	}
}

// endPES ends the PES packet in progress, which is late if its last byte
// arrived after its DTS.
func (s *stream) endPES() {
	if s.inPES && s.judgeLate && s.lastByte > s.decode {
		s.report.Late++
	}
	s.inPES = false
	// Two may be the fields of a frame.
	s.sharedPES = s.sharedPES || s.pictures.count > 2 || s.pictures.count == 2 && s.coding == codingHEVC
	s.pictures = pictureCounter{coding: s.coding}
}

// data measures the data bytes p[at:]; first reports that the header of their
// PES packet has just ended.
func (s *stream) data(p packet, at int, n int64, in *pcrInterval, first bool) {
	if first {
		s.report.PES++
		s.timestamps(n, in)
	}
	if s.coding.video() {
		s.pictures.write(p[at:])
	}
	if s.byFrames() {
		s.audioData(p, at, n, in)
	} else if first && (s.stamped || s.startsUnstamped(p[at:])) && in != nil {
		s.decode = in.elapsed(s.lastDTS*300, s.at)
		s.starts = append(s.starts, unitStart{at, s.decode})
	}
}

// byFrames reports whether access units are found by the headers of audio frames.
func (s *stream) byFrames() bool { return frameHeaderSize(s.coding) > 0 }

// startsUnstamped reports whether a PES packet without timestamps, which 2.7.5
// permits, begins an access unit. Its DTS is then a usual step after the last one.
func (s *stream) startsUnstamped(b []byte) bool {
	if !s.haveStamp || s.steps.count == 0 || len(b) < 4 || b[0] != 0 || b[1] != 0 || b[2] > 1 {
		return false
	}
	s.lastDTS = (s.lastDTS + s.steps.mode) % stampWrap
	return true
}

// timestamps measures the timestamps of a PES packet.
func (s *stream) timestamps(n int64, in *pcrInterval) {
	pts, dts, ok := s.header.timestamps()
	s.stamped, s.audio.pendingPTS = ok, ok
	if !ok {
		s.unstamped = true
		s.order.excuse()
		return
	}
	regular := true
	if s.haveStamp {
		regular = s.step(dts)
	}
	if s.coding.video() {
		s.present(pts, dts, n, regular)
	}
	still := s.haveStamp && s.still(dts)
	s.haveStamp, s.lastPTS, s.lastDTS, s.stampedDTS, s.unstamped = true, pts, dts, dts, false
	if s.coding.video() {
		s.broken = false
	}
	if wrapped(pts, dts, stampWrap) < 0 {
		s.report.PTSBeforeDTS++
		s.errs.raise(PTSBeforeDTS, n, s.pid, nil)
	}
	if in == nil {
		return
	}
	s.decode, s.judgeLate = in.elapsed(dts*300, s.at), true
	lead := s.decode - s.at
	if !s.haveLead {
		s.haveLead, s.minLead, s.maxLead = true, lead, lead
	}
	s.minLead, s.maxLead = min(s.minLead, lead), max(s.maxLead, lead)
	if still {
		s.presentation.pass(s.at)
	}
	s.presentation.seen(s.at, n, s.errs)
}

// still reports whether the picture before the one of dts was a still picture, one
// that is shown for so long that no PTS was due (TR 101 290, 5.2.2, note to 2.5).
func (s *stream) still(dts int64) bool {
	return s.stills() && wrapped(dts, s.stampedDTS, stampWrap)*300 >= s.presentation.limit
}

// stills reports whether the stream may have still pictures, as one of a low or of a
// variable frame rate has.
func (s *stream) stills() bool {
	return s.coding.video() && !s.unstamped && (s.steps.mode*300 >= s.presentation.limit || s.steps.count == 0 || s.steps.variable())
}

// presented raises that no PTS has come for too long at t. At a low frame rate it
// leaves that to the next one, if one comes.
func (s *stream) presented(t, n int64) {
	if s.presentation.count > 0 && !s.stills() && t-s.presentation.last > 2*300*s.steps.mode {
		s.presentation.checkLimit(t, n, s.errs)
	}
}

// present puts a picture in its place in presentation order.
func (s *stream) present(pts, dts, n int64, regular bool) {
	if s.broken {
		s.order.reset()
	}
	for _, d := range s.order.add(pts, dts, n, regular) {
		s.errs.raise(DuplicatePicture, d.packet, s.pid, func() string { return milliseconds(d.step*300) + " after the one before" })
	}
}

// step measures the step to the next DTS, and reports whether it is one that occurs
// elsewhere.
func (s *stream) step(dts int64) (regular bool) {
	step := wrapped(dts, s.lastDTS, stampWrap)
	if step <= 0 {
		s.report.DTSBackwards++
		s.errs.raise(DTSOrder, s.number, s.pid, func() string { return "DTS steps by " + milliseconds(step*300) })
	}
	if step <= 0 || step > 10*second/300 {
		s.order.reset()
	}
	regular = s.steps.times[step] > 1 || nearStep(step, s.steps.mode)
	if !s.byFrames() && (!s.broken || !s.lossExplains(step)) {
		s.steps.add(step, s.number)
	}
	return regular
}

// lossExplains reports whether lost packets explain a step: it is a multiple of
// the usual one because pictures are missing.
func (s *stream) lossExplains(step int64) bool {
	usual := s.steps.mode
	if usual <= 0 {
		return true
	}
	n := (step + usual/2) / usual
	return n >= 1 && step < 10*second/300 && nearStep(step, n*usual)
}

// restart forgets what cannot be compared after a jump of the clock.
func (s *stream) restart() {
	s.judgeLate = false
	s.order.reset()
	if s.tstd != nil {
		s.tstd.reset()
	}
}

// summary returns what was measured so far.
func (s *stream) summary() StreamReport {
	r := s.report
	r.Frames = s.audio.frames.count
	r.MinLeadMS, r.MaxLeadMS = ms(s.minLead), ms(s.maxLead)
	r.RandomAccess, r.RandomAccessMeanMS, r.RandomAccessMaxMS = s.randomAccess.count, ms(s.randomAccess.mean()), ms(s.randomAccess.worst)
	r.PTSMaxMS = ms(s.presentation.worst)
	r.WorstStepMS = ms(s.audio.worst)
	if s.steps.count > 0 {
		count, worst := s.steps.irregular()
		r.StepMS, r.Irregular, r.WorstStepMS = ms(s.steps.mode*300), count, ms(worst*300)
		r.Variable = s.steps.variable()
	}
	if s.tstd != nil {
		r.Model = s.tstd.summary()
	}
	return r
}
