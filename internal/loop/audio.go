package loop

import (
	"fmt"
	"math/bits"
	"sort"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Audio is one track of sound on its grid. Unit m of the grid, m ≥ 0, begins
// m·D after the first picture of lap 0 is shown; unit i of a lap is the i-th
// that the lap plays. For sound a lap begins where its first picture is shown.
type Audio struct {
	Track *media.Track
	// Floor is ⌊L ÷ D⌋; a lap plays Floor or Floor + 1 units.
	Floor int
	// Tail is how many units a lap of Floor + 1 ends with that are other than
	// those of a lap of Floor, 0 where none are.
	Tail int
	grid grid
	runs []run
}

// run is a stretch of a lap that plays consecutive units of the track.
type run struct {
	at    int // the lap's unit it begins with
	count int
	unit  int // the track's unit that goes there
}

// Lap is one lap of one audio track.
type Lap struct {
	// First is the number of the lap's first unit on the grid.
	First int64
	// Len is how many units the lap plays.
	Len int
	// Lead is where the first unit begins, counted from the beginning of the
	// lap, in ticks of 1/Rate s; between minus and plus one unit.
	Lead int64
}

// Rate returns the ticks a second that hold every time on the grid exactly.
func (a *Audio) Rate() int64 { return a.grid.rate }

// Step returns D, what a unit lasts, in ticks of 1/Rate s.
func (a *Audio) Step() int64 { return a.grid.step }

// Lap returns lap n, n ≥ 0.
func (a *Audio) Lap(n int64) Lap {
	first, rest := a.grid.first(n)
	next, _ := a.grid.first(n + 1)
	// first·step = n·lap + bias − rest.
	return Lap{First: first, Len: int(next - first), Lead: a.grid.bias - rest}
}

// LapOf returns the lap that unit m of the grid belongs to, m ≥ 0.
func (a *Audio) LapOf(m int64) int64 { return a.grid.lapOf(m) }

// Laps counts the laps before lap n whose first unit is residue modulo k on the
// grid, among the long ones (Floor + 1 units) or the others, modulo 2⁶⁴.
func (a *Audio) Laps(n, residue, k int64, long bool) uint64 {
	return a.grid.laps(n, residue, k, long)
}

// Unit returns the track's unit that unit i of a lap of so many units plays,
// 0 ≤ i ≤ Floor; ok is false where silence is played.
func (a *Audio) Unit(i, units int) (unit int, ok bool) {
	if units > a.Floor && i >= units-a.Tail {
		return len(a.Track.Units) - units + i, true
	}
	n := sort.Search(len(a.runs), func(j int) bool { return a.runs[j].at > i }) - 1
	if n < 0 || i >= a.runs[n].at+a.runs[n].count {
		return 0, false
	}
	return a.runs[n].unit + i - a.runs[n].at, true
}

// Size returns the length in bytes of unit i of a lap of so many units as it lies in the file
// or as silence is made, and how many bytes more a transport stream may need.
func (a *Audio) Size(i, units int) int {
	unit, ok := a.Unit(i, units)
	if !ok {
		return len(a.Track.Audio().Silence()) + a.Track.Coding.Extra(media.RandomAccess)
	}
	return a.Track.Units[unit].Size() + a.Track.Coding.Extra(media.RandomAccess)
}

// soundLength is the length of a lap of an asset that has only sound: as many
// whole units as the file presents of its first track; zero is where the first
// one begins on the movie's timeline.
func soundLength(t *media.Track) (length, zero media.Rational) {
	c := t.Audio()
	d := media.Rational{Num: int64(c.FrameSamples()), Den: int64(c.SampleRate())}
	i, n := 0, len(t.Units)
	for i < n-1 && t.Units[i+1].PTS() <= t.From {
		i++
	}
	for n > i+1 && t.Units[n-1].PTS() >= t.To {
		n--
	}
	zero = media.Rational{Num: t.Start + t.Units[i].PTS() - t.From, Den: int64(t.Timescale)}
	return media.Rational{Num: d.Num * int64(n-i), Den: d.Den}.Reduce(), zero
}

// newAudio lays the units of a track on its grid: length is L, zero where on
// the movie's timeline a lap begins for sound.
func newAudio(t *media.Track, length, zero media.Rational) (*Audio, []string, error) {
	g, err := newGrid(t, length, zero)
	if err != nil {
		return nil, nil, err
	}
	a := &Audio{Track: t, Floor: int(g.lap / g.step), grid: g}
	at := placer{g: &a.grid, track: t, zero: zero}
	lost := a.lay(&at)
	if len(a.runs) == 0 {
		return a, []string{fmt.Sprintf("audio track %d: nothing of it falls within the lap, it is silent", t.ID)}, nil
	}
	a.Tail = a.tail()
	return a, a.notes(lost), nil
}

// tail is the track's tail where the lap plays all that is before it as it
// lies there: otherwise the file is not what it says it is.
func (a *Audio) tail() int {
	t := a.Track
	whole := len(a.runs) == 1 && a.runs[0] == run{at: 0, count: a.Floor, unit: 0}
	if !whole || t.Tail > a.Floor || len(t.Units) != a.Floor+t.Tail {
		return 0
	}
	return t.Tail
}

// newGrid finds ticks that hold L, D and the track's own offset, and how far
// the first unit that plays is from the beginning of the lap.
func newGrid(t *media.Track, length, zero media.Rational) (grid, error) {
	c := t.Audio()
	d := media.Rational{Num: int64(c.FrameSamples()), Den: int64(c.SampleRate())}.Reduce()
	rate, ok := lcm(length.Den, d.Den)
	if finer, fits := lcm(rate, int64(t.Timescale)); ok && fits && fine(finer, length) {
		rate = finer
	}
	if finer, fits := lcm(rate, zero.Den); ok && fits && fine(finer, length) {
		rate = finer
	}
	if !ok || !fine(rate, length) {
		return grid{}, fault.New(fault.Media,
			"audio track %d: its sample rate and the video's timescale have no common clock of 63 bits: write the file again with a timescale such as 90000", t.ID)
	}
	g := grid{rate: rate, step: rate / d.Den * d.Num, lap: rate / length.Den * length.Num}
	at := placer{g: &g, track: t, zero: zero}
	g.bias = g.step / 2
	if i := at.firstUnit(); i < len(t.Units) {
		// The bias that puts the track's own offset within the nearest step: see grid.
		g.bias += at.time(i) - g.step*media.FloorDiv(at.time(i)+g.step/2, g.step)
	}
	return g, nil
}

// fine reports whether a lap is short enough in ticks of 1/rate s for sums of its times to fit.
func fine(rate int64, length media.Rational) bool {
	hi, lo := bits.Mul64(uint64(rate/length.Den), uint64(length.Num))
	return hi == 0 && lo < 1<<60
}

// placer finds where the track's own times fall in a lap.
type placer struct {
	g     *grid
	track *media.Track
	zero  media.Rational
}

// time returns when unit i of the track begins in the lap, in ticks of the grid.
func (p placer) time(i int) int64 {
	t := p.track
	return media.MulDiv(t.Start+t.Units[i].PTS()-t.From, p.g.rate, int64(t.Timescale)) -
		media.MulDiv(p.zero.Num, p.g.rate, p.zero.Den)
}

// firstUnit returns the first unit of the track that a lap plays: the file
// presents some of it, and it does not begin more than half a unit before the lap.
func (p placer) firstUnit() int {
	for i, u := range p.track.Units {
		if u.PTS()+p.track.Duration(i) > p.track.From && u.PTS() < p.track.To && p.time(i) >= -p.g.step/2 {
			return i
		}
	}
	return len(p.track.Units)
}

// lay puts the units of the track where their times are nearest to the grid,
// and returns how many of those that the file presents lie behind the lap.
func (a *Audio) lay(at *placer) (lost int) {
	t := a.Track
	start := at.firstUnit()
	phase := a.grid.bias - a.grid.step/2
	next := 0
	for i := start; i < len(t.Units); i++ {
		if t.Units[i].PTS() >= t.To {
			break
		}
		place := int(media.FloorDiv(at.time(i)-phase+a.grid.step/2, a.grid.step))
		if place < next {
			continue
		}
		if place > a.Floor {
			lost++
			continue
		}
		a.append(place, i)
		next = place + 1
	}
	return lost
}

// append plays the track's unit at that place of the lap.
func (a *Audio) append(place, unit int) {
	if n := len(a.runs); n > 0 {
		if r := &a.runs[n-1]; r.at+r.count == place && r.unit+r.count == unit {
			r.count++
			return
		}
	}
	a.runs = append(a.runs, run{at: place, count: 1, unit: unit})
}

// notes says what is cut off and what is filled with silence, beyond one unit.
func (a *Audio) notes(lost int) []string {
	var notes []string
	c := a.Track.Audio()
	seconds := func(units int) float64 {
		return float64(units) * float64(c.FrameSamples()) / float64(c.SampleRate())
	}
	say := func(format string, units int) {
		if units > 1 {
			notes = append(notes, fmt.Sprintf("audio track %d: "+format, a.Track.ID, seconds(units)))
		}
	}
	last := a.runs[len(a.runs)-1]
	say("%.3f s of it are cut off, it is longer than the lap", lost)
	say("%.3f s of silence are played before it, it begins later than the lap", a.runs[0].at)
	say("%.3f s of silence are played behind it, it is shorter than the lap", a.Floor-last.at-last.count)
	gaps := -1
	for i := 1; i < len(a.runs); i++ {
		gaps = max(gaps, 0) + a.runs[i].at - a.runs[i-1].at - a.runs[i-1].count
	}
	say("%.3f s of silence fill the gaps in it", gaps)
	return notes
}

func lcm(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a/media.GCD(a, b)), uint64(b))
	return int64(lo), hi == 0 && lo < 1<<62
}
