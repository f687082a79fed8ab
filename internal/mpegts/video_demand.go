package mpegts

import (
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// videoDemand is what the video of a lap asks of a multiplex, whatever its rate.
// Units of the laps before the entry have negative numbers and are not sent.
type videoDemand struct {
	video   *loop.Video
	packets Slot                    // in a lap
	densest stretch                 // the second with the most packets
	extra   [media.AllMarks + 1]int // bytes by which a sample grows, for each media.Marks
	buffer  media.Buffer
}

func newVideoDemand(v *loop.Video) *videoDemand {
	d := &videoDemand{video: v, buffer: v.Track.Coding.Buffer()}
	d.buffer.Leak, d.buffer.Drain = max(d.buffer.Leak, media.MinBitRate), max(d.buffer.Drain, media.MinBitRate)
	for marks := range d.extra {
		d.extra[marks] = v.Track.Coding.Extra(media.Marks(marks))
	}
	var first int
	var sum, most Slot
	for u := range v.Len() {
		n := d.unitSize(u)
		d.packets += n
		for sum += n; v.Unit(u).DTS-v.Unit(first).DTS >= int64(v.Track.Timescale); first++ {
			sum -= d.unitSize(first)
		}
		if sum > most {
			most, d.densest = sum, stretch{loop.UnitNumber(first), loop.UnitNumber(u)}
		}
	}
	return d
}

// unitSize returns how many packets unit u of a lap takes, 0 ≤ u < len.
func (d *videoDemand) unitSize(u int) Slot {
	return Slot(d.unitBytes(u)+payloadSize-1) / payloadSize
}

// unitBytes returns how many bytes of its packets unit u of a lap takes at most.
func (d *videoDemand) unitBytes(u int) int {
	x, marks := d.video.Unit(u), d.video.Marks(u)
	n := pesHeaderPTS + x.Size() + d.extra[marks]
	if x.CTO != 0 {
		n += pesHeaderPTSDTS - pesHeaderPTS
	}
	if marks&media.RandomAccess != 0 {
		n += 2 // the adaptation field with random_access_indicator
	}
	return n
}

// stuffing returns the fewest bytes of stuffing in the packets of a unit.
func (d *videoDemand) stuffing(unit loop.UnitNumber) int {
	_, u := d.video.Index(unit)
	return int(d.unitSize(u))*payloadSize - d.unitBytes(u)
}

func (d *videoDemand) size(unit loop.UnitNumber) Slot {
	_, u := d.video.Index(unit)
	return d.unitSize(u)
}

// random reports whether decoding can begin with a unit.
func (d *videoDemand) random(unit loop.UnitNumber) bool {
	_, u := d.video.Index(unit)
	return d.video.Marks(u)&media.RandomAccess != 0
}

// timestamps returns the PTS and DTS of a unit in an entry that begins at start.
func (d *videoDemand) timestamps(unit loop.UnitNumber, start PCR) (pts, dts media.Ticks) {
	scale := int64(d.video.Track.Timescale)
	return timestamp(d.video.PTS(unit), scale, start) + decodeDelay, timestamp(d.video.DTS(unit), scale, start) + decodeDelay
}

// appendPES appends the PES packet of a unit in an entry that begins at start. It
// has a byte at least for each transport packet that the unit takes. The error may be
// a media.DamageError.
func (d *videoDemand) appendPES(b []byte, r *media.Reader, unit loop.UnitNumber, start PCR) ([]byte, error) {
	_, u := d.video.Index(unit)
	x, track := d.video.Unit(u), d.video.Track
	sample, err := r.Sample(u)
	if err != nil {
		return b, fault.Of(fault.Source, err)
	}
	from := len(b)
	pts, dts := d.timestamps(unit, start)
	b = appendPESHeader(b, track.Coding.StreamID(), pts, dts, x.CTO != 0)
	if b, err = track.Coding.AppendUnit(b, sample, d.video.Place(unit)); err != nil {
		err = fault.New(fault.Media, "video track %d, at byte %d of the file: %w", track.ID, x.Offset, err)
	}
	// Zero bytes may follow any access unit (trailing_zero_8bits, stuffing). A
	// packet without payload would not advance the continuity counter.
	for packets := int(d.size(unit)); len(b)-from < packets; {
		b = append(b, 0)
	}
	return b, err
}
