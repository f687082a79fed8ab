// Package hls publishes a channel over HTTP Live Streaming (RFC 8216, and its
// revision draft-pantos-hls-rfc8216bis). Unlike the outputs beside it, it sends
// nothing: playlists and segments are functions of time, made when they are asked
// for, and any process that is given the same parts answers the same.
//
// A [SegmentedLoop] is a loop cut into segments, a [Timeline] is what a channel plays of
// reels and when, and a [Renderer] answers requests for timelines.
package hls

import (
	"slices"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

// Entry is a stretch of a channel in which one source plays.
type Entry struct {
	// Loop is what plays; entries of the same loop, in any number of timelines,
	// best share it.
	Loop *SegmentedLoop
	// From is when its lap 0 begins: the epoch, for the first part.
	From time.Time
	// Laps is how many laps it plays at most, 0 for no end.
	Laps int64
	// Cold says of the first part that nothing is shown from before its lap 0:
	// a player that comes early waits for the first segment, instead of seeing
	// how the lap before it would have ended.
	Cold bool
}

// Timeline is a channel as HLS. It is immutable; any goroutine may use it.
//
// Its time is the channel's: what a lap shows first is shown From + n·L.
type Timeline struct {
	parts []*part
	// target is EXT-X-TARGETDURATION in seconds.
	target int64
	// segments and targets are what a window holds at least.
	segments, targets int64
}

// New returns the timeline of one part or more, in rising order of From. All
// parts since the epoch are to be given, as segments are numbered from there.
func New(parts ...Entry) (*Timeline, error) {
	if len(parts) == 0 {
		return nil, fault.New(fault.Internal, "a timeline has one part at least")
	}
	t := &Timeline{segments: windowSegments, targets: windowTargets}
	var f form
	for i, p := range parts {
		if i > 0 && !parts[i-1].From.Before(p.From) {
			return nil, fault.New(fault.Internal, "part %d of a timeline begins at %v, and is to begin after the one before it", i, p.From)
		}
		// A playlist has one form: that of its first part.
		if i == 0 {
			f = p.Loop.form
		}
		reel, err := p.Loop.as(f)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, newPart(reel, p, i))
		t.target = max(t.target, reel.target)
	}
	t.number(parts[0].Cold)
	return t, nil
}

// number numbers the segments: the first part's from 0 on, with enough laps
// before the epoch for a full window, and the others' behind it.
func (t *Timeline) number(cold bool) {
	first := t.parts[0]
	if !cold {
		first.base = first.lead(t) * first.each()
	}
	for i, p := range t.parts {
		if i > 0 {
			p.first = t.parts[i-1].last
			p.base = p.first
		}
		if i+1 < len(t.parts) {
			p.endBy(p.ticks(t.parts[i+1].from.Sub(p.from)))
		}
		p.last = p.count()
	}
}

// part returns the part that segment k belongs to, nil where there is none.
func (t *Timeline) part(k int64) *part {
	for _, p := range slices.Backward(t.parts) {
		if k >= p.first && k < p.last {
			return p
		}
	}
	return nil
}

// due returns the number of the first segment that has not ended at a time.
func (t *Timeline) due(now time.Time) int64 {
	i := len(t.parts) - 1
	for i > 0 && t.parts[i].from.After(now) {
		i--
	}
	return t.parts[i].due(now)
}

// A window holds at least so many segments, and so many target durations
// (RFC 8216bis, 6.2.2 asks for three): a player that stays three behind the end,
// as 6.3.3 has it, does not sit on the edge of what vanishes.
const (
	windowSegments = 6
	windowTargets  = 4
)

// window returns the numbers of the segments that a playlist lists at a time,
// end excluded.
func (t *Timeline) window(now time.Time) (from, end int64) {
	end = t.due(now)
	from = end
	for micros := int64(0); from > 0; from-- {
		if end-from >= t.segments && micros >= t.targets*t.target*1_000_000 {
			break
		}
		micros += t.part(from - 1).segment(from - 1).micros()
	}
	return from, end
}

// kept returns the number of the oldest segment that is served at a time. One
// that leaves the playlist stays for as long as a player may need it that read
// the playlist just before (RFC 8216, 6.2.2).
func (t *Timeline) kept(from, end int64) int64 { return max(0, from-2*(end-from)) }
