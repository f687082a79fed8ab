package mp4

import (
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

// timecodeDropFrame is the flag of a timecode sample entry for drop-frame counting.
const timecodeDropFrame = 1

// readTimecodes reads where the first sample of a timecode track is and how it counts
// (QuickTime File Format, timecode media). Damage costs only the timecodes.
func (t *track) readTimecodes(mdia, stbl box) {
	minf, _, err := mdia.find("minf")
	if err != nil || t.readReferences(minf) != nil || t.readMediaHeader(mdia) != nil || t.external {
		return
	}
	c := &media.Timecodes{}
	_ = stbl.each(0, func(b box) error {
		f := fieldReader{box: b, at: 8}
		switch string(b.kind[:]) {
		case "stsd":
			f.skip(20) // The header of the entry, and a reserved field.
			c.DropFrame = f.u32()&timecodeDropFrame != 0
			c.Rate = media.Rational{Num: int64(f.u32()), Den: int64(f.u32())}
		case "stco":
			c.Offset = int64(f.u32())
		case "co64":
			c.Offset = int64(min(f.u64(), maxTime))
		}
		return nil
	})
	if c.Rate.Num > 0 && c.Rate.Den > 0 {
		t.timecodes = c
	}
}

// timecodesOf returns the timecodes of a video track: those that it refers to, or the first of
// the file; nil if there are none.
func (m *movie) timecodesOf(video *track) *media.Timecodes {
	var found *track
	for _, t := range m.tracks {
		known := t.timecodes != nil && t.timecodes.Offset > 0
		if known && (found == nil || t.id == video.timecodeTrack) {
			found = t
		}
	}
	if found == nil {
		return nil
	}
	c := *found.timecodes
	for _, e := range found.edits {
		if e.time != emptyTime {
			c.Start -= nanoseconds(e.time, found.timescale)
			break
		}
		c.Start += nanoseconds(int64(min(e.duration, maxTime)), max(1, m.timescale))
	}
	return &c
}

func nanoseconds(n int64, timescale uint32) time.Duration {
	return time.Duration(media.MulDiv(n, int64(time.Second), int64(timescale)))
}
