package mpegts

import (
	"errors"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// Segments writes the segments of a loop for HTTP Live Streaming as transport
// streams that begin with PAT and PMT (RFC 8216, 3.2). Video and audio packets
// are byte for byte those of a [Muxer] with the same [Config], continuity
// counters and time stamps included. Tables and PCRs are the segments' own, and
// there are no null packets. Segments is immutable; any goroutine may use it.
type Segments struct {
	demand *demand
	delay  media.Ticks // the presentation delay
	video  videoSums
	audio  []audioSums
}

// NewSegments returns the segments of a loop. Of the config it uses the PIDs, the
// numbers and AudioFramesPerPES.
func NewSegments(l *loop.Loop, c Config) (*Segments, error) {
	c = c.withDefaults()
	if err := c.validate(l); err != nil {
		return nil, err
	}
	d := newDemand(l, &c)
	s := &Segments{demand: d, delay: presentationDelay(l)}
	if d.video != nil {
		s.video = newVideoSums(d.video)
	}
	for _, a := range d.audio {
		s.audio = append(s.audio, newAudioSums(a))
	}
	return s, nil
}

// Compact returns the same segments without what only MaxSize needs, which grows
// with the loop.
func (s *Segments) Compact() *Segments {
	lean, d := *s, *s.demand
	d.audio = nil
	for _, a := range s.demand.audio {
		d.audio = append(d.audio, a.withoutWeights())
	}
	lean.demand = &d
	return &lean
}

// Append appends a segment to dst. It reads the segment's samples.
func (s *Segments) Append(dst []byte, at loop.Segment) ([]byte, error) {
	w := s.writer(at)
	w.dst = dst
	w.openReaders()
	err := w.write()
	return w.dst, err
}

// Size returns the length of a segment in bytes. It reads nothing.
func (s *Segments) Size(at loop.Segment) int64 {
	w := s.writer(at)
	_ = w.write() // Counting cannot fail.
	return w.packets * packet.Size
}

// MaxSize bounds the length in bytes of a segment of lap 0 and of those with the
// same pictures in other laps, where the grid puts other audio units.
func (s *Segments) MaxSize(at loop.Segment) int64 {
	w := s.writer(at)
	w.audio = nil
	_ = w.write() // Counting cannot fail.
	if s.demand.video == nil {
		w.packets += media.MulDiv(at.To-at.From, media.TicksPerSecond, at.Scale*int64(minPCRStep)) + 2
	}
	for _, a := range s.demand.audio {
		w.packets += a.maxPackets(at)
	}
	return w.packets * packet.Size
}

const (
	// pcrLead is how long before its DTS a picture begins to arrive by the PCRs of
	// a segment: it has time to arrive, and the decoder's audio buffer does not overflow.
	pcrLead media.Ticks = 9000
	// PCRs are at least minPCRStep apart where pictures are frequent, and never
	// more than maxPCRStep (ISO/IEC 13818-1, 2.7.2).
	minPCRStep media.Ticks = 3150
	maxPCRStep media.Ticks = 8100
)

// segmentWriter writes one segment. Without readers it only counts packets.
type segmentWriter struct {
	*Segments
	at      loop.Segment
	dst     []byte
	packets int64
	reading bool
	reader  *media.Reader // of video
	audio   []*segmentAudio
	pcr     media.Ticks // of the last PCR
	clocked bool        // there is a PCR
	pes     pesPacketizer
	sent    packetCount // video packets before, from lap 0 on
}

func (s *Segments) writer(at loop.Segment) *segmentWriter {
	w := &segmentWriter{Segments: s, at: at}
	for i := range s.demand.audio {
		w.audio = append(w.audio, newSegmentAudio(s, i, at))
	}
	return w
}

func (w *segmentWriter) openReaders() {
	w.reading = true
	l := w.demand.loop
	if l.Video != nil {
		w.reader = media.NewReader(l.Asset, l.Video.Track, l.Video.Stored())
	}
	for _, a := range w.audio {
		t := a.audio.Track
		a.reader = media.NewReader(l.Asset, t, t.Units)
	}
}

func (w *segmentWriter) write() error {
	w.writeTables()
	v := w.demand.video
	if v == nil {
		return w.writeAudioBefore(never)
	}
	w.sent = w.video.before(v, w.at.First)
	for u := w.at.First; u < w.at.End; u++ {
		_, dts := v.timestamps(u, 0)
		if u > w.at.First {
			if err := w.writeAudioBefore(dts); err != nil {
				return err
			}
		}
		w.advanceClock(dts)
		if err := w.writePicture(u); err != nil {
			return err
		}
	}
	return w.writeAudioBefore(never)
}

// writeTables writes PAT and PMT. Receivers of segments do not need SI.
func (w *segmentWriter) writeTables() {
	for _, t := range w.demand.tables {
		if t.id >= firstSI {
			continue
		}
		for i := range t.size() {
			if b := w.next(); b != nil {
				t.write(b, i, byte(w.at.Number*int64(t.size())+int64(i)))
			}
		}
	}
}

// next returns the room for one more packet, nil where packets are only counted.
func (w *segmentWriter) next() []byte {
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

// advanceClock writes PCRs up to that of a unit that is decoded at dts.
func (w *segmentWriter) advanceClock(dts media.Ticks) {
	t := dts - pcrLead
	for w.clocked && t-w.pcr > maxPCRStep {
		w.writePCR(w.pcr + minPCRStep)
	}
	if !w.clocked || t-w.pcr >= minPCRStep {
		w.writePCR(t)
	}
}

func (w *segmentWriter) writePCR(t media.Ticks) {
	w.pcr, w.clocked = t, true
	b := w.next()
	if b == nil {
		return
	}
	count := w.sent
	if w.demand.video == nil {
		count = w.audio[0].count
	}
	const wrap = 1 << 33 // before lap 0, t is negative
	putPCR(b, w.demand.config.pcrPID(w.demand.loop), byte(count-1), PCR(t&(wrap-1))*300)
}

func (w *segmentWriter) writePicture(u loop.UnitNumber) error {
	v := w.demand.video
	packets := v.size(u)
	err := w.writePES(w.demand.config.VideoPID, packets, w.sent, v.random(u), func(b []byte) ([]byte, error) {
		return v.appendPES(b, w.reader, u, 0)
	})
	w.sent += packetCount(packets)
	return err
}

// writePES writes a PES packet of so many packets. count is the number of packets
// before it on its PID.
func (w *segmentWriter) writePES(pid PID, packets Slot, count packetCount, random bool, appendPES func([]byte) ([]byte, error)) (err error) {
	if !w.reading {
		w.packets += int64(packets)
		return nil
	}
	w.pes.pid = pid
	w.pes.begin(packets, random)
	w.pes.buf, err = appendPES(w.pes.buf)
	if left := (*media.DamageError)(nil); err != nil && !errors.As(err, &left) {
		return err
	}
	for i := range packets {
		w.pes.write(w.next(), count+packetCount(i))
	}
	return nil
}

// writeAudioBefore writes the PES packets of all tracks with a PTS before t.
func (w *segmentWriter) writeAudioBefore(t media.Ticks) error {
	for {
		var a *segmentAudio
		for _, each := range w.audio {
			if each.left > 0 && each.pts < t && (a == nil || each.pts < a.pts) {
				a = each
			}
		}
		if a == nil {
			return nil
		}
		if w.demand.video == nil && a == w.audio[0] {
			w.advanceClock(a.pts)
		}
		if err := w.writeAudio(a); err != nil {
			return err
		}
	}
}

func (w *segmentWriter) writeAudio(a *segmentAudio) error {
	packets := a.size()
	err := w.writePES(a.pid, packets, a.count, false, func(b []byte) ([]byte, error) {
		return a.appendPES(b, a.reader, w.delay, 0)
	})
	a.next(packets)
	return err
}
