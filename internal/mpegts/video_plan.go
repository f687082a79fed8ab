package mpegts

import (
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
)

// videoShape is what the pictures of a lap ask of a multiplex, whatever its rate.
type videoShape struct {
	lap     *loop.Video
	len     int64
	packets int64  // in a lap
	extra   [4]int // what a sample grows by, for each media.Place
	buffer  media.Buffer
}

func newVideoShape(v *loop.Video) *videoShape {
	s := &videoShape{lap: v, len: int64(v.Len()), buffer: v.Track.Coding.Buffer()}
	for at := range s.extra {
		s.extra[at] = v.Track.Coding.Extra(media.Place(at))
	}
	for u := range s.len {
		s.packets += s.unit(u)
	}
	return s
}

// unit returns how many packets unit u of a lap takes, 0 ≤ u < len.
func (s *videoShape) unit(u int64) int64 {
	x, at := s.lap.Unit(int(u)), s.lap.Place(int(u))
	n := pesHeaderPTS + x.Size() + s.extra[at]
	if x.CTO != 0 {
		n += pesHeaderPTSDTS - pesHeaderPTS
	}
	if at&media.RandomAccess != 0 {
		n += 2 // the adaptation field with random_access_indicator
	}
	return int64(n+payloadSize-1) / payloadSize
}

// videoPlan is how the pictures of a lap are sent. Units and slots count from
// the beginning of a lap; units before it have negative numbers, and belong to
// the laps before.
type videoPlan struct {
	*videoShape
	clock clock
	// room is how many packets the decoder's buffer holds.
	room int64
	// tb and mb are the buffers before the picture buffer (2.4.2.3), where they
	// empty more slowly than the multiplex may fill them; nil otherwise.
	tb, mb *bucket
	// transit is how many slots a packet takes through those buffers at most.
	transit int64
	// complete and decoded are how long after its time in the lap a unit must
	// have come and is decoded, in units of the track's timescale.
	complete, decoded int64
	marks             []mark
}

// mark is how far the pictures are sent when a block begins.
type mark struct {
	unit int64 // the unit being sent
	left int64 // its packets that are still to be sent, 1 or more
	sent int64 // packets sent since the lap's first one; negative while laps before are being sent
}

// moved returns the mark so many laps later.
func (m mark) moved(v *videoPlan, laps int64) mark {
	return mark{unit: m.unit + laps*v.len, left: m.left, sent: m.sent + laps*v.packets}
}

// release returns the first slot in which unit u may be sent: that of its own
// time in the lap, 999 ms before it is decoded.
func (v *videoPlan) release(u int64) int64 {
	lap, t := v.time(u)
	return lap*v.clock.slots + media.MulDivCeil(t, v.clock.slots, v.lap.Length)
}

// deadline returns the slot before which every packet of unit u must have been
// sent, for its last byte to be in the picture buffer at its DTS.
func (v *videoPlan) deadline(u int64) int64 {
	lap, t := v.time(u)
	return lap*v.clock.slots + media.MulDiv(t+v.complete, v.clock.slots, v.lap.Length) - v.transit
}

// leaves returns the first slot at whose beginning unit u has left the picture buffer.
func (v *videoPlan) leaves(u int64) int64 {
	lap, t := v.time(u)
	return lap*v.clock.slots + media.MulDivCeil(t+v.decoded, v.clock.slots, v.lap.Length)
}

// time returns the lap of unit u and its DTS in that lap.
func (v *videoPlan) time(u int64) (lap, dts int64) {
	lap = media.FloorDiv(u, v.len)
	return lap, v.lap.Unit(int(u - lap*v.len)).DTS
}

// newVideoPlan applies the rate of a clock to the pictures. strained gives up
// the limits of the level's buffers: a file that breaks them keeps the
// deadlines alone.
func newVideoPlan(s *videoShape, c clock, strained bool) *videoPlan {
	v := &videoPlan{videoShape: s, clock: c, room: 1 << 40}
	// A DTS is rounded down by up to a tick of 90 kHz.
	slack := int64(1)
	if !strained {
		v.room = int64(s.buffer.Size / payloadSize)
		v.tb = newBucket(c, transportBuffer, packet.Size, s.buffer.Leak)
		// Of a larger MB no more is used: what lies in it is not where it is
		// decoded from, and late if there is much of it.
		v.mb = newBucket(c, min(s.buffer.Mux, media.MuxBuffer(s.buffer.Drain)), payloadSize, s.buffer.Drain)
		v.transit = v.tb.transit() + v.mb.transit()
		// The last byte has to pass from one buffer to the next, twice.
		slack += media.MulDivCeil(2*8, media.TicksPerSecond, int64(min(s.buffer.Leak, s.buffer.Drain)))
	}
	scale := int64(s.lap.Track.Timescale)
	v.complete = media.MulDiv(decodeDelay-slack, scale, media.TicksPerSecond)
	v.decoded = media.MulDivCeil(decodeDelay, scale, media.TicksPerSecond)
	return v
}

// crawls reports whether the buffers are so much slower than the multiplex
// that a higher rate does not help any more.
func (v *videoPlan) crawls() bool {
	const much = 4 << 16
	return v.tb != nil && v.tb.gap > much || v.mb != nil && v.mb.gap > much
}
