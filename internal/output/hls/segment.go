package hls

import (
	"fmt"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// segment is one segment of an entry.
type segment struct {
	*entry
	number   int64
	from, to int64 // in ticks since lap 0 began
}

// loopSegment returns what the segment holds.
func (s segment) loopSegment() loop.Segment {
	l := s.entry.loopSegment(s.number - s.base)
	l.Number = s.number
	if l.To > s.to {
		l.To = s.to
		for l.End > l.First+1 && s.shown(l.End-1) >= s.to {
			l.End--
		}
	}
	return l
}

// shown returns when a picture is shown, in ticks since lap 0 began.
func (s segment) shown(unit loop.UnitNumber) int64 {
	return s.loop.Video.PTS(unit) - s.loop.Video.Shown()
}

// startMicros returns when the segment begins, in microseconds since lap 0
// began, rounded down.
func (s segment) startMicros() int64 { return media.MulDiv(s.from, 1_000_000, s.scale) }

// durationMicros returns the segment's duration in microseconds. It rounds
// starts, not durations, so that durations add up.
func (s segment) durationMicros() int64 {
	return media.MulDiv(s.to, 1_000_000, s.scale) - s.startMicros()
}

func (s segment) start() time.Time {
	return s.entry.from.Add(time.Duration(s.startMicros()) * time.Microsecond)
}

func (s segment) name(r *rendition) string {
	return fmt.Sprintf("%s-%s-%d%s", r.name, s.tag, s.number, r.extension)
}
