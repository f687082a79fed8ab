package mpegts

import (
	"errors"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Muxer writes the packets of an entry. It belongs to one goroutine.
type Muxer struct {
	entry *Entry
	plan  *Plan
	// n is the next packet, -1 before the first.
	n        Slot
	blockEnd Slot
	system   systemCursor
	video    *videoCursor
	audio    []*audioCursor
	// nextAudio is the audio track with the earliest packet, nil without audio.
	nextAudio *audioCursor
}

func newMuxer(e *Entry, samples bool) *Muxer {
	m := &Muxer{entry: e, plan: e.plan, n: -1, system: systemCursor{timetable: &e.plan.timetable}}
	if m.plan.video != nil {
		m.video = newVideoCursor(e, samples)
	}
	for i := range m.plan.audio {
		m.audio = append(m.audio, newAudioCursor(e, i, samples))
	}
	return m
}

// Fill writes packets n, n+1, … of the entry into dst, whose length is a multiple
// of packet.Size. n is 0 or more. After an error Fill may be called again.
func (m *Muxer) Fill(dst []byte, n Slot) error {
	if n < 0 || len(dst)%packet.Size != 0 {
		return errors.New("mpegts: packets are numbered from 0 and written whole")
	}
	if n != m.n {
		if err := m.seek(n); err != nil {
			return err
		}
	}
	if err := m.write(dst, m.n+Slot(len(dst)/packet.Size)); err != nil {
		m.n = -1
		return err
	}
	return nil
}

// TakeDamage returns what was left out of the samples read since the last call, with the text
// of the last one.
func (m *Muxer) TakeDamage() media.DamageError {
	var sum media.DamageError
	take := func(c *pesCursor) {
		if c.damage.Units > 0 {
			sum.Units, sum.Text = sum.Units+c.damage.Units, c.damage.Text
			c.damage = media.DamageError{}
		}
	}
	if m.video != nil {
		take(&m.video.pesCursor)
	}
	for _, a := range m.audio {
		take(&a.pesCursor)
	}
	return sum
}

// seek goes to packet n: to the beginning of its block, whose state the plan
// holds, unless the muxer is between that and n already, and from there packet by
// packet without writing.
func (m *Muxer) seek(n Slot) error {
	lap, block, start, end := m.blockAt(n)
	if m.n >= start && m.n < n {
		return m.write(nil, n)
	}
	m.n, m.blockEnd = start, end
	m.system.seek(m.n)
	if m.video != nil {
		m.video.seek(lap, block)
	}
	for _, a := range m.audio {
		a.seek(m.n)
	}
	m.findNextAudio()
	return m.write(nil, n)
}

// blockAt returns the lap and the block that packet n is in, and the slots of the
// entry where that block begins and ends.
func (m *Muxer) blockAt(n Slot) (lap loop.LapNumber, block int64, start, end Slot) {
	in := n % m.plan.clock.slots
	block = m.plan.blockOf(in)
	return loop.LapNumber(n / m.plan.clock.slots), block, n - in + m.plan.blockStart(block), n - in + m.plan.blockStart(block+1)
}

func (m *Muxer) enterBlock() {
	lap, block, _, end := m.blockAt(m.n)
	m.blockEnd = end
	if m.video != nil {
		m.video.enter(lap, block)
	}
}

// findNextAudio finds the audio track whose next packet is planned first.
func (m *Muxer) findNextAudio() {
	m.nextAudio = nil
	for _, a := range m.audio {
		if m.nextAudio == nil || a.slot < m.nextAudio.slot {
			m.nextAudio = a
		}
	}
}

// write writes the packets before packet end into dst, or passes over them where
// dst is nil.
func (m *Muxer) write(dst []byte, end Slot) error {
	for m.n < end {
		if m.n == m.blockEnd {
			m.enterBlock()
		}
		next, err := m.step(dst, min(end, m.blockEnd))
		if err != nil {
			return err
		}
		if dst != nil {
			dst = dst[(next-m.n)*packet.Size:]
		}
		m.n = next
	}
	return nil
}

// step writes at least one packet and returns the number of the next one, at most end.
func (m *Muxer) step(dst []byte, end Slot) (Slot, error) {
	switch {
	case m.n == m.system.slot:
		m.writeSystem(dst)
		return m.n + 1, nil
	case m.nextAudio != nil && m.nextAudio.slot <= m.n:
		err := m.nextAudio.write(dst)
		m.findNextAudio()
		return m.n + 1, err
	}
	end = min(end, m.system.slot)
	if m.nextAudio != nil {
		end = min(end, m.nextAudio.slot)
	}
	return end, m.writeVideo(dst, end)
}

// writeVideo writes the packets up to end: video, and null packets where no video
// may be sent.
func (m *Muxer) writeVideo(dst []byte, end Slot) error {
	for n := m.n; n < end; {
		ready := end
		if m.video != nil {
			ready = min(end, m.video.next(n, m.system.slot))
		}
		for ; n < ready; n++ {
			if dst != nil {
				putNull(dst)
				dst = dst[packet.Size:]
			}
		}
		if n == end {
			return nil
		}
		if err := m.video.write(dst, n); err != nil {
			return err
		}
		if dst != nil {
			dst = dst[packet.Size:]
		}
		n++
	}
	return nil
}

func (m *Muxer) writeSystem(dst []byte) {
	c := &m.system
	if c.at == 0 && m.video != nil {
		m.video.passPCR(m.n)
	}
	if dst != nil {
		if c.at == 0 {
			putPCR(dst, m.plan.pcrPID, m.pcrCounter(), m.entry.origin.Start+m.plan.clock.pcr(m.n, pcrByte))
		} else {
			c.writeTable(dst, m.entry)
		}
	}
	c.next()
}

// pcrCounter returns the continuity counter of the last packet with payload on
// the PCR's PID. Before the first one, and on a PID that never has any, it is the
// one before 0.
func (m *Muxer) pcrCounter() byte {
	pid := m.plan.pcrPID
	count := packetCount(m.entry.origin.counters[pid])
	if m.video != nil && pid == m.video.pes.pid {
		count += m.video.sent()
	}
	for _, a := range m.audio {
		if a.pes.pid == pid {
			count += a.cutoff.of(a.count)
		}
	}
	return byte(count-1) & 0x0f
}
