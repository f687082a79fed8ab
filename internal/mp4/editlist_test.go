package mp4

import (
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
)

// TestEditLists uses 100 pictures of 40 ms in a timescale of 25,000 (1000 units
// each) and a movie timescale of 1000 (25 units a tick).
func TestEditLists(t *testing.T) {
	for name, c := range map[string]struct {
		edits           []editSpec
		offset          int64 // composition offset of every picture
		from, to, start int64
	}{
		"8.6.6.1 none":                        {nil, 0, 0, 100000, 0},
		"8.6.6.1 none, pictures later":        {nil, 2000, 0, 102000, 0},
		"8.6.6.1 none, pictures earlier":      {nil, -2000, -2000, 98000, -2000},
		"8.6.6.1 list without rows":           {[]editSpec{}, 0, 0, 100000, 0},
		"8.6.6 all of it":                     {[]editSpec{{4000, 0, 0}}, 0, 0, 100000, 0},
		"8.6.6 composition offset":            {[]editSpec{{4000, 2000, 0}}, 2000, 2000, 102000, 0},
		"8.6.6 empty edit":                    {[]editSpec{{500, -1, 0}, {4000, 0, 0}}, 0, 0, 100000, 12500},
		"8.6.6 two empty edits":               {[]editSpec{{500, -1, 0}, {20, -1, 0}, {4000, 0, 0}}, 0, 0, 100000, 13000},
		"8.6.6 only an empty edit":            {[]editSpec{{500, -1, 0}}, 0, 0, 100000, 12500},
		"8.6.6 cut at the start":              {[]editSpec{{3000, 25000, 0}}, 0, 25000, 100000, 0},
		"8.6.6 cut at the end":                {[]editSpec{{3000, 0, 0}}, 0, 0, 75000, 0},
		"8.6.6 cut at both":                   {[]editSpec{{1000, 25000, 0}}, 0, 25000, 50000, 0},
		"8.6.6 duration 0: to the end":        {[]editSpec{{0, 25000, 0}}, 0, 25000, 100000, 0},
		"8.6.6 contiguous":                    {[]editSpec{{1000, 25000, 0}, {1000, 50000, 0}}, 0, 25000, 75000, 0},
		"8.6.6 contiguous but for rounding":   {[]editSpec{{1001, 25000, 0}, {1000, 50000, 0}}, 0, 25000, 75000, 0},
		"8.6.6 pause at the end":              {[]editSpec{{4000, 0, 0}, {500, -1, 0}}, 0, 0, 100000, 0},
		"less than a sample short: no cut":    {[]editSpec{{3961, 0, 0}}, 0, 0, 100000, 0},
		"a whole sample short: a cut":         {[]editSpec{{3960, 0, 0}}, 0, 0, 99000, 0},
		"longer than the media":               {[]editSpec{{9000, 0, 0}}, 0, 0, 100000, 0},
		"less than a tick into a picture":     {[]editSpec{{3000, 25024, 0}}, 0, 25000, 100000, 0},
		"a tick into a picture":               {[]editSpec{{3000, 25025, 0}}, 0, 25025, 100000, 0},
		"duration beyond every media":         {[]editSpec{{1<<32 - 1, 0, 0}}, 0, 0, 100000, 0},
		"empty edit beyond every media is ok": {[]editSpec{{1<<32 - 1, -1, 0}, {4000, 0, 0}}, 0, 0, 100000, 25 * (1<<32 - 1)},
	} {
		for _, wide := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				v := edited(c.edits, c.offset)
				v.wide = wide
				got := mustOpen(t, &movieSpec{tracks: []*trackSpec{v}}).Asset.Video
				if got.From != c.from || got.To != c.to || got.Start != c.start {
					t.Errorf("shows %d to %d at %d, want %d to %d at %d", got.From, got.To, got.Start, c.from, c.to, c.start)
				}
			})
		}
	}
}

func edited(edits []editSpec, offset int64) *trackSpec {
	v := video(100)
	v.timescale, v.edits = 25000, edits
	for i := range v.samples {
		v.samples[i].duration, v.samples[i].cto = 1000, offset
	}
	return v
}

func TestEditListsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		edits []editSpec
		want  string
	}{
		"8.6.6.3 half speed":          {[]editSpec{{4000, 0, 1 << 15}}, "changes the speed (edit 1 of 1), which LILO does not follow: export the file from"},
		"8.6.6.3 dwell":               {[]editSpec{{1000, 0, 0}, {1000, 25000, 1}}, "changes the speed (edit 2 of 2), which LILO does not follow: export the file from"},
		"8.6.6 two pieces":            {[]editSpec{{1000, 0, 0}, {1000, 50000, 0}}, "second part of the media (edit 2 of 2)"},
		"8.6.6 the same piece twice":  {[]editSpec{{1000, 0, 0}, {1000, 0, 0}}, "--encode"},
		"8.6.6 pause in the middle":   {[]editSpec{{1000, 0, 0}, {100, -1, 0}, {1000, 25000, 0}}, "after a pause (edit 3 of 3), which LILO does not follow: export"},
		"8.6.6.3 negative media time": {[]editSpec{{1000, -2, 0}}, "media time -2"},
		"beyond the media":            {[]editSpec{{1000, 100000, 0}}, "no sample"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, (&movieSpec{tracks: []*trackSpec{edited(c.edits, 0)}}).build(), c.want)
		})
	}
}

// refused checks that a file is not opened, and why.
func refused(t *testing.T, file []byte, want string) {
	t.Helper()
	r, size := reader(file)
	_, err := open(r, size, newFake)
	switch {
	case err == nil:
		t.Fatalf("opened, want %q", want)
	case fault.KindOf(err) != fault.Media:
		t.Errorf("%v is of kind %d, want %d", err, fault.KindOf(err), fault.Media)
	case !strings.Contains(err.Error(), want):
		t.Errorf("%v, want %q", err, want)
	case strings.Contains(err.Error(), "\n"):
		t.Errorf("%q has more than one line", err)
	}
}
