package mpegts

import (
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// maxPTSSpacing is the longest time from one PTS of a stream to the next (ISO/IEC
// 13818-1, 2.7.4; ETSI TR 101 290, 5.2.2). It does not apply to still pictures:
// those that are shown for longer.
const maxPTSSpacing media.Ticks = 700 * 90

// pictureLead is how long before its DTS a picture is sent where its PTS would come
// too long after the one before: 690 ms. A picture is sent until its DTS at the
// latest, and the next one begins then.
const pictureLead media.Ticks = 690 * 90

// slowUnit is a unit that takes long to be sent in the worst case of all laps.
type slowUnit struct {
	began Slot // in the lap, or before it
	slots Slot // from its first packet to its last
}

// maxSlow is how many slow units are looked at: the slowest ones.
const maxSlow = 8

// note keeps a unit if it is one of the slowest.
func (v *videoPlan) note(u slowUnit) {
	if u.slots < v.clock.slotsIn(int64(maxPTSSpacing)*3/4, media.TicksPerSecond) {
		return
	}
	i, _ := slices.BinarySearchFunc(v.slowest, u, func(a, b slowUnit) int { return int(b.slots - a.slots) })
	if i < maxSlow && !slices.Contains(v.slowest, u) {
		v.slowest = slices.Insert(v.slowest, i, u)[:min(maxSlow, len(v.slowest)+1)]
	}
}

// spaced reports whether the PTS of pictures follow each other within 700 ms. It
// looks at the slowest pictures, in laps near and far.
func (p *Plan) spaced() bool { return p.tooFarApart() == nil }

func (p *Plan) tooFarApart() *deadlineMiss {
	if p.video == nil || len(p.video.slowest) == 0 || p.video.released > 0 {
		return nil
	}
	limit := p.clock.slotsIn(int64(maxPTSSpacing), media.TicksPerSecond) - 1 // A PES packet may begin anywhere in its packet.
	m := p.NewEntry(Origin{}, false).NewIdleMuxer()
	for _, u := range p.video.slowest {
		at := u.began - Slot(media.FloorDiv(int64(u.began), int64(p.clock.slots)))*p.clock.slots
		for _, lap := range [...]Slot{1, 2, 3, 5, 8, 1_675_664} {
			from := lap*p.clock.slots + p.blockStart(p.blockOf(at))
			if m.seek(from) != nil {
				return nil // An idle muxer reads nothing and cannot fail.
			}
			if gap := m.widest(lap*p.clock.slots + at + 2*u.slots); gap > limit {
				return &deadlineMiss{needed: gap, had: limit}
			}
		}
	}
	return nil
}

// widest goes on to packet end and returns the widest gap from the first packet of
// a picture to that of the next, stills left out.
func (m *Muxer) widest(end Slot) (gap Slot) {
	v, began := m.video, Slot(-1)
	for m.n < end {
		unit, left, n := v.unit, v.left, m.n
		if m.write(nil, m.n+1) != nil {
			return gap
		}
		if left != v.size(unit) || v.unit == unit && v.left == left {
			continue // It is not the first packet of a unit.
		}
		if began >= 0 && !v.still(unit-1) {
			gap = max(gap, n-began)
		}
		began = n
	}
	return gap
}
