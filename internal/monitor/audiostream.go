package monitor

import "github.com/lilo-live/lilo/internal/media"

// audioTolerance is how far a PTS may be from the end of the frames before it,
// in ticks of 27 MHz: the rounding of two timestamps to 90 kHz.
const audioTolerance = 450

// audioTimeline counts the samples of audio frames since a PTS.
type audioTimeline struct {
	frames     audioFrames
	pendingPTS bool // the next frame has the PTS of the PES packet
	haveBase   bool
	base       int64 // a PTS, in ticks of 27 MHz
	samples    int64 // since base
	rate       int
	worst      int64 // the largest error of a PTS
}

// end returns where the frames so far end, in ticks of 27 MHz.
func (t *audioTimeline) end() int64 {
	if t.rate == 0 {
		return t.base
	}
	return t.base + media.MulDiv(t.samples, second, int64(t.rate))
}

// add counts a frame.
func (t *audioTimeline) add(f audioFrame) {
	if f.rate != t.rate {
		t.base, t.samples, t.rate = t.end(), 0, f.rate
	}
	t.samples += int64(f.samples)
}

// audioData follows the frames in the data bytes p[at:]. Each frame is an
// access unit. A PTS is that of the first frame that begins in its PES packet
// (2.4.3.7); those after it follow by the durations in their headers.
func (s *stream) audioData(p packet, at int, n int64, in *pcrInterval) {
	for at < packetSize {
		taken, began, parsed := s.audio.frames.next(p[at:])
		if began {
			s.startFrame(at, n, in)
		}
		if parsed && s.audio.haveBase {
			s.audio.add(s.audio.frames.last)
		}
		at += taken
	}
}

func (s *stream) startFrame(at int, n int64, in *pcrInterval) {
	t := &s.audio
	if t.pendingPTS {
		t.pendingPTS = false
		s.checkPTS(n)
		t.base, t.samples, t.haveBase = s.lastPTS*300, 0, true
	}
	if t.haveBase && in != nil {
		s.decode = in.elapsed(t.end(), s.at)
		s.starts = append(s.starts, unitStart{at, s.decode})
	}
}

// checkPTS compares a PTS with the end of the frames before it.
func (s *stream) checkPTS(n int64) {
	t := &s.audio
	lost := s.broken || t.frames.lost
	s.broken = false
	if !t.haveBase || t.samples == 0 {
		return
	}
	off := wrapped(s.lastPTS*300, t.end(), clockWrap)
	if lost && off > -second && off < 10*second {
		return // Frames were lost, and with them the time that they lasted.
	}
	if off > audioTolerance || off < -audioTolerance {
		s.report.Irregular++
		s.errs.raise(AudioStep, n, s.pid, func() string { return "off by " + milliseconds(off) })
	}
	if max(off, -off) > max(t.worst, -t.worst) {
		t.worst = off
	}
}
