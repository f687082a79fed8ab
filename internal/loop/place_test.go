package loop

import (
	"strings"
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

// seamed is a coding whose samples are numbers that may not repeat in a row.
type seamed struct{ pictures }

func (seamed) SeamID(first, _, last []byte) (uint32, bool) { return 7, first[0] == last[0] }

// TestSeam checks where a lap's last picture takes another number: in every lap, or in every
// other one where it is the only picture.
func TestSeam(t *testing.T) {
	for _, c := range []struct {
		samples string
		keepES  bool
		want    [3]uint32 // of the last pictures of laps 0 to 2
	}{
		{"010", false, [3]uint32{8, 8, 8}},
		{"01", false, [3]uint32{}},
		{"0", false, [3]uint32{0, 8, 0}},
		{"010", true, [3]uint32{}},
	} {
		v := &Video{Track: &media.Track{Coding: seamed{}, Timescale: 25}, Length: int64(len(c.samples))}
		for i := range c.samples {
			v.units = append(v.units, media.NewAccessUnit(int64(i), int64(i), 0, 1, true))
		}
		v.Track.Units = v.units
		if err := v.numberSeam(&media.Asset{Source: strings.NewReader(c.samples)}); err != nil {
			t.Fatal(err)
		}
		v.KeepES = c.keepES
		for lap, want := range c.want {
			last := UnitNumber((lap+1)*len(c.samples) - 1)
			if got := v.Place(last).PictureID; got != want || v.Place(last-1).PictureID != 0 && len(c.samples) > 1 {
				t.Errorf("%s, lap %d: %d", c.samples, lap, got)
			}
		}
		if marked := v.Marks(len(v.units)-1)&media.Renumbered != 0; marked != (c.want[1] > 0) {
			t.Errorf("%s: marked %v", c.samples, marked)
		}
	}
}
