package player

import (
	"sort"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Loop returns the lap of the channel's source.
func (c *Input) Loop() *loop.Loop { return c.loop }

// Pictures returns how many pictures are due in so many nanoseconds from the
// beginning of lap 0 on; 0 where there are none at all.
func (c *Input) Pictures(ns int64) int64 {
	v := c.loop.Video
	if v == nil || ns < 0 {
		return 0
	}
	length := c.loop.Length
	lap := media.MulDiv(ns/1_000_000_000, length.Den, length.Num)
	into := ns - media.MulDiv(lap*length.Num, 1_000_000_000, length.Den)
	at := media.MulDiv(into, int64(v.Track.Timescale), 1_000_000_000)
	due := sort.Search(v.Len(), func(u int) bool { return v.Unit(u).DTS > at })
	return lap*int64(v.Len()) + int64(due)
}

// PictureRate returns how many pictures there are a second, on average.
func (c *Input) PictureRate() float64 {
	if c.loop.Video == nil {
		return 0
	}
	return float64(c.loop.Video.Len()) / c.loop.Length.Seconds()
}
