package hls

import (
	"slices"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Lengths of segments, in seconds.
const (
	// wanted is how long a segment is where pictures allow.
	wanted = 2
	// shortest is how long a cycle is at least: of laps shorter than that several
	// make a segment.
	shortest = 1
	// longestClosed is how long segments may be for all of them to begin with a
	// picture that nothing before it is needed for, where others are there too.
	longestClosed = 6
)

// cycle is how a loop is cut: every cycle in the same way. A cycle is one lap,
// or as many as make a second.
type cycle struct {
	scale  int64 // ticks a second
	length int64 // of a cycle, in ticks
	lap    int64 // of a lap, in ticks
	units  int64 // pictures in a cycle
	cuts   []cut // where its segments begin
	// closed says that every segment can be decoded by itself.
	closed bool
}

// cut is where a segment begins.
type cut struct {
	unit int64 // its first picture in decoding order
	at   int64 // when its first picture is shown, in ticks
	// open says that what is decoded from unit on may refer to pictures before it.
	open bool
}

func newCycle(l *loop.Loop) cycle {
	if l.Video == nil {
		return soundCycle(l)
	}
	v := l.Video
	c := cycle{scale: int64(v.Track.Timescale), length: v.Length, lap: v.Length, units: int64(v.Len()), closed: true}
	if laps := (shortest*c.scale + c.length - 1) / c.length; laps > 1 {
		c.length, c.units, c.cuts = laps*c.length, laps*c.units, make([]cut, 1)
		return c
	}
	all := candidates(v)
	c.choose(all, false)
	if c.longest() > longestClosed*c.scale {
		c.choose(all, true)
	}
	return c
}

// soundCycle cuts a loop without pictures, between any two access units.
func soundCycle(l *loop.Loop) cycle {
	a := l.Audio[0].Track.Audio()
	rate, frame := int64(a.SampleRate()), int64(a.FrameSamples())
	c := cycle{scale: rate, length: media.MulDiv(l.Length.Num, rate, l.Length.Den), closed: true}
	c.lap = c.length
	c.length *= max(1, (shortest*c.scale+c.length-1)/c.length)
	var all []cut
	for at := int64(0); at < c.length; at += frame {
		all = append(all, cut{at: at})
	}
	c.choose(all, true)
	return c
}

// candidates returns the pictures of a lap that a segment may begin with: random
// access points before which everything is shown that is decoded before them.
func candidates(v *loop.Video) []cut {
	var points []cut
	var before []int64 // the last time at which one of the pictures before is shown
	last := int64(-1)
	for u := range v.Len() {
		x := v.Unit(u)
		if u == 0 || x.RandomAccess() {
			points, before = append(points, cut{unit: int64(u)}), append(before, last)
		}
		last = max(last, x.PTS())
	}
	first, u, open := int64(1)<<62, v.Len(), false
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		for ; u > int(p.unit); u-- {
			first = min(first, v.Unit(u-1).PTS())
		}
		p.at = first - v.Shown()
		open = open || i > 0 && first < v.Unit(u).PTS()
		if first <= before[i] {
			p.unit = -1
		}
	}
	// An encoder that opens GOPs opens them all: one without leading pictures, by
	// chance, may still keep account of those before it. A lap's first is closed.
	for i := range points[1:] {
		points[i+1].open = open
	}
	return slices.DeleteFunc(points, func(p cut) bool { return p.unit < 0 })
}

// choose takes those of the candidates that are nearest to where the cycle would
// be cut if it could be cut anywhere, into equal parts of about the length wanted.
// None is shorter than half of that.
func (c *cycle) choose(all []cut, open bool) {
	c.cuts, c.closed = []cut{all[0]}, true
	want := wanted * c.scale
	parts := max(1, (2*c.length+want)/(2*want))
	next := 1
	for n := int64(1); n < parts; n++ {
		best := -1
		for ideal := media.MulDiv(n, c.length, parts); next < len(all); next++ {
			p := all[next]
			if p.at < c.cuts[len(c.cuts)-1].at+want/2 || p.open && !open {
				continue
			}
			if p.at > c.length-want/2 || best >= 0 && p.at-ideal >= ideal-all[best].at {
				break
			}
			if best = next; p.at >= ideal {
				break
			}
		}
		if best < 0 {
			break
		}
		c.cuts, c.closed = append(c.cuts, all[best]), c.closed && !all[best].open
		next = best + 1
	}
}

// each returns how many segments a cycle has.
func (c *cycle) each() int64 { return int64(len(c.cuts)) }

// at returns where segment n begins, counted from lap 0 on.
func (c *cycle) at(n int64) cut {
	lap := media.FloorDiv(n, c.each())
	p := c.cuts[n-lap*c.each()]
	p.unit += lap * c.units
	p.at += lap * c.length
	return p
}

// ended returns how many segments have ended by a time since lap 0 began, in ticks.
func (c *cycle) ended(ticks int64) int64 {
	lap := media.FloorDiv(ticks, c.length)
	ticks -= lap * c.length
	low, high := 0, len(c.cuts)-1 // The last cut at or before ticks.
	for low < high {
		if middle := (low + high + 1) / 2; c.cuts[middle].at <= ticks {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return lap*c.each() + int64(low)
}

// longest returns how long the longest segment is, in ticks.
func (c *cycle) longest() int64 {
	var most int64
	for n := range c.each() {
		most = max(most, c.at(n+1).at-c.at(n).at)
	}
	return most
}
