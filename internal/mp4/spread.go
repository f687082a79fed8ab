package mp4

import (
	"math"
	"slices"

	"github.com/lilo-live/lilo/internal/media"
)

// spread gives units that are decoded at one time, because samples last 0, times of
// their own, in this order of preference:
//
//   - where the step before them has room for all of them at their usual length, they
//     take its end: what they last was added there;
//   - at the end, they last as long as usual;
//   - otherwise they share the time up to the next unit, to which what they last was
//     added, or which two fields share.
//
// Composition offsets stay, so that presentation times move along, unless two pictures
// would be presented at one time.
func (t *track) spread() error {
	usual, err := t.usualStep()
	if err != nil {
		return err
	}
	if usual, err = t.refine(usual); err != nil {
		return err
	}
	n := len(t.units)
	for i := 0; i < n; {
		j := i + 1
		for j < n && t.units[j].DTS == t.units[i].DTS {
			j++
		}
		t.spreadGroup(i, j, usual)
		i = j
	}
	t.lastDuration = t.end - t.units[n-1].DTS
	if t.handler.is("vide") {
		for _, m := range t.moved {
			t.present(m, usual)
		}
	}
	return nil
}

// spreadGroup spreads units i to j − 1, which have one time.
func (t *track) spreadGroup(i, j int, usual int64) {
	at, count := t.units[i].DTS, int64(j-i)
	before := int64(0) // the step to the group
	if i > 0 {
		before = at - t.units[i-1].DTS
	}
	after := t.end - at // the step from it
	if j < len(t.units) {
		after = t.units[j].DTS - at
	}
	near := func(step, units int64) bool { return max(step-units*usual, units*usual-step) <= max(usual/8, 1) }
	first, step := at, after // Unit m gets first + m·step/count.
	switch {
	case count == 1 && after > 0:
		return
	case after == 0 && i > 0 && near(before, count+1):
		first, step = at-count*usual, count*usual
	case after == 0:
		step = count * usual
		t.end = at + step
	case i > 0 && (before > count*usual || near(before, count)):
		first, step = at-(count-1)*usual, count*usual
	}
	if t.mended == 0 {
		t.firstMended = at
	}
	t.mended += j - i
	for m := range count {
		u := &t.units[i+int(m)]
		if dts := first + m*step/count; dts != u.DTS {
			t.moved = append(t.moved, moved{i + int(m), u.PTS()})
			u.DTS = dts
		}
	}
}

// moved is a unit whose decoding time was changed.
type moved struct {
	unit int
	pts  int64 // before
}

// present gives a picture that was moved a time of its own to be presented at: the
// one that moved along, or the one that the file says, or the next one that no
// picture near it has.
func (t *track) present(m moved, usual int64) {
	u := &t.units[m.unit]
	const near = 32 // as many pictures as a decoder may hold, in fields
	var taken []int64
	for i := max(0, m.unit-near); i < min(len(t.units), m.unit+near); i++ {
		if i != m.unit {
			taken = append(taken, t.units[i].PTS())
		}
	}
	slices.Sort(taken)
	times := []int64{u.PTS(), m.pts}
	for i := 1; i < len(taken); i++ {
		if time := taken[i-1] + usual; 2*(taken[i]-time) >= usual && time >= u.DTS {
			times = append(times, time)
		}
	}
	for _, time := range times {
		free := !slices.ContainsFunc(taken, func(v int64) bool { return 2*max(v-time, time-v) < usual })
		if cto := time - u.DTS; free && cto == int64(int32(cto)) {
			u.CTO = int32(cto)
			return
		}
	}
}

// usualStep returns how long most samples last that last, or what the media header
// says of all. An error says that nothing is known.
func (t *track) usualStep() (int64, error) {
	switch n := int64(len(t.units)); {
	case t.usual.value > 0:
		return t.usual.value, nil
	case t.units[n-1].DTS > t.units[0].DTS: // Fragments have times, and samples no durations.
		return max(1, (t.units[n-1].DTS-t.units[0].DTS)/(n-1)), nil
	case t.declared > 0:
		return max(1, t.declared/n), nil
	case n == 1:
		return 0, damaged("track %d has a single sample, which lasts 0", t.id)
	default:
		return 0, damaged("track %d has %d samples of one decoding time, %d, and does not say how long they last", t.id, n, t.units[0].DTS)
	}
}

// majority finds the value that most of many have, if more than half of them do
// (Boyer and Moore), and some of them otherwise.
type majority struct{ value, votes int64 }

func (m *majority) add(value int64) {
	switch {
	case m.votes == 0:
		m.value, m.votes = value, 1
	case m.value == value:
		m.votes++
	default:
		m.votes--
	}
}

// refine makes the track's timescale fine enough for the units of one time to get
// times between their neighbours. It returns the usual step in the new timescale.
func (t *track) refine(usual int64) (int64, error) {
	factor := int64(1)
	for i := 0; i < len(t.units); {
		j := i + 1
		for j < len(t.units) && t.units[j].DTS == t.units[i].DTS {
			j++
		}
		if room := t.end - t.units[i].DTS; j < len(t.units) || room > 0 {
			if j < len(t.units) {
				room = t.units[j].DTS - t.units[i].DTS
			}
			factor = max(factor, (int64(j-i)+room-1)/room)
		}
		i = j
	}
	if factor == 1 {
		return usual, nil
	}
	if factor > math.MaxUint32/int64(t.timescale) || !t.scale(factor) {
		return 0, damaged("track %d has %d samples of one decoding time, more than a timescale of %d tells apart", t.id, t.together+1, t.timescale)
	}
	return usual * factor, nil
}

// scale multiplies the timescale and all times of the track. It returns false if
// they do not fit.
func (t *track) scale(factor int64) bool {
	for _, u := range t.units {
		if u.DTS > maxTime/factor || u.DTS < -maxTime/factor || max(int64(u.CTO), -int64(u.CTO)) > math.MaxInt32/factor {
			return false
		}
	}
	if t.end > maxTime/factor {
		return false
	}
	for i, u := range t.units {
		t.units[i] = media.NewAccessUnit(u.Offset, u.DTS*factor, int32(int64(u.CTO)*factor), u.Size(), u.RandomAccess())
	}
	for i := range t.edits {
		if e := &t.edits[i]; e.time > 0 {
			e.time = min(e.time, maxTime/factor) * factor
		}
	}
	t.timescale *= uint32(factor)
	t.end *= factor
	t.firstMended *= factor
	for i := range t.gaps {
		t.gaps[i].from *= factor
	}
	return true
}
