package hls

import (
	"cmp"
	"slices"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Durations in seconds.
const (
	// wantedDuration is how long a segment is if random access points allow.
	wantedDuration = 2
	// minCycle is how long a cycle is at least: several shorter laps make one segment.
	minCycle = 1
	// maxClosed is how long a segment may be if only closed GOPs begin one. If
	// one would be longer, open GOPs begin segments too.
	maxClosed = 6
	// maxSegment is how long a segment may be if random access points begin one.
	// Where they are farther apart, other pictures begin segments too: a segment is
	// held in memory.
	maxSegment = 20
)

// cycle is how a loop is cut: every cycle at the same places. A cycle is one
// lap, or as many as make a second.
type cycle struct {
	scale  int64           // ticks a second
	length int64           // of a cycle, in ticks
	lap    int64           // of a lap, in ticks
	units  loop.UnitNumber // pictures in a cycle
	cuts   []cut           // where its segments begin
	// closed reports that every segment can be decoded by itself.
	closed bool
}

// cut is where a segment begins.
type cut struct {
	unit  loop.UnitNumber // its first picture in decoding order
	start int64           // when its first picture is shown, in ticks
	// open reports that pictures from unit on may refer to pictures before it.
	open bool
}

func newCycle(l *loop.Loop) cycle {
	if l.Video == nil {
		return audioCycle(l)
	}
	v := l.Video
	c := cycle{scale: int64(v.Track.Timescale), length: v.Length, lap: v.Length, units: loop.UnitNumber(v.Len()), closed: true}
	if laps := (minCycle*c.scale + c.length - 1) / c.length; laps > 1 {
		c.length, c.units, c.cuts = laps*c.length, loop.UnitNumber(laps)*c.units, make([]cut, 1)
		return c
	}
	all := candidates(v)
	c.choose(all, false)
	if c.longest() > maxClosed*c.scale {
		c.choose(all, true)
	}
	if c.longest() > maxSegment*c.scale {
		c.choose(c.fill(v, all), true)
	}
	return c
}

// audioCycle cuts a loop without pictures, between any two access units.
func audioCycle(l *loop.Loop) cycle {
	a := l.Audio[0].Track.Audio()
	rate, frame := int64(a.SampleRate()), int64(a.FrameSamples())
	c := cycle{scale: rate, length: media.MulDiv(l.Length.Num, rate, l.Length.Den), closed: true}
	c.lap = c.length
	c.length *= max(1, (minCycle*c.scale+c.length-1)/c.length)
	var all []cut
	for at := int64(0); at < c.length; at += frame {
		all = append(all, cut{start: at})
	}
	c.choose(all, true)
	return c
}

// candidates returns the pictures of a lap that a segment may begin with: the
// random access points before which all pictures that are decoded before are
// also shown before.
func candidates(v *loop.Video) []cut {
	var points []cut
	var before []int64 // when the last of the pictures before each point is shown
	last := int64(-1)
	for u := range v.Len() {
		x := v.Unit(u)
		if u == 0 || x.RandomAccess() {
			points, before = append(points, cut{unit: loop.UnitNumber(u)}), append(before, last)
		}
		last = max(last, x.PTS())
	}
	first, u, open := int64(1)<<62, v.Len(), false
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		for ; u > int(p.unit); u-- {
			first = min(first, v.Unit(u-1).PTS())
		}
		p.start = first - v.Shown()
		open = open || i > 0 && first < v.Unit(u).PTS()
		if first <= before[i] {
			p.unit = -1
		}
	}
	// An encoder that opens GOPs opens them all: one that happens to have no
	// leading pictures may still refer to those before it. A lap's first is closed.
	for i := range points[1:] {
		p := &points[i+1]
		p.open = open || p.unit >= 0 && v.Unit(int(p.unit)).Gradual()
	}
	return slices.DeleteFunc(points, func(p cut) bool { return p.unit < 0 })
}

// fill adds pictures that depend on others to the candidates where these are far apart.
func (c *cycle) fill(v *loop.Video, all []cut) []cut {
	var more []cut
	for i, p := range all {
		end := cut{unit: loop.UnitNumber(v.Len()), start: c.length}
		if i+1 < len(all) {
			end = all[i+1]
		}
		more = append(more, p)
		if end.start-p.start <= maxSegment*c.scale {
			continue
		}
		last := int64(-1)
		for u := int(p.unit); u < int(end.unit); u++ {
			at := v.Unit(u).PTS()
			if soonest := p.start + v.Shown() + wantedDuration*c.scale; at >= soonest {
				if first := firstShown(v, u, int(end.unit)); first > last && first >= soonest {
					p = cut{unit: loop.UnitNumber(u), start: first - v.Shown(), open: true}
					more = append(more, p)
				}
			}
			last = max(last, at)
		}
	}
	return more
}

// firstShown returns when the first of the units from u on is shown that a decoder
// may hold back together, before end.
func firstShown(v *loop.Video, u, end int) int64 {
	const held = 32 // fields of 16 frames (H.264, A.3.1; HEVC, A.4.2)
	first := v.Unit(u).PTS()
	for i := u + 1; i < min(end, u+held); i++ {
		first = min(first, v.Unit(i).PTS())
	}
	return first
}

// choose cuts at the candidates nearest to the places that would divide the
// cycle into equal segments of about the wanted duration. No segment is shorter
// than half of that.
func (c *cycle) choose(all []cut, open bool) {
	c.cuts, c.closed = []cut{all[0]}, true
	want := wantedDuration * c.scale
	parts := max(1, (2*c.length+want)/(2*want))
	next := 1
	for n := int64(1); n < parts; n++ {
		best := -1
		for ideal := media.MulDiv(n, c.length, parts); next < len(all); next++ {
			p := all[next]
			if p.start < c.cuts[len(c.cuts)-1].start+want/2 || p.open && !open {
				continue
			}
			if p.start > c.length-want/2 || best >= 0 && p.start-ideal >= ideal-all[best].start {
				break
			}
			if best = next; p.start >= ideal {
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

func (c *cycle) segments() int64 { return int64(len(c.cuts)) }

// cut returns where segment n begins, counted from lap 0 on.
func (c *cycle) cut(n int64) cut {
	lap := media.FloorDiv(n, c.segments())
	p := c.cuts[n-lap*c.segments()]
	p.unit += loop.UnitNumber(lap) * c.units
	p.start += lap * c.length
	return p
}

// endedBy returns how many segments have ended by a time since lap 0 began, in ticks.
func (c *cycle) endedBy(ticks int64) int64 {
	lap := media.FloorDiv(ticks, c.length)
	i, found := slices.BinarySearchFunc(c.cuts, ticks-lap*c.length, func(p cut, t int64) int { return cmp.Compare(p.start, t) })
	if !found {
		i = max(0, i-1) // The last cut before ticks.
	}
	return lap*c.segments() + int64(i)
}

// longest returns the duration of the longest segment in ticks.
func (c *cycle) longest() int64 {
	var most int64
	for n := range c.segments() {
		most = max(most, c.cut(n+1).start-c.cut(n).start)
	}
	return most
}
