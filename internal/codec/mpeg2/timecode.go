package mpeg2

import (
	"github.com/lilo-live/lilo/internal/codec/timecode"
	"github.com/lilo-live/lilo/internal/media"
)

// group is a group of pictures header (ISO/IEC 13818-2, 6.2.2.6) with its first picture.
type group struct {
	header    []byte // from its start code on
	dropFrame bool
	code      timecode.TimeCode // of the picture with temporal_reference 0
	reference int               // the temporal_reference of the picture behind the header
}

// findGroup returns the group of pictures that a sample begins.
func findGroup(sample []byte) (g group, ok bool) {
	const headerSize = startSize + 4
	h := findHeaders(sample)
	if h.group < 0 || h.picture < h.group+headerSize || h.picture+startSize+2 > len(sample) {
		return g, false
	}
	b, p := sample[h.group:], sample[h.picture+startSize:]
	g.header, g.dropFrame, g.reference = b, b[4]&0x80 != 0, int(p[0])<<2|int(p[1])>>6
	g.code = timecode.TimeCode{
		Hours: int(b[4] >> 2 & 0x1f), Minutes: int(b[4]&3)<<4 | int(b[5]>>4),
		Seconds: int(b[5]&7)<<3 | int(b[6]>>5), Frames: int(b[6]&0x1f)<<1 | int(b[7]>>7),
	}
	return g, true
}

// put writes the time code into the header. The marker bit keeps it from being a start code.
func (g *group) put(t timecode.TimeCode) {
	b := g.header
	b[4] = b[4]&0x80 | byte(t.Hours<<2|t.Minutes>>4)
	b[5] = byte(t.Minutes<<4) | 8 | byte(t.Seconds>>3)
	b[6] = byte(t.Seconds<<5 | t.Frames>>1)
	b[7] = b[7]&0x7f | byte(t.Frames<<7)
}

// readTimeCode reads the time code of the track's first group of pictures.
func (c *Coding) readTimeCode(sample []byte) {
	counter := timecode.Counter{Rate: c.sequence.rate}
	g, ok := findGroup(sample)
	const mostFrames = 60 // that time_code_pictures counts
	if !ok || !counter.Valid() || counter.Rate.Num > mostFrames*counter.Rate.Den {
		return
	}
	counter.DropFrame = g.dropFrame
	c.counter, c.first, c.reference = counter, counter.Number(g.code), g.reference
}

// runTimeCode makes the time code of the group that a unit begins run on from the epoch
// (6.3.8). The picture behind the header is shown at the unit's time, and the one that
// the time code means is as many frames before it as its temporal_reference says.
func (c *Coding) runTimeCode(unit []byte, at media.Place) {
	g, ok := findGroup(unit)
	if !ok || c.counter.Rate.Den == 0 || at.Timescale == 0 {
		return
	}
	counter := timecode.Counter{Rate: c.counter.Rate, DropFrame: g.dropFrame}
	n := counter.Follow(counter.Number(g.code), c.first-int64(g.reference-c.reference), at)
	g.put(counter.TimeCode(n))
}

// FirstTimeCode returns how the first sample's picture counts frames, and its number. The
// counter's rate is 0 without a time code.
func (c *Coding) FirstTimeCode() (timecode.Counter, int64) {
	return c.counter, c.first + int64(c.reference)
}
