package hls

import "time"

// A window holds at least this many segments and this many target durations
// (RFC 8216bis, 6.2.2 requires three), so that a player that stays three behind
// the end (6.3.3) is not at the edge of what is removed next.
const (
	windowSegments = 6
	windowTargets  = 4
)

// window returns the numbers of the segments that a playlist lists at a time,
// end excluded.
func (t *Timeline) window(now time.Time) (from, end int64) {
	end = t.currentSegment(now)
	from = end
	for micros := int64(0); from > 0; from-- {
		if end-from >= t.segments && micros >= windowTargets*t.target*1_000_000 {
			break
		}
		micros += t.entryOf(from - 1).segment(from - 1).durationMicros()
	}
	return from, end
}

// oldestServed returns the number of the oldest segment that is served while
// the window is [from, end). A segment that leaves the playlist stays as long as
// a player that has just read the playlist may need it (RFC 8216, 6.2.2).
func (t *Timeline) oldestServed(from, end int64) int64 { return max(0, from-2*(end-from)) }
