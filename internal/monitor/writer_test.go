package monitor

import (
	"encoding/binary"
)

const (
	testPMT   = PID(0x100)
	testVideo = PID(0x101)
	testAudio = PID(0x102)
	// testRate makes a packet last 1 ms, 27000 ticks.
	testRate   = 1_504_000
	slotTicks  = 27_000
	frameBytes = 96
)

// writer makes a transport stream of one packet a millisecond: PAT, PMT and
// SDT, a PCR every 20 ms on the video PID, a picture every 40 ms, and a frame
// of MPEG audio (layer II, 32 kb/s at 48 kHz) every 24 ms.
type writer struct {
	// start is the PCR of the first byte of packet 0, in ticks of 27 MHz.
	start   int64
	packets [][]byte
	counter map[PID]byte
	queue   [][]byte
	// every is how many milliseconds a picture lasts.
	every int
}

func newWriter(start int64) *writer {
	return &writer{start: start, counter: map[PID]byte{}, every: 40}
}

// run writes the packets of n milliseconds.
func (w *writer) run(n int) *writer {
	for range n {
		w.slot(len(w.packets))
	}
	return w
}

func (w *writer) slot(n int) {
	if n%w.every == 5 {
		w.picture(n)
	}
	if n%24 == 8 {
		w.sound(n)
	}
	switch {
	case n%100 == 0:
		w.put(w.table(pidPAT, patSection(testPMT)))
	case n%100 == 1:
		w.put(w.table(testPMT, pmtSection()))
	case n%1000 == 3:
		w.put(w.table(pidSDT, sdtSection()))
	case n%20 == 2:
		w.put(w.clock(n))
	case len(w.queue) > 0:
		w.put(w.queue[0])
		w.queue = w.queue[1:]
	default:
		w.put(nullPacket())
	}
}

func (w *writer) put(p []byte) {
	if pid := packet(p).pid(); pid != pidNull {
		if packet(p).hasPayload() {
			w.counter[pid] = (w.counter[pid] + 1) & 15
		}
		p[3] |= w.counter[pid]
	}
	w.packets = append(w.packets, p)
}

func (w *writer) now(n int) int64 { return w.start + int64(n)*slotTicks }

func (w *writer) picture(n int) {
	dts := w.now(n)/300 + 100*90
	data := make([]byte, 400)
	copy(data, []byte{0, 0, 0, 1, 9, 0xf0})
	w.queue = append(w.queue, pesPackets(testVideo, 0xe0, dts+3600, dts, data, n%1000 == 5)...)
}

func (w *writer) sound(n int) {
	frame := make([]byte, frameBytes)
	copy(frame, []byte{0xff, 0xfd, 0x14, 0x00})
	pts := w.now(n)/300 + 50*90
	w.queue = append(w.queue, pesPackets(testAudio, 0xc0, pts, pts, frame, true)...)
}

// clock is a packet with nothing but a PCR: the time of its byte 10.
func (w *writer) clock(n int) []byte {
	p := header(testVideo, false, 0x20)
	p[4], p[5] = 183, 0x10
	stuff(p[12:])
	setPCR(p, w.now(n)+pcrByte*slotTicks/packetSize)
	return p
}

func setPCR(p []byte, v int64) {
	v %= clockWrap
	base, ext := v/300, v%300
	binary.BigEndian.PutUint32(p[6:], uint32(base>>1))
	p[10] = byte(base&1)<<7 | 0x7e | byte(ext>>8)
	p[11] = byte(ext)
}

func header(pid PID, unitStart bool, control byte) []byte {
	p := make([]byte, packetSize)
	p[0], p[1], p[2], p[3] = syncByte, byte(pid>>8), byte(pid), control
	if unitStart {
		p[1] |= 0x40
	}
	return p
}

func nullPacket() []byte {
	p := header(pidNull, false, 0x10)
	stuff(p[4:])
	return p
}

// stuff fills b with stuffing bytes.
func stuff(b []byte) {
	for i := range b {
		b[i] = 0xff
	}
}

// table is a packet with one section.
func (w *writer) table(pid PID, section []byte) []byte {
	p := header(pid, true, 0x10)
	stuff(p[4:])
	p[4] = 0
	copy(p[5:], section)
	return p
}

// makeSection returns a section with the long header, content and CRC.
func makeSection(table byte, content []byte) []byte {
	n := len(content) + 9
	b := []byte{table, 0xb0 | byte(n>>8), byte(n), 0, 1, 0xc1, 0, 0}
	return signed(append(b, content...))
}

// signed appends the CRC, which makes the remainder 0: that of the section without it.
func signed(b []byte) []byte {
	return binary.BigEndian.AppendUint32(b, crcRemainder(b))
}

func patSection(pmt PID) []byte {
	return makeSection(tablePAT, []byte{0, 1, 0xe0 | byte(pmt>>8), byte(pmt)})
}

func pmtSection() []byte { return makeSection(tablePMT, pmtContent()) }

func pmtContent() []byte {
	c := []byte{0xe0 | byte(testVideo>>8), byte(testVideo & 0xff), 0xf0, 0}
	c = append(c, 0x1b, 0xe0|byte(testVideo>>8), byte(testVideo&0xff), 0xf0, 0)
	return append(c, 0x03, 0xe0|byte(testAudio>>8), byte(testAudio&0xff), 0xf0, 0)
}

func sdtSection() []byte { return makeSection(tableSDT, []byte{0, 1, 0xff}) }

// pesPackets cuts a PES packet into transport packets, the last one stuffed.
func pesPackets(pid PID, id byte, pts, dts int64, data []byte, access bool) [][]byte {
	b := []byte{0, 0, 1, id, 0, 0, 0x80, 0x80, 5}
	if dts != pts {
		b[7], b[8] = 0xc0, 10
	}
	b = appendStamp(b, b[7]>>6, pts)
	if dts != pts {
		b = appendStamp(b, 1, dts)
	}
	b = append(b, data...)
	var list [][]byte
	for first := true; len(b) > 0; first = false {
		n := min(len(b), 184)
		if first && access {
			n = min(len(b), 182)
		}
		list = append(list, carry(pid, b[:n], first, first && access))
		b = b[n:]
	}
	return list
}

// carry is a packet with that much payload, stuffed by an adaptation field.
func carry(pid PID, b []byte, first, access bool) []byte {
	p := header(pid, first, 0x10)
	if stuffing := 184 - len(b); stuffing > 0 {
		p[3] |= 0x20
		p[4] = byte(stuffing - 1)
		if stuffing > 1 {
			stuff(p[5:])
			p[5] = 0
		}
		if access {
			p[5] |= 0x40
		}
	}
	copy(p[packetSize-len(b):], b)
	return p
}

func appendStamp(b []byte, prefix byte, v int64) []byte {
	v &= stampWrap - 1
	return append(b, prefix<<4|byte(v>>30)<<1|1, byte(v>>22), byte(v>>15)<<1|1, byte(v>>7), byte(v)<<1|1)
}

// nth returns the index of the nth packet on a PID that keep accepts, from 0.
func (w *writer) nth(pid PID, n int, keep func(packet) bool) int {
	for i, p := range w.packets {
		if packet(p).pid() != pid || keep != nil && !keep(p) {
			continue
		}
		if n == 0 {
			return i
		}
		n--
	}
	panic("the test stream has no such packet")
}

func starts(p packet) bool   { return p.unitStart() && p.hasPayload() }
func middles(p packet) bool  { return !p.unitStart() && p.hasPayload() }
func hasClock(p packet) bool { _, ok := p.pcr(); return ok }

// blank replaces packets by null packets, so that the rest keeps its time.
func (w *writer) blank(from, to int, drop func(packet) bool) {
	for i := from; i < to; i++ {
		if drop(w.packets[i]) {
			w.packets[i] = nullPacket()
		}
	}
}

// renumber makes the continuity counters right again.
func (w *writer) renumber() {
	counter := map[PID]byte{}
	for _, p := range w.packets {
		pid := packet(p).pid()
		if packet(p).hasPayload() {
			counter[pid] = (counter[pid] + 1) & 15
		}
		p[3] = p[3]&0xf0 | counter[pid]
	}
}

func (w *writer) bytes() []byte {
	var b []byte
	for _, p := range w.packets {
		b = append(b, p...)
	}
	return b
}

// shiftClock adds to every PCR from packet n on.
func (w *writer) shiftClock(n int, by int64) {
	for _, p := range w.packets[n:] {
		if v, ok := packet(p).pcr(); ok {
			setPCR(p, v+by+clockWrap)
		}
	}
}

// shiftStamps adds to the timestamps of the PES packets of a PID from packet n to m.
func (w *writer) shiftStamps(pid PID, n, m int, pts, dts int64) {
	for _, p := range w.packets[n:m] {
		if packet(p).pid() != pid || !starts(p) {
			continue
		}
		b := p[packet(p).payload():]
		both := b[7]&0x40 != 0
		appendStamp(b[9:9], b[9]>>4, timestamp(b[9:])+pts)
		if both {
			appendStamp(b[14:14], 1, timestamp(b[14:])+dts)
		}
	}
}

// replaceNull replaces the first null packet from n on.
func (w *writer) replaceNull(n int, p []byte) {
	for packet(w.packets[n]).pid() != pidNull {
		n++
	}
	w.packets[n] = p
}

// dropStamps removes the timestamps of a PES packet: their bytes become stuffing.
func (w *writer) dropStamps(p []byte) {
	b := p[packet(p).payload():]
	b[7] = 0
	stuff(b[9 : 9+b[8]])
}
