package loop

import (
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// counting is a coding that counts pictures, as H.264 does.
type counting struct{ pictures }

func (counting) LapCount(_, _, firstShown, _ []byte) (media.Count, media.Head, bool) {
	return media.Count{Frames: 3, Order: 10}, media.Head{Frame: 7, Units: 2}, firstShown[0] != '6'
}

// Where no refresh begins a lap, its pictures count on from the lap before, up to the
// first refresh in it.
func TestLapCountsOn(t *testing.T) {
	for _, c := range []struct {
		film  string
		want  []uint32 // Frames of the units of laps −1 to 1
		heads []uint32 // HeadFrame of the units of a lap
		notes string
	}{
		{"4@0 0@1 0@2", []uint32{1<<32 - 3, 1<<32 - 3, 1<<32 - 3, 0, 0, 0, 3, 3, 3}, []uint32{8, 8, 0}, ""},
		{"4@0 0@1 1@2 4@3", []uint32{3, 3, 0, 0, 3, 3, 0, 0, 3, 3, 0, 0}, []uint32{8, 8, 0, 0}, ""},
		{"4@0 1@1 0@2", []uint32{3, 0, 0, 3, 0, 0, 3, 0, 0}, []uint32{8, 0, 0}, ""},
		{"1@0 0@1 4@2", make([]uint32, 9), make([]uint32, 3), ""},
		{"6@0 0@1", make([]uint32, 6), make([]uint32, 2), "video track 1: the lap begins with a recovery point, not with an IDR picture: from the second lap on, receivers may not show some of its first 2 pictures, up to the next random access point; --encode avc shows all"},
	} {
		a := film(c.film)
		a.Video.Coding = counting{}
		a.Video.Units[0] = a.Video.Units[0].WithPicture(media.RecoveryPoint)
		l, err := New(a)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			if got := l.Video.Place(UnitNumber(i - l.Video.Len())).Count.Frames; got != want {
				t.Errorf("%s: unit %d counts %d, want %d", c.film, i-l.Video.Len(), int32(got), int32(want))
			}
		}
		for u, want := range c.heads {
			if got := l.Video.Place(UnitNumber(l.Video.Len() + u)).HeadFrame; got != want {
				t.Errorf("%s: HeadFrame of unit %d is %d, want %d", c.film, u, got, want)
			}
		}
		if got := sentences(l.Notes); got != c.notes {
			t.Errorf("%s: notes %q, want %q", c.film, got, c.notes)
		}
	}
}
