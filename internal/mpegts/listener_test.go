package mpegts

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// listener checks packets as a receiver sees them against the plan's loop.
type listener struct {
	t          *testing.T
	p          *Plan
	n          Slot // the next packet
	cc         map[PID]int
	pcr        PCR          // of the packet before, -1 before the first
	tables     map[PID]Slot // the packet of the last one
	video      *receiver
	audio      map[PID]*receiver
	pictures   int
	audioUnits int
	buffers    *bufferModels // of the video; nil where its level is broken
}

// receiver collects the PES packets of a PID.
type receiver struct {
	buf     []byte
	started Slot // packet of its first byte
	last    Slot // packet of its last byte
	done    func(r *receiver, pts, dts media.Ticks, body []byte)
	have    bool
	dts     media.Ticks
	inside  []inside // units in the decoder's buffer
	want    int64    // units: the next unit's number on the lap (video) or grid (audio); -1 before the first
}

// inside is a unit in the decoder's buffer: until dts, in ticks of 90 kHz.
type inside struct {
	dts   media.Ticks
	bytes int64
}

// hold checks that the decoder's picture buffer has room for a packet of the
// unit that is decoded at dts (2.4.2.7).
func (l *listener) hold(dts media.Ticks, bytes int64) {
	r := l.video
	now := l.p.clock.pcr(l.n, 0)
	for len(r.inside) > 0 && PCR(r.inside[0].dts*300) <= now {
		r.inside = r.inside[1:]
	}
	if n := len(r.inside); n == 0 || r.inside[n-1].dts != dts {
		r.inside = append(r.inside, inside{dts: dts})
	}
	r.inside[len(r.inside)-1].bytes += bytes
	sum := int64(0)
	for _, u := range r.inside {
		sum += u.bytes
	}
	size := int64(l.p.video.buffer.Size)
	if l.p.keeps == levelLimits {
		size = int64(l.p.video.buffer.Level)
	}
	if !l.p.ExceedsLevel && sum > size {
		l.fail("%d bytes in a buffer of %d", sum, size)
	}
}

func listen(t *testing.T, p *Plan, from Slot) *listener {
	l := &listener{t: t, p: p, n: from, cc: map[PID]int{}, pcr: -1, tables: map[PID]Slot{}, audio: map[PID]*receiver{}, buffers: newBufferModels(p, from)}
	if p.video != nil {
		l.video = &receiver{want: -1, done: l.picture}
	}
	for i, a := range p.audio {
		r := &receiver{want: -1}
		r.done = func(r *receiver, pts, _ media.Ticks, body []byte) { l.audioPES(r, a, pts, body) }
		l.audio[p.config.audioPID(i)] = r
	}
	return l
}

func (l *listener) fail(format string, args ...any) {
	l.t.Helper()
	l.t.Fatalf("packet %d of lap %d: "+format, append([]any{l.n % l.p.Slots(), l.n / l.p.Slots()}, args...)...)
}

func (l *listener) packet(b []byte) {
	defer func() { l.n++ }()
	if b[0] != 0x47 || b[1]&0x80 != 0 || b[3]&0xc0 != 0 {
		l.fail("header %x", b[:4])
	}
	pid := PID(b[1]&0x1f)<<8 | PID(b[2])
	if pid == nullPID {
		return
	}
	control, cc := b[3]>>4&3, int(b[3]&15)
	if last, ok := l.cc[pid]; ok {
		want := last
		if control&1 != 0 {
			want = (last + 1) & 15
		}
		if cc != want {
			l.fail("PID %d: continuity counter %d, want %d", pid, cc, want)
		}
	}
	l.cc[pid] = cc
	body := 4
	if control&2 != 0 {
		body += 1 + int(b[4])
		if b[4] > 0 && b[5]&0x80 != 0 {
			l.fail("discontinuity_indicator")
		}
		if b[4] > 0 && b[5]&0x10 != 0 {
			if pid != l.p.pcrPID {
				l.fail("PCR on PID %d", pid)
			}
			l.reference(b)
		}
	}
	if l.buffers != nil && pid == l.p.config.VideoPID {
		l.buffers.take(l, packet.Size-body)
	}
	if control&1 == 0 {
		return
	}
	l.payload(pid, b[1]&0x40 != 0, b[body:])
}

// reference checks a PCR: exact to a tick, and in time.
func (l *listener) reference(b []byte) {
	got, want := pcrOf(b), l.p.clock.pcr(l.n, 10)
	if got != want%(300<<33) {
		l.fail("PCR %d, want %d", got, want)
	}
	if l.pcr >= 0 {
		if gap := want - l.pcr; gap > PCR(l.p.config.PCRPeriod.Microseconds()*27) {
			l.fail("PCR after %d ticks", gap)
		}
	}
	l.pcr = want
}

func (l *listener) payload(pid PID, start bool, body []byte) {
	c := &l.p.config
	limit := map[PID]time.Duration{0: c.PATInterval, c.PMTPID: c.PMTInterval, 0x11: c.SDTInterval}[pid]
	if limit > 0 {
		if last, ok := l.tables[pid]; ok && start && l.p.Due(l.n)-l.p.Due(last) > limit {
			l.fail("PID %d after %d ns", pid, l.p.Due(l.n)-l.p.Due(last))
		}
		if start {
			l.tables[pid] = l.n
		}
		return
	}
	r := l.audio[pid]
	if pid == l.p.config.VideoPID {
		r = l.video
	}
	if r == nil {
		l.fail("PID %d is not of this program", pid)
	}
	r.take(l, start, body)
}

func (r *receiver) take(l *listener, start bool, body []byte) {
	if start {
		r.finish(l)
		r.have, r.started, r.buf = true, l.n, r.buf[:0]
		r.dts = l.near(l.n, dtsOf(body))
	}
	if r.have {
		r.buf = append(r.buf, body...)
		r.last = l.n
		if r == l.video {
			l.hold(r.dts, int64(len(body)))
		}
		r.whole(l)
	}
}

// whole finishes a PES packet of known length with its last byte.
func (r *receiver) whole(l *listener) {
	if n := int(binary.BigEndian.Uint16(r.buf[4:])); n > 0 && len(r.buf) >= n+6 {
		r.finish(l)
	}
}

func (r *receiver) finish(l *listener) {
	if !r.have {
		return
	}
	r.have = false
	b := r.buf
	if b[0] != 0 || b[1] != 0 || b[2] != 1 {
		l.fail("a PES packet begins with %x", b[:6])
	}
	r.done(r, stampOf(b[9:]), dtsOf(b), b[9+b[8]:])
}

// pcrOf reads the PCR of a packet.
func pcrOf(b []byte) PCR {
	base := PCR(b[6])<<25 | PCR(b[7])<<17 | PCR(b[8])<<9 | PCR(b[9])<<1 | PCR(b[10])>>7
	return base*300 + PCR(b[10]&1)<<8 + PCR(b[11])
}

// stampOf reads a time stamp.
func stampOf(b []byte) media.Ticks {
	return media.Ticks(b[0]>>1&7)<<30 | media.Ticks(b[1])<<22 | media.Ticks(b[2]>>1)<<15 | media.Ticks(b[3])<<7 | media.Ticks(b[4]>>1)
}

// dtsOf reads the decoding time of a PES packet.
func dtsOf(b []byte) media.Ticks {
	if b[7]>>6 == 3 {
		return stampOf(b[14:])
	}
	return stampOf(b[9:])
}

// near returns the time nearest to the packet's own that is stamp modulo 2³³.
func (l *listener) near(n Slot, stamp media.Ticks) media.Ticks {
	now := l.p.clock.pcr(n, 0).ticks()
	d := (stamp - now) & (1<<33 - 1)
	if d >= 1<<32 {
		d -= 1 << 33
	}
	return now + d
}

// delivered holds a unit against its decoding time: whole before it, and not a second early.
func (l *listener) delivered(r *receiver, kind string, dts media.Ticks) {
	first, last, by := l.p.clock.pcr(r.started, 0), l.p.clock.pcr(r.last+1, 0), PCR(dts*300)
	if last > by {
		l.fail("%s is %d ticks of 27 MHz late", kind, last-by)
	}
	if by-first > media.PCRPerSecond {
		l.fail("%s waits %d ticks of 27 MHz", kind, by-first)
	}
}

// picture checks that it is the next one, decoded when the file has it (I3).
func (l *listener) picture(r *receiver, pts, dts media.Ticks, body []byte) {
	v := l.p.video
	dts, pts = l.near(r.started, dts), l.near(r.started, pts)
	l.delivered(r, "picture", dts)
	i := int64(binary.BigEndian.Uint32(body[7:]))
	if r.want < 0 {
		// The number of the lap follows from the time.
		lap := media.MulDiv(int64(dts-decodeDelay+10), l.p.clock.lap.Den, l.p.clock.lap.Num*media.TicksPerSecond)
		r.want = lap*int64(v.video.Len()) + i
	}
	if i != r.want%int64(v.video.Len()) {
		l.fail("picture %d, want %d", i, r.want%int64(v.video.Len()))
	}
	x, lap, scale := v.video.Unit(int(i)), r.want/int64(v.video.Len()), int64(v.video.Track.Timescale)
	if want := media.Ticks(media.MulDiv(lap*v.video.Length+x.DTS, media.TicksPerSecond, scale)) + decodeDelay; dts != want {
		l.fail("picture %d is decoded at %d, want %d", i, dts, want)
	}
	if want := media.Ticks(media.MulDiv(lap*v.video.Length+x.PTS(), media.TicksPerSecond, scale)) + decodeDelay; pts != want {
		l.fail("picture %d is shown at %d, want %d", i, pts, want)
	}
	r.want++
	l.pictures++
}

// audioPES checks that the units lie on the grid (I4) and are the lap's.
func (l *listener) audioPES(r *receiver, a *audioPlan, pts media.Ticks, body []byte) {
	c := a.audio.Track.Audio()
	pts = l.near(r.started, pts)
	l.delivered(r, "audio", pts)
	if r.want < 0 {
		r.want = media.MulDiv(int64(pts-a.delay+2), int64(c.SampleRate()), int64(c.FrameSamples())*media.TicksPerSecond)
	}
	if want := media.Ticks(media.MulDiv(r.want*int64(c.FrameSamples()), media.TicksPerSecond, int64(c.SampleRate()))) + a.delay; pts != want {
		l.fail("audio at %d, want %d", pts, want)
	}
	for range a.frames {
		lap := a.audio.LapOf(loop.UnitNumber(r.want))
		in := a.audio.Lap(lap)
		u, ok := a.audio.Unit(int(r.want-int64(in.First)), in.Len)
		if !ok {
			body = body[len(c.Silence()):]
			r.want++
			continue
		}
		if got := int(binary.BigEndian.Uint32(body[1:])); got != u {
			l.fail("audio unit %d, want %d", got, u)
		}
		// Within half a unit of where the file has it.
		t := a.audio.Track.Units[u].PTS()
		place := r.want*a.audio.Step() - int64(lap)*a.lapTicks() - media.MulDiv(t, a.audio.Rate(), int64(a.audio.Track.Timescale))
		if v := l.p.loop.Video; v != nil {
			// The films' audio begins with the first picture's DTS.
			place += media.MulDiv(v.Shown(), a.audio.Rate(), int64(v.Track.Timescale))
		}
		if l.p.video != nil && (2*place > a.audio.Step()+2 || 2*place < -a.audio.Step()-2) {
			l.fail("audio unit %d is %d ticks off, a unit has %d", u, place, a.audio.Step())
		}
		body = body[a.audio.Track.Units[u].Size():]
		r.want++
	}
	if len(body) != 0 {
		l.fail("%d bytes after the audio", len(body))
	}
	l.audioUnits++
}
