package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Segments cuts a loop into transport streams that each begin with their tables:
// the segments of HTTP Live Streaming (RFC 8216, 3.2). The packets with pictures
// and sound are those of the loop's [Muxer] with the same [Config], byte for
// byte, continuity counters and time stamps included. The tables and PCRs are a
// piece's own, and null packets there are none. Immutable; any goroutine may use it.
type Segments struct {
	shape    *shape
	delay    int64
	pictures pictureSums
	sounds   []soundSums
}

// NewSegments returns the pieces of a loop. Of the config it takes the PIDs, the
// numbers and FramesPerPES.
func NewSegments(l *loop.Loop, c Config) (*Segments, error) {
	c = c.withDefaults()
	if err := c.validate(l); err != nil {
		return nil, err
	}
	s := newShape(l, &c)
	p := &Segments{shape: s, delay: s.audioDelay()}
	if s.video != nil {
		p.pictures = newPictureSums(s.video)
	}
	for _, a := range s.audio {
		p.sounds = append(p.sounds, newSoundSums(a))
	}
	return p, nil
}

// Compact returns the same pieces without what only MaxSize takes, which grows with the loop.
func (p *Segments) Compact() *Segments {
	lean, s := *p, *p.shape
	s.audio = nil
	for _, a := range p.shape.audio {
		bare := *a
		bare.weights = nil
		s.audio = append(s.audio, &bare)
	}
	lean.shape = &s
	return &lean
}

// Append appends a piece to dst. It reads the samples that the piece holds.
func (p *Segments) Append(dst []byte, at loop.Segment) ([]byte, error) {
	w := p.writer(at)
	w.dst = dst
	w.reads()
	err := w.write()
	return w.dst, err
}

// Size returns the length of a piece in bytes. It reads nothing.
func (p *Segments) Size(at loop.Segment) int64 {
	w := p.writer(at)
	_ = w.write() // It has nothing to read that could fail.
	return w.packets * packet.Size
}

// MaxSize bounds the length in bytes of a piece of lap 0 and of those that hold the
// same pictures in other laps, where the grid puts other units of sound.
func (p *Segments) MaxSize(at loop.Segment) int64 {
	w := p.writer(at)
	w.tracks = nil
	_ = w.write() // As in Size.
	if p.shape.video == nil {
		w.packets += media.MulDiv(at.To-at.From, media.TicksPerSecond, at.Scale*pcrStep) + 2
	}
	for _, a := range p.shape.audio {
		w.packets += a.most(at)
	}
	return w.packets * packet.Size
}

// pcrLead is how long before its decoding time a picture begins to come, by
// the PCRs of a piece, in ticks of 90 kHz: the decoder's buffer for sound is
// not overrun, and a picture has time to come.
const pcrLead = 9000

// PCRs of a piece are at least pcrStep apart where pictures are frequent, and
// never more than pcrMost (ISO/IEC 13818-1, 2.7.2), in ticks of 90 kHz.
const (
	pcrStep = 3150
	pcrMost = 8100
)

// pieceWriter writes one piece. Without a reader it counts packets alone.
type pieceWriter struct {
	*Segments
	at      loop.Segment
	dst     []byte
	packets int64
	reading bool
	reader  *media.Reader
	tracks  []*pieceSound
	pcr     int64 // of the last one
	clocked bool  // there is one
	pes     pes
	sent    uint64 // packets of pictures before
}

func (p *Segments) writer(at loop.Segment) *pieceWriter {
	w := &pieceWriter{Segments: p, at: at}
	for i := range p.shape.audio {
		w.tracks = append(w.tracks, newPieceSound(p, i, at))
	}
	return w
}

// reads prepares for reading samples.
func (w *pieceWriter) reads() {
	w.reading = true
	l := w.shape.loop
	if l.Video != nil {
		w.reader = media.NewReader(l.Asset, l.Video.Track, l.Video.Stored())
	}
	for _, s := range w.tracks {
		t := s.lap.Track
		s.reader = media.NewReader(l.Asset, t, t.Units)
	}
}

func (w *pieceWriter) write() error {
	w.tables()
	v := w.shape.video
	if v == nil {
		return w.soundUntil(never)
	}
	w.sent = w.pictures.before(v, w.at.First)
	for u := w.at.First; u < w.at.End; u++ {
		dts := v.dts(u)
		if u > w.at.First {
			if err := w.soundUntil(dts); err != nil {
				return err
			}
		}
		w.clock(dts)
		if err := w.picture(u); err != nil {
			return err
		}
	}
	return w.soundUntil(never)
}

// tables writes PAT and PMT.
func (w *pieceWriter) tables() {
	for _, table := range [][][packet.Size]byte{w.shape.sections.pat, w.shape.sections.pmt} {
		for i := range table {
			if b := w.next(); b != nil {
				copy(b, table[i][:])
				b[3] |= byte(w.at.Number*int64(len(table))+int64(i)) & 0x0f
			}
		}
	}
}

// next returns the room for one packet more, nil where packets are counted alone.
func (w *pieceWriter) next() []byte {
	w.packets++
	if !w.reading {
		return nil
	}
	n := len(w.dst)
	if cap(w.dst)-n < packet.Size {
		w.dst = append(w.dst, make([]byte, max(packet.Size, n))...)[:n]
	}
	w.dst = w.dst[:n+packet.Size]
	return w.dst[n:]
}

// clock writes PCRs up to that of a unit that is decoded at a time.
func (w *pieceWriter) clock(dts int64) {
	t := dts - pcrLead
	for w.clocked && t-w.pcr > pcrMost {
		w.writePCR(w.pcr + pcrStep)
	}
	if !w.clocked || t-w.pcr >= pcrStep {
		w.writePCR(t)
	}
}

func (w *pieceWriter) writePCR(t int64) {
	w.pcr, w.clocked = t, true
	b := w.next()
	if b == nil {
		return
	}
	count := w.sent
	if w.shape.video == nil {
		count = w.tracks[0].count
	}
	const stamps = 1 << 33
	pcrPacket(b, w.shape.config.pcrPID(w.shape.loop), byte(count-1)&0x0f, (t&(stamps-1))*300)
}

func (w *pieceWriter) picture(u int64) error {
	v := w.shape.video
	packets := v.size(u)
	if !w.reading {
		w.packets += packets
		return nil
	}
	w.pes.pid = w.shape.config.VideoPID
	w.pes.begin(int(packets), v.random(u))
	var err error
	if w.pes.buf, err = v.appendPES(w.pes.buf, w.reader, u, 0); err != nil {
		return err
	}
	w.sent = w.send(packets, w.sent)
	return nil
}

// send writes the packets of the PES packet at hand and returns the count behind them.
func (w *pieceWriter) send(packets int64, count uint64) uint64 {
	for range packets {
		w.pes.write(w.next(), byte(count))
		count++
	}
	return count
}

// soundUntil writes the PES packets of all sound that is played before a time.
func (w *pieceWriter) soundUntil(dts int64) error {
	for {
		var s *pieceSound
		for _, each := range w.tracks {
			if each.left > 0 && each.pts < dts && (s == nil || each.pts < s.pts) {
				s = each
			}
		}
		if s == nil {
			return nil
		}
		if w.shape.video == nil && s == w.tracks[0] {
			w.clock(s.pts)
		}
		if err := w.writeSound(s); err != nil {
			return err
		}
	}
}

func (w *pieceWriter) writeSound(s *pieceSound) error {
	packets := s.packets(s.first, int64(s.now.Len))
	if !w.reading {
		w.packets += packets
		s.next(packets)
		return nil
	}
	w.pes.pid = s.pid
	w.pes.begin(int(packets), false)
	var err error
	if w.pes.buf, err = s.appendPES(w.pes.buf, s.reader, s.now, s.first, w.delay, 0); err != nil {
		return err
	}
	w.send(packets, s.count)
	s.next(packets)
	return nil
}

// dts returns when a unit is decoded, in ticks of 90 kHz.
func (s *videoShape) dts(unit int64) int64 {
	lap, u := s.place(unit)
	return s.stamp(lap*s.lap.Length+s.lap.Unit(u).DTS, 0)
}
