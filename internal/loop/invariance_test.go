package loop

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// describe lists all that can be asked of a loop: the places of three laps of pictures
// and sound, and the notes.
func describe(l *Loop) string {
	var b strings.Builder
	if v := l.Video; v != nil {
		fmt.Fprintf(&b, "%d pictures in %d, shown at %d, %v\n", v.Len(), v.Length, v.Shown(), v.LongestWait())
		for u := UnitNumber(-v.Len()); u < UnitNumber(2*v.Len()); u++ {
			fmt.Fprintf(&b, "%d/%d %+v\n", v.DTS(u), v.PTS(u), v.Place(u))
		}
		for u := range v.Len() {
			fmt.Fprintf(&b, "%d/%d ", v.Unit(u).DTS, v.Unit(u).PTS())
		}
	}
	for _, a := range l.Audio {
		fmt.Fprintf(&b, "\n%d/%d, %d + %d units\n", a.Step(), a.Rate(), a.Floor, a.Tail)
		for n := LapNumber(-2); n < 3; n++ {
			lap := a.Lap(n)
			fmt.Fprintf(&b, "%+v:", lap)
			for i := range lap.Len {
				u, ok := a.Unit(i, lap.Len)
				fmt.Fprintf(&b, " %d %v %d", u, ok, a.Size(i, lap.Len))
			}
		}
	}
	return b.String() + sentences(l.Notes)
}

// TestWhereTimesBeginDoesNotMatter adds an offset to all times of a file's media and to
// its edit list, and another one to the movie's timeline. The lap stays the same.
func TestWhereTimesBeginDoesNotMatter(t *testing.T) {
	for seed := range uint64(300) {
		loopOf := func(media int64, movie float64) string {
			r := rand.New(rand.NewPCG(2, seed))
			s := randomSynthesis(r)
			a, _ := s.film(r)
			sound := track(20+r.IntN(300), 0.5-r.Float64(), tones{rate: 48000, frame: 1024})
			sound.From, sound.To = int64(r.IntN(4000)), int64(4000+r.IntN(200_000))
			a.Audio = append(a.Audio, sound)
			for _, x := range append(slices.Clone(a.Audio), a.Video) {
				x.Start += int64(movie * float64(x.Timescale))
				x.From, x.To = x.From+media, x.To+media
				for i := range x.Units {
					x.Units[i].DTS += media
				}
			}
			l, err := New(a)
			if err != nil {
				return err.Error()
			}
			return describe(l)
		}
		want := loopOf(0, 0)
		for _, x := range []struct {
			media int64
			movie float64
		}{{1_000_003, 0}, {-77_777, 0}, {0, 12}, {555, -3}} {
			if got := loopOf(x.media, x.movie); got != want {
				t.Fatalf("seed %d, %+v:\n%s\nwant\n%s", seed, x, got, want)
			}
		}
	}
}

// TestUnitsOfTheGrid compares the iterator, and the first unit from some time on, with
// what the laps and units say one by one.
func TestUnitsOfTheGrid(t *testing.T) {
	a := seconds(50)
	gap := track(60, 0.25, tones{rate: 44100, frame: 1024})
	a.Audio = []*media.Track{gap}
	l, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	s := l.Audio[0]
	silent := 0
	for _, first := range []UnitNumber{-200, -1, 0, 37, 86, 1000} {
		m := first
		for u := range s.Units(first, first+200) {
			lap := s.Lap(s.LapOf(m))
			want, ok := s.Unit(int(m-lap.First), lap.Len)
			size := s.Track.Units[want].Size()
			if !ok {
				want, size, silent = -1, len("silence"), silent+1
			}
			if u != want || s.Size(int(m-lap.First), lap.Len) != size {
				t.Fatalf("unit %d plays %d of %d bytes, want %d of %d", m, u, s.Size(int(m-lap.First), lap.Len), want, size)
			}
			m++
		}
		if m != first+200 {
			t.Errorf("%d units of 200", m-first)
		}
		// It begins at first·1024/44100 s.
		if at := int64(first) * 1024; s.FirstUnit(at, 44100) != first || s.FirstUnit(at+1, 44100) != first+1 || s.FirstUnit(2*at-1, 88200) != first {
			t.Errorf("the first unit from %d on is %d", at, s.FirstUnit(at, 44100))
		}
	}
	if silent == 0 {
		t.Error("no unit is silent")
	}
	for range s.Units(0, 5) {
		break // It may end early.
	}
}

// TestTail has a sound made to loop: the units that a longer lap plays at its end lie
// behind those of a shorter one.
func TestTail(t *testing.T) {
	const floor, tail = 93, 3 // 93.75 units last two seconds.
	for name, c := range map[string]struct {
		units, tail int
		start       float64
		want        int
	}{
		"whole": {floor + tail, tail, 0, tail}, "none": {floor + 1, 0, 0, 0}, "a unit short": {floor + tail - 1, tail, 0, 0},
		"a unit long": {floor + tail + 1, tail, 0, 0}, "late": {floor + tail, tail, 0.5, 0}, "all": {2 * floor, floor, 0, floor},
		"longer than a lap": {2*floor + 1, floor + 1, 0, 0},
	} {
		a := seconds(50)
		sound := track(c.units, c.start, tones{rate: 48000, frame: 1024})
		sound.Tail, sound.To = c.tail, floor*1024
		a.Audio = []*media.Track{sound}
		l, err := New(a)
		if err != nil {
			t.Fatal(err)
		}
		s := l.Audio[0]
		if s.Floor != floor || s.Tail != c.want {
			t.Errorf("%s: %d + %d units, want %d + %d", name, s.Floor, s.Tail, floor, c.want)
		}
		if c.want == 0 {
			continue
		}
		for i := range floor + 1 {
			want := i
			if i > floor-c.want {
				want = i + c.units - floor - 1
			}
			if u, ok := s.Unit(i, floor+1); !ok || u != want {
				t.Errorf("%s: unit %d of a longer lap plays %d, want %d", name, i, u, want)
			}
			if u, ok := s.Unit(i, floor); i < floor && (!ok || u != i) {
				t.Errorf("%s: unit %d of a shorter lap plays %d", name, i, u)
			}
		}
	}
}

// TestSoundAloneIsCut has an edit list begin and end at units, within and next to them.
func TestSoundAloneIsCut(t *testing.T) {
	for name, c := range map[string]struct {
		from, to int64
		first, n int64
	}{
		"whole": {0, math.MaxInt64, 0, 50}, "at a unit": {3 * 1024, 7 * 1024, 3, 4}, "within units": {3*1024 + 1, 7*1024 + 1, 3, 5},
		"next to them": {3*1024 - 1, 7*1024 - 1, 2, 5}, "in the last": {49*1024 + 5, math.MaxInt64, 49, 1}, "one unit": {3 * 1024, 3*1024 + 1, 3, 1},
	} {
		sound := track(50, 2, tones{rate: 48000, frame: 1024})
		sound.From, sound.To = c.from, c.to
		l, err := New(&media.Asset{Audio: []*media.Track{sound}})
		if err != nil {
			t.Fatal(err)
		}
		if want := (media.Rational{Num: c.n * 1024, Den: 48000}).Reduce(); l.Length.Reduce() != want {
			t.Errorf("%s: a lap lasts %v, want %v", name, l.Length, want)
		}
		if u, ok := l.Audio[0].Unit(0, int(c.n)); !ok || int64(u) != c.first {
			t.Errorf("%s: it begins with unit %d, %v, want %d", name, u, ok, c.first)
		}
	}
}

// TestOneUnitIsNoNote has sound that is too early, too late, too short or too long, by one
// unit, which nobody hears, and by two.
func TestOneUnitIsNoNote(t *testing.T) {
	const floor = 93
	unit := 1024.0 / 48000
	for name, c := range map[string]struct {
		units [2]int // of which one or two are too many or too few
		start float64
		want  string
	}{
		"early": {[2]int{floor + 1, floor + 2}, -1, "its first 0.043 s are cut off"},
		"late":  {[2]int{floor + 2, floor + 3}, 0, "its last 0.043 s are cut off"},
		"after": {[2]int{floor - 1, floor - 2}, 0, "0.043 s of silence are played after it"},
		"later": {[2]int{floor - 1, floor - 2}, 1, "0.043 s of silence are played before it"},
	} {
		for i, n := range c.units {
			a := seconds(50)
			a.Audio = []*media.Track{track(n, c.start*unit*float64(i+1), tones{rate: 48000, frame: 1024})}
			l, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			if got := sentences(l.Notes); i == 0 && got != "" || i == 1 && !strings.Contains(got, c.want) {
				t.Errorf("%s, %d units: notes %q", name, i+1, got)
			}
		}
	}
}

// TestRefreshWithinAMinute has a lap begin with a recovery point, and a refresh a minute
// before or after it, or a picture farther away.
func TestRefreshWithinAMinute(t *testing.T) {
	const minute = 60 * 25
	for name, c := range map[string]struct{ refresh, counting, end, want int }{
		"a minute before":        {100, 100 + minute, 2000, 100},
		"longer before":          {100, 101 + minute, 2000, 101 + minute},
		"a minute after":         {100 + minute, 100, 5000, 100 + minute},
		"longer after":           {101 + minute, 100, 5000, 100},
		"half of the lap after":  {149, 100, 200, 149},
		"behind half of the lap": {150, 100, 200, 100},
	} {
		v := &media.Track{ID: 1, Coding: pictures{}, Timescale: 25, LastDuration: 1, From: int64(c.counting), To: math.MaxInt64}
		samples := bytes.Repeat([]byte{'0'}, c.end)
		for i := range c.end {
			v.Units = append(v.Units, media.NewAccessUnit(int64(i), int64(i), 0, 1, i == c.refresh || i == c.counting))
		}
		samples[c.refresh], samples[c.counting] = '1', '4'
		l, err := New(&media.Asset{Source: bytes.NewReader(samples), Size: int64(c.end), Video: v})
		if err != nil {
			t.Fatal(err)
		}
		if l.Video.first != c.want {
			t.Errorf("%s: the lap begins with picture %d, want %d", name, l.Video.first, c.want)
		}
	}
}

// order is a coding that tells which samples it was asked to count.
type order struct {
	pictures
	asked *string
}

func (o order) Picture(b []byte) (media.Picture, error) {
	if b[0] == 'a' {
		return media.RecoveryPoint, nil
	}
	return media.Dependent, nil
}

func (o order) LapCount(first, last, firstShown, lastShown []byte) (media.Count, media.Head, bool) {
	*o.asked = string(first) + string(last) + string(firstShown) + string(lastShown)
	return media.Count{}, media.Head{}, true
}

// TestLapCountOfReorderedPictures has the first and the last picture in either order.
func TestLapCountOfReorderedPictures(t *testing.T) {
	for times, want := range map[string]string{"0312": "adab", "0123": "adad", "0213": "adad", "0321": "adab"} {
		var asked string
		v := &media.Track{ID: 1, Coding: order{asked: &asked}, Timescale: 25, LastDuration: 1, To: math.MaxInt64}
		for i, at := range times {
			u := media.NewAccessUnit(int64(i), int64(i), at-'0'-int32(i)+3, 1, i == 0)
			v.Units = append(v.Units, u)
		}
		v.Units[0] = v.Units[0].WithPicture(media.RecoveryPoint)
		if _, err := New(&media.Asset{Source: strings.NewReader("abcd"), Size: 4, Video: v}); err != nil {
			t.Fatal(err)
		}
		if asked != want {
			t.Errorf("%s: it was asked for %s, want %s", times, asked, want)
		}
	}
}
