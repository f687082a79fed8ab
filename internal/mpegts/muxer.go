package mpegts

import (
	"errors"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Muxer writes the packets of a part. It belongs to one goroutine.
type Muxer struct {
	part *Entry
	plan *Plan
	// n is the next packet, counted from the part's beginning like every slot below.
	n        int64
	blockEnd int64
	system   systemCursor
	video    *videoCursor
	audio    []*audioCursor
	// sound is the audio track with the earliest packet, nil where there is none.
	sound *audioCursor
}

// NewMuxer returns a stream of the plan that reads the samples it carries
// from the asset.
func (p *Plan) NewMuxer() *Muxer { return p.Begin(Origin{}, false).NewMuxer() }

// NewIdleMuxer returns a stream of the plan that carries the PCR and the
// tables alone, and null packets in place of pictures and sound. It reads nothing.
func (p *Plan) NewIdleMuxer() *Muxer { return p.Begin(Origin{}, false).NewIdleMuxer() }

func newMuxer(p *Entry, samples bool) *Muxer {
	s := &Muxer{part: p, plan: p.plan, n: -1}
	if p.plan.video != nil {
		s.video = newVideoCursor(p, samples)
	}
	for i := range p.plan.audio {
		s.audio = append(s.audio, newAudioCursor(p, i, samples))
	}
	return s
}

// Fill writes packets n, n+1, … into dst; n counts from the part's beginning
// and is 0 or more, and the length of dst a multiple of packet.Size. After an error the stream may be asked again.
func (s *Muxer) Fill(dst []byte, n int64) error {
	if n < 0 || len(dst)%packet.Size != 0 {
		return errors.New("mpegts: packets are numbered from 0 and written whole")
	}
	if n != s.n {
		if err := s.seek(n); err != nil {
			return err
		}
	}
	if err := s.write(dst, s.n+int64(len(dst)/packet.Size)); err != nil {
		s.n = -1
		return err
	}
	return nil
}

// seek goes to packet n: to the beginning of its block, whose state the plan
// knows, unless it is between that and n already, and from there packet by packet
// without writing any.
func (s *Muxer) seek(n int64) error {
	p := s.plan
	lap := n / p.clock.slots
	block := p.blockOf(n - lap*p.clock.slots)
	start := lap*p.clock.slots + p.block(block)
	if s.n >= start && s.n < n {
		return s.write(nil, n)
	}
	s.n = start
	s.blockEnd = lap*p.clock.slots + p.block(block+1)
	s.system.seek(p, s.n)
	if s.video != nil {
		s.video.seek(lap, block)
	}
	for _, a := range s.audio {
		a.seek(s.n)
	}
	s.nextSound()
	return s.write(nil, n)
}

// nextBlock takes up the next block.
func (s *Muxer) nextBlock() {
	p := s.plan
	lap := s.n / p.clock.slots
	block := p.blockOf(s.n - lap*p.clock.slots)
	s.blockEnd = lap*p.clock.slots + p.block(block+1)
	if s.video != nil {
		s.video.enter(lap, block)
	}
}

// nextSound finds the audio track whose next packet is planned first.
func (s *Muxer) nextSound() {
	s.sound = nil
	for _, a := range s.audio {
		if s.sound == nil || a.slot < s.sound.slot {
			s.sound = a
		}
	}
}

// write writes the packets before packet end into dst, or passes over them
// where dst is nil.
func (s *Muxer) write(dst []byte, end int64) error {
	for s.n < end {
		if s.n == s.blockEnd {
			s.nextBlock()
		}
		stop, err := s.step(dst, min(end, s.blockEnd))
		if err != nil {
			return err
		}
		if dst != nil {
			dst = dst[(stop-s.n)*packet.Size:]
		}
		s.n = stop
	}
	return nil
}

// step writes at least one packet and returns the number of the next one, end
// at the most.
func (s *Muxer) step(dst []byte, end int64) (int64, error) {
	switch {
	case s.n == s.system.slot:
		s.writeSystem(dst)
		return s.n + 1, nil
	case s.sound != nil && s.sound.slot <= s.n:
		err := s.sound.write(dst)
		s.nextSound()
		return s.n + 1, err
	}
	end = min(end, s.system.slot)
	if s.sound != nil {
		end = min(end, s.sound.slot)
	}
	return end, s.writeVideo(dst, end)
}

// writeVideo writes video packets from n up to end, and null packets where no
// picture may be sent.
func (s *Muxer) writeVideo(dst []byte, end int64) error {
	for n := s.n; n < end; {
		ready := end
		if s.video != nil {
			ready = min(end, s.video.ready(n))
		}
		for ; n < ready; n++ {
			if dst != nil {
				null(dst)
				dst = dst[packet.Size:]
			}
		}
		if n == end {
			return nil
		}
		if err := s.video.write(dst, n); err != nil {
			return err
		}
		if dst != nil {
			dst = dst[packet.Size:]
		}
		n++
	}
	return nil
}

// writeSystem writes the system packet of slot n.
func (s *Muxer) writeSystem(dst []byte) {
	c := &s.system
	if dst != nil {
		if c.at == 0 {
			t, _ := s.plan.clock.at(s.n, pcrByte, media.PCRPerSecond)
			pcrPacket(dst, s.plan.pcrPID, s.pcrCounter(), s.part.origin.Ticks+t)
		} else {
			c.writeTable(dst, s.part)
		}
	}
	c.next()
}

// pcrCounter is the continuity counter of the last packet with payload on the
// PCR's PID. Before the first one, and on a PID that never has any, it is the
// one that goes before 0.
func (s *Muxer) pcrCounter() byte {
	pid := s.plan.pcrPID
	count := uint64(s.part.origin.Counters[pid])
	switch {
	case s.video != nil && pid == s.video.pes.pid:
		count += s.video.sent()
	default:
		for _, a := range s.audio {
			if a.pes.pid == pid {
				count += a.stop.of(a.count)
			}
		}
	}
	return byte(count-1) & 0x0f
}
