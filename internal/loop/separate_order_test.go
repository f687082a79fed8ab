package loop

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// Looking at few pictures at a time finds what sorting all of them finds.
func TestInOrder(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		v := &Video{}
		for i := range 1 + r.IntN(5000) {
			cto := r.Int32N(40)
			if r.IntN(3000) == 0 {
				cto = r.Int32N(1000)
			}
			v.units = append(v.units, media.NewAccessUnit(0, int64(i)*50, cto, 1, false))
		}
		last, apart, ok := v.inOrder()
		wantLast, want := v.sorted()
		if ok && (apart != want || apart && last != wantLast) {
			t.Fatalf("seed %d: %d, %v, want %d, %v", seed, last, apart, wantLast, want)
		}
		if !ok && want && len(v.units) < 60 {
			t.Fatalf("seed %d: %d pictures are not in order", seed, len(v.units))
		}
	}
	far := &Video{}
	for i := range 100 {
		far.units = append(far.units, media.NewAccessUnit(0, int64(i+1), 0, 1, false))
	}
	far.units = append(far.units, media.NewAccessUnit(0, 200, -250, 1, false))
	if _, _, ok := far.inOrder(); ok {
		t.Error("a picture that is shown a hundred earlier is in order")
	}
	if last, apart := far.sorted(); last != 100 || !apart {
		t.Errorf("%d, %v", last, apart)
	}
}

// What moves pictures is told in seconds, whichever timescale the track has.
func TestNotesOfShifts(t *testing.T) {
	v := &Video{Track: &media.Track{ID: 1, Timescale: 50}}
	for want, s := range map[string]shift{
		"showing the pictures takes longer than decoding them: the last of a lap is decoded 0.500 s longer than the file says": {later: true, longer: 25},
		"3 pictures collide in time with others, or with the next lap: they are shown up to 0.100 s later, and the lap is 0.500 s longer": {
			later: true, longer: 25, pictures: 3, most: 5,
		},
		"the file was cut, 2.000 s into the lap; the gap is closed by showing 3 pictures behind it up to 0.100 s earlier": {pictures: 3, most: 5, from: 100},
	} {
		if notes := s.notes(v); len(notes) != 1 || !strings.Contains(notes[0].Text, want) {
			t.Errorf("%+v: told %v, want %q", s, notes, want)
		}
	}
}

// A lap may last 72 hours, and no longer.
func TestLongestLap(t *testing.T) {
	for length, fits := range map[media.Rational]bool{{Num: maxSeconds, Den: 1}: true, {Num: 1000*maxSeconds + 1, Den: 1000}: false} {
		if err := (&Loop{Length: length}).checkBounds(); (err == nil) != fits {
			t.Errorf("%v s: %v", length, err)
		}
	}
}
