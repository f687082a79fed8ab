package loop

import (
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// TestPlace follows a lap whose first picture loses two leading pictures.
func TestPlace(t *testing.T) {
	v := &Video{Track: &media.Track{Timescale: 25}, Length: 4, KeepES: true, Open: true, first: 3, lost: []int{4, 6}, shown: 12, start: 10}
	for i, cto := range []int32{2, 3, 1, 2} {
		v.units = append(v.units, media.NewAccessUnit(0, int64(10+i), cto, 1, i == 0))
	}
	for unit, want := range map[UnitNumber]media.Place{
		0:  {Marks: media.LapStart | media.RandomAccess, Sample: 3, Timescale: 25, KeepES: true},
		1:  {Sample: 5, Time: 2, Timescale: 25, KeepES: true},
		2:  {Sample: 7, Time: 1, Timescale: 25, KeepES: true},
		3:  {Marks: media.LapEnd, Sample: 8, Time: 3, Timescale: 25, KeepES: true},
		10: {Lap: 2, Sample: 7, Time: 9, LapTime: 8, Timescale: 25, KeepES: true},
		-1: {Marks: media.LapEnd, Lap: -1, Sample: 8, Time: -1, LapTime: -4, Timescale: 25, KeepES: true},
	} {
		if got := v.Place(unit); got != want {
			t.Errorf("unit %d: got %+v, want %+v", unit, got, want)
		}
	}
}
