package monitor

import "github.com/lilo-live/lilo/internal/media"

// audioTolerance is how far a PTS may be from where the frames before it end,
// in ticks of 27 MHz: the rounding of two timestamps to 90 kHz.
const audioTolerance = 450

// audio follows the frames in the data bytes p[at:]. Every frame is an access
// unit of its own; a PTS is that of the first one to begin in its PES packet
// (2.4.3.7), those behind it follow by what their own headers say they last.
func (s *stream) audio(p packet, at int, n int64, r *ramp) {
	for at < packetSize {
		taken, began, ended := s.frames.next(p[at:])
		if began {
			s.frameBegins(at, n, r)
		}
		if ended {
			s.frameKnown()
		}
		at += taken
	}
}

// frameBegins puts a frame on the timeline.
func (s *stream) frameBegins(at int, n int64, r *ramp) {
	if s.pendingPTS {
		s.pendingPTS = false
		s.judgeAudio(n)
		s.anchor, s.samples, s.anchored = s.lastPTS*300, 0, true
	}
	if s.anchored && r != nil {
		when := s.at + wrapped(s.end(), s.at+r.shift, clockWrap)
		s.decode = when
		s.marks = append(s.marks, mark{at, when})
	}
}

// end is where the frames so far end, in ticks of 27 MHz.
func (s *stream) end() int64 {
	if s.rate == 0 {
		return s.anchor
	}
	return s.anchor + media.MulDiv(s.samples, second, int64(s.rate))
}

func (s *stream) frameKnown() {
	if f := s.frames.last; s.anchored {
		if f.rate != s.rate {
			s.anchor, s.samples, s.rate = s.end(), 0, f.rate
		}
		s.samples += int64(f.samples)
	}
}

// judgeAudio compares a PTS with the end of the frames before it.
func (s *stream) judgeAudio(n int64) {
	broken := s.broken || s.frames.lost
	s.broken = false
	if !s.anchored || s.samples == 0 {
		return
	}
	off := wrapped(s.lastPTS*300, s.end(), clockWrap)
	if broken && off > -second && off < 10*second {
		// Frames were lost, and the time that they took with them.
		return
	}
	s.audioSteps++
	if off > audioTolerance || off < -audioTolerance {
		s.audioIrregular++
		s.to.raise(AudioStep, n, s.pid, func() string { return "off by " + milliseconds(off) })
	}
	if max(off, -off) > max(s.audioWorst, -s.audioWorst) {
		s.audioWorst = off
	}
	if s.onStep != nil {
		step := media.MulDiv(wrapped(s.lastPTS*300, s.anchor, clockWrap), 1, 300)
		s.onStep(Step{PID: s.pid, Packet: n, Audio: true, Ticks: step, Error: off})
	}
}
