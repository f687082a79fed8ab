package loop

import (
	"iter"
	"math/bits"
	"sort"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
)

// Audio is an audio track on its sample grid. Unit m of the grid begins m·D after
// the presentation of the first picture of lap 0, where a lap of audio begins.
// Unit i of a lap is the i-th that the lap plays.
type Audio struct {
	Track *media.Track
	// Floor is ⌊L ÷ D⌋; a lap plays Floor or Floor + 1 units.
	Floor int
	// Tail is how many units at the end of a lap of Floor + 1 differ from those of a
	// lap of Floor.
	Tail  int
	start media.Rational // of a lap's audio on the movie's timeline
	grid  grid
	runs  []run
}

// run is a stretch of a lap that plays consecutive units of the track.
type run struct {
	at    int // the lap's unit that it begins with
	count int
	unit  int // the track's unit that is played there
}

// Lap is a lap of an audio track.
type Lap struct {
	// First is the grid's number of the lap's first unit.
	First UnitNumber
	// Len is how many units the lap plays.
	Len int
	// Lead is when the first unit begins, from the beginning of the lap on, in ticks
	// of 1/Rate s: between minus and plus one unit.
	Lead int64
}

// Rate returns the ticks a second that hold every time on the grid exactly.
func (a *Audio) Rate() int64 { return a.grid.rate }

// Step returns the duration of a unit in ticks of 1/Rate s.
func (a *Audio) Step() int64 { return a.grid.step }

// Lap returns lap n.
func (a *Audio) Lap(n LapNumber) Lap {
	first, rest := a.grid.first(int64(n))
	next, _ := a.grid.first(int64(n) + 1)
	// first·step = n·lap + bias − rest.
	return Lap{First: UnitNumber(first), Len: int(next - first), Lead: a.grid.bias - rest}
}

// LapOf returns the lap that unit m of the grid belongs to.
func (a *Audio) LapOf(m UnitNumber) LapNumber { return LapNumber(a.grid.lapOf(int64(m))) }

// Laps counts the laps 0 to n − 1 whose first unit is residue modulo k on the grid,
// among those of Floor + 1 units (long) or those of Floor, modulo 2⁶⁴.
func (a *Audio) Laps(n LapNumber, residue, k int64, long bool) uint64 {
	return a.grid.laps(int64(n), residue, k, long)
}

// Unit returns the track's unit that unit i of a lap of so many units plays,
// 0 ≤ i ≤ Floor; ok is false for silence.
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

// Size returns the most bytes that unit i of a lap of so many units takes in a
// transport stream, without PES header.
func (a *Audio) Size(i, units int) int {
	n := a.Track.Coding.Extra(media.RandomAccess)
	if unit, ok := a.Unit(i, units); ok {
		return n + a.Track.Units[unit].Size()
	}
	return n + len(a.Track.Audio().Silence())
}

// FirstUnit returns the first unit of the grid that begins at t or later, in ticks
// of 1/scale s after the presentation of the first picture of lap 0.
func (a *Audio) FirstUnit(t, scale int64) UnitNumber {
	c := a.Track.Audio()
	return UnitNumber(media.MulDivCeil(t, int64(c.SampleRate()), scale*int64(c.FrameSamples())))
}

// Units iterates over units first to end − 1 of the grid: the track's unit that
// each plays, −1 for silence.
func (a *Audio) Units(first, end UnitNumber) iter.Seq[int] {
	return func(yield func(int) bool) {
		number := a.LapOf(first)
		lap := a.Lap(number)
		for m := first; m < end; m++ {
			for m >= lap.First+UnitNumber(lap.Len) {
				number++
				lap = a.Lap(number)
			}
			u, ok := a.Unit(int(m-lap.First), lap.Len)
			if !ok {
				u = -1
			}
			if !yield(u) {
				return
			}
		}
	}
}

// audioLength returns the length of a lap of an asset without video, which is
// that of the units that the file presents of its first audio track, and where
// the first of them begins on the movie's timeline.
func audioLength(t *media.Track) (length, start media.Rational) {
	c := t.Audio()
	d := media.Rational{Num: int64(c.FrameSamples()), Den: int64(c.SampleRate())}
	i, n := 0, len(t.Units)
	for i < n-1 && t.Units[i+1].PTS() <= t.From {
		i++
	}
	for n > i+1 && t.Units[n-1].PTS() >= t.To {
		n--
	}
	start = media.Rational{Num: t.Start + t.Units[i].PTS() - t.From, Den: int64(t.Timescale)}
	return media.Rational{Num: d.Num * int64(n-i), Den: d.Den}.Reduce(), start
}

// newAudio places the units of a track on its grid. length is that of a lap, and
// start is where a lap's audio begins on the movie's timeline. whole says that nobody asked
// for less than the file presents.
func newAudio(t *media.Track, length, start media.Rational, whole bool) (*Audio, []media.Note, error) {
	a := &Audio{Track: t, start: start}
	if err := a.makeGrid(length); err != nil {
		return nil, nil, err
	}
	a.Floor = int(a.grid.lap / a.grid.step)
	left := a.place()
	if len(a.runs) == 0 {
		return a, []media.Note{media.NewNote(media.NoteSoundCut, t.ID, "audio track %d: none of it lies within the lap; it is silent", t.ID)}, nil
	}
	// A file made to loop has a tail, if it is as long as it says.
	if len(a.runs) == 1 && a.runs[0] == (run{at: 0, count: a.Floor, unit: 0}) && t.Tail <= a.Floor && len(t.Units) == a.Floor+t.Tail {
		a.Tail = t.Tail
	}
	if !whole {
		left.early, left.late = 0, 0
	}
	return a, a.notes(left), nil
}

// makeGrid finds ticks that hold the lap, the units and the track's own offset
// exactly, and the bias that puts the first unit nearest to its place.
func (a *Audio) makeGrid(length media.Rational) error {
	c := a.Track.Audio()
	d := media.Rational{Num: int64(c.FrameSamples()), Den: int64(c.SampleRate())}.Reduce()
	rate, ok := lcm(length.Den, d.Den)
	for _, den := range [...]int64{int64(a.Track.Timescale), a.start.Den} {
		if finer, fits := lcm(rate, den); ok && fits && exact(finer, length) {
			rate = finer
		}
	}
	if !ok || !exact(rate, length) {
		return fault.New(fault.Media,
			"audio track %d: its sample rate and the video's timescale have no common clock of 63 bits: rewrite the file with a timescale such as 90000", a.Track.ID)
	}
	a.grid = grid{rate: rate, step: rate / d.Den * d.Num, lap: rate / length.Den * length.Num}
	a.grid.bias = a.grid.step / 2
	if i := a.first(); i < len(a.Track.Units) {
		a.grid.bias += a.time(i) - a.grid.step*a.nearest(a.time(i))
	}
	return nil
}

// exact reports whether sums of times of a lap fit in ticks of 1/rate s.
func exact(rate int64, length media.Rational) bool {
	hi, lo := bits.Mul64(uint64(rate/length.Den), uint64(length.Num))
	return hi == 0 && lo < 1<<60
}

// time returns when unit i of the track begins in the lap, in ticks of the grid.
func (a *Audio) time(i int) int64 {
	t := a.Track
	return media.MulDiv(t.Start+t.Units[i].PTS()-t.From, a.grid.rate, int64(t.Timescale)) -
		media.MulDiv(a.start.Num, a.grid.rate, a.start.Den)
}

// nearest returns the unit of an unbiased grid that is nearest to a time.
func (a *Audio) nearest(t int64) int64 { return media.FloorDiv(t+a.grid.step/2, a.grid.step) }

// first returns the first unit of the track that a lap plays: one that the file
// presents and that does not begin more than half a unit before the lap.
func (a *Audio) first() int {
	t := a.Track
	for i, u := range t.Units {
		if u.PTS()+t.Duration(i) > t.From && u.PTS() < t.To && a.time(i) >= -a.grid.step/2 {
			return i
		}
	}
	return len(t.Units)
}

// leftOut counts the units that the file presents and a lap does not play.
type leftOut struct {
	early    int // before the lap
	late     int // behind it
	together int // where the one before is played
}

// place plays each unit of the track where it is nearest to its time. It returns
// what it leaves out.
func (a *Audio) place() (left leftOut) {
	t, next, first := a.Track, 0, a.first()
	for i := first - 1; i >= 0 && t.Units[i].PTS() >= t.From; i-- {
		left.early++
	}
	for i := first; i < len(t.Units) && t.Units[i].PTS() < t.To; i++ {
		at := int(a.nearest(a.time(i) - a.grid.bias + a.grid.step/2))
		switch {
		case at > a.Floor:
			left.late++
		case at >= next:
			a.append(at, i)
			next = at + 1
		default:
			left.together++
		}
	}
	return left
}

// append plays a unit of the track at a place of the lap.
func (a *Audio) append(place, unit int) {
	if n := len(a.runs); n > 0 {
		if r := &a.runs[n-1]; r.at+r.count == place && r.unit+r.count == unit {
			r.count++
			return
		}
	}
	a.runs = append(a.runs, run{at: place, count: 1, unit: unit})
}

func lcm(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(a/media.GCD(a, b)), uint64(b))
	return int64(lo), hi == 0 && lo < 1<<62
}
