package mp4

import (
	"math"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// edit is a row of an edit list (ISO/IEC 14496-12, 8.6.6).
type edit struct {
	duration uint64 // in the movie's timescale
	time     int64  // in the media's timescale, −1 for an empty edit
	rate     int32  // 16.16
}

// emptyTime is the media_time of an empty edit.
const emptyTime = -1

// normalRate is the media_rate at which media time goes on as the movie's does.
const normalRate = 1 << 16

// presentation is what a file shows of a track, in the track's timescale.
type presentation struct{ from, to, start int64 }

// readEdits reads edts.
func (t *track) readEdits(edts box) error {
	elst, found, err := edts.find("elst")
	if err != nil || !found {
		return err
	}
	f := fields{box: elst}
	version, _ := f.full()
	width := 12
	if version != 0 {
		width = 20
	}
	rows, err := f.table(width)
	if err != nil {
		return err
	}
	t.edits = make([]edit, rows.count)
	for i := range t.edits {
		t.edits[i] = rows.edit(i, version)
	}
	return nil
}

func (t table) edit(i int, version byte) edit {
	if version == 0 {
		at := 12 * i
		return edit{uint64(t.u32(at)), int64(int32(t.u32(at + 4))), int32(t.u32(at + 8))}
	}
	at := 20 * i
	return edit{t.u64(at), int64(t.u64(at + 8)), int32(t.u32(at + 16))}
}

// present works out what is shown of the track, which holds all of its units by now.
func (t *track) present(movieScale uint32) (presentation, error) {
	first, end := t.span()
	if len(t.edits) == 0 {
		from := min(0, first)
		return presentation{from: from, to: end, start: from}, nil
	}
	list := cutter{track: t, scale: movieScale, end: end}
	if movieScale == 0 {
		return presentation{}, damaged("the box moov/mvhd gives a timescale of 0, which the edit list of track %d is measured in", t.id)
	}
	list.slack = max(t.lastDuration, list.scaled(1))
	for i, e := range t.edits {
		if err := list.add(i, e); err != nil {
			return presentation{}, err
		}
	}
	return list.result()
}

// cutter follows an edit list as long as it shows one piece of the media.
type cutter struct {
	track *track
	scale uint32 // of the movie
	end   int64  // of the media
	slack int64  // differences below this are rounding: a sample, or a tick of the movie's timescale
	start int64
	from  int64
	to    int64
	open  bool // a media edit was seen
	shut  bool // nothing may follow
}

// scaled returns a time on the movie's timeline in the track's timescale, to the nearest unit.
func (c *cutter) scaled(duration uint64) int64 {
	ts, scale := int64(c.track.timescale), int64(c.scale)
	if float64(duration)/float64(scale)*float64(ts) > maxTime {
		return maxTime
	}
	q, r := media.MulDivMod(int64(duration), ts, scale)
	if r >= scale-r {
		q++
	}
	return q
}

// add takes the next edit.
func (c *cutter) add(i int, e edit) error {
	switch {
	case e.time == emptyTime && !c.open:
		c.start = min(maxTime, c.start+c.scaled(e.duration))
		return nil
	case e.time == emptyTime:
		c.shut = true // A pause behind the last sample shows nothing.
		return nil
	case e.time < 0 || e.time > maxTime:
		return damaged("the edit list of track %d begins edit %d at media time %d", c.track.id, i+1, e.time)
	case e.rate != normalRate:
		return c.unsupported(i, "does not play at normal rate")
	case c.shut:
		return c.unsupported(i, "shows a second piece of the media, after a pause")
	case !c.open:
		c.open, c.from = true, e.time
	case abs(e.time-c.to) >= c.slack:
		return c.unsupported(i, "shows a second piece of the media")
	}
	c.to = c.until(e)
	return nil
}

// until returns where a media edit ends. Without a duration it goes on to the
// end of the media, as fragmented files have it.
func (c *cutter) until(e edit) int64 {
	if e.duration == 0 {
		return c.end
	}
	return e.time + c.scaled(e.duration)
}

func (c *cutter) unsupported(i int, what string) error {
	return fault.New(fault.Media, "the edit list of track %d %s (edit %d of %d), which LILO does not follow: --encode would make it one piece, as would ffmpeg -i IN OUT.mp4",
		c.track.id, what, i+1, len(c.track.edits))
}

// result returns what the edits came to.
func (c *cutter) result() (presentation, error) {
	if !c.open { // Nothing but empty edits: the media follows them.
		c.to = c.end
	}
	if c.to > c.end-c.slack {
		c.to = c.end
	}
	if c.track.handler.is("vide") {
		c.from = c.track.snap(c.from, c.scaled(1))
	}
	for _, u := range c.track.units {
		if pts := u.PTS(); pts >= c.from && pts < c.to {
			return presentation{from: c.from, to: c.to, start: c.start}, nil
		}
	}
	return presentation{}, damaged("the edit list of track %d shows media time %d to %d, where it has no sample", c.track.id, c.from, c.to)
}

// snap returns the PTS of the picture that is on the screen at media time from,
// when it began less than a tick of the movie's timescale earlier: a writer
// that rounds to that timescale meant to begin with it.
func (t *track) snap(from, tick int64) int64 {
	best := int64(math.MinInt64)
	for _, u := range t.units {
		if pts := u.PTS(); pts <= from {
			best = max(best, pts)
		}
	}
	if best > from-min(tick, t.lastDuration) {
		return best
	}
	return from
}

func abs(v int64) int64 { return max(v, -v) }
