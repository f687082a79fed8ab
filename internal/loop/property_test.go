package loop

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// shot is a picture of a synthesised file.
type shot struct {
	kind   media.Picture
	shown  int   // its place in presentation order
	refers []int // to the shots shown at these places
}

// synthesis describes a file that an encoder could have made and a cutter cut.
type synthesis struct {
	gops, anchors int  // GOPs, and anchors (I and P) in one
	b             int  // pictures between two anchors at most
	pyramid       bool // the middle one of them is referred to
	random        media.Picture
	leading       media.Picture // of the pictures between the last anchor of a GOP and the next I-picture
	first         int           // units that are missing at the start
	last          int           // units that are missing at the end
	from, to      int           // pictures at either end that the edit list leaves out
	negative      bool          // composition offsets are negative
}

func randomSynthesis(r *rand.Rand) synthesis {
	s := synthesis{gops: 1 + r.IntN(5), anchors: 1 + r.IntN(6), b: r.IntN(5), pyramid: r.IntN(2) == 0, negative: r.IntN(4) == 0}
	switch r.IntN(4) {
	case 0: // Closed GOPs.
		s.random, s.b = media.Refresh, min(s.b, r.IntN(5))
	case 1: // IDR pictures of HEVC with leading pictures.
		s.random, s.leading = media.Refresh, media.DecodableLeading
	case 2: // CRA, or an open GOP of MPEG-2.
		s.random = media.OpenRefresh
	case 3: // H.264 without IDR pictures.
		s.random = media.RecoveryPoint
	}
	if r.IntN(2) == 0 {
		s.last = r.IntN(8)
	}
	if r.IntN(3) == 0 {
		s.first = r.IntN(12)
	}
	if r.IntN(2) == 0 {
		s.from, s.to = r.IntN(20), r.IntN(20)
	}
	return s
}

// shots returns the pictures in decoding order.
func (s synthesis) shots(r *rand.Rand) []shot {
	var list []shot
	place, anchor := 0, -1 // the next place, and that of the last anchor
	for range s.gops {
		for k := range s.anchors {
			between := 0
			if s.b > 0 && (k > 0 || s.random != media.Refresh || s.leading != 0) && anchor >= 0 {
				between = r.IntN(s.b + 1)
			}
			at := place + between
			a := shot{kind: s.random, shown: at}
			if k > 0 {
				a = shot{kind: media.Dependent, shown: at, refers: []int{anchor}}
			}
			list = append(list, a)
			kind, refers := media.Dependent, []int{anchor, at}
			if k == 0 && s.leading != 0 {
				kind, refers = s.leading, []int{at}
			}
			middle := place + between/2
			if s.pyramid && between > 2 {
				list = append(list, shot{kind, middle, refers})
			}
			for p := place; p < at; p++ {
				if !s.pyramid || between <= 2 {
					list = append(list, shot{kind, p, refers})
				} else if p != middle {
					list = append(list, shot{kind, p, append(slices.Clone(refers), middle)})
				}
			}
			place, anchor = at+1, at
		}
	}
	return list
}

// film returns the file, and the shots that are its units.
func (s synthesis) film(r *rand.Rand) (*media.Asset, []shot) {
	const step = 512
	all := s.shots(r)
	delay := 0
	for i, p := range all {
		delay = max(delay, i-p.shown)
	}
	if s.negative {
		delay = 0
	}
	s.first = min(s.first, len(all)-1)
	s.last = min(s.last, len(all)-1-s.first)
	kept := all[s.first : len(all)-s.last]
	t := &media.Track{ID: 1, Coding: pictures{}, Timescale: 25 * step, LastDuration: step}
	var data bytes.Buffer
	low, high := len(all), 0
	for i, p := range kept {
		data.WriteByte('0' + byte(p.kind))
		u := media.NewAccessUnit(int64(i), int64(i)*step, int32(p.shown+delay-i-s.first)*step, 1, false)
		t.Units = append(t.Units, u.WithPicture(p.kind))
		low, high = min(low, p.shown), max(high, p.shown)
	}
	s.from = min(s.from, high-low)
	s.to = min(s.to, high-low-s.from)
	at := func(place int) int64 { return int64(place+delay-s.first) * step }
	t.From, t.To = at(low+s.from), at(high-s.to+1)
	return &media.Asset{Source: bytes.NewReader(data.Bytes()), Size: int64(data.Len()), Video: t}, kept
}

// I3: whatever the structure of GOPs, cut and edit list, every picture that can be
// decoded is shown once in every lap, in order, at the usual distance from the one before.
func TestEveryPictureIsShown(t *testing.T) {
	looped := 0
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(1, seed))
		s := randomSynthesis(r)
		a, shots := s.film(r)
		if !slices.ContainsFunc(a.Video.Units, func(u media.AccessUnit) bool { return u.PTS() >= a.Video.From && u.PTS() < a.Video.To }) {
			continue // Package mp4 refuses an edit list that shows no picture.
		}
		l, err := New(a)
		if err != nil {
			if slices.ContainsFunc(a.Video.Units, media.AccessUnit.RandomAccess) && reachable(a.Video, shots) {
				t.Fatalf("seed %d, %+v: %v", seed, s, err)
			}
			continue
		}
		looped++
		checkSteps(t, seed, l)
		checkPictures(t, seed, l, shots)
		if t.Failed() {
			t.Fatalf("seed %d: %+v, notes %q", seed, s, sentences(l.Notes))
		}
	}
	if looped < 15_000 {
		t.Errorf("only %d files loop", looped)
	}
}

// reachable reports whether a picture that the file presents comes with or after a
// random access point.
func reachable(v *media.Track, shots []shot) bool {
	random := false
	for i, p := range shots {
		random = random || p.kind.RandomAccess()
		if u := v.Units[i]; random && u.PTS() >= v.From && u.PTS() < v.To {
			return true
		}
	}
	return false
}

// checkSteps checks that pictures of three laps are decoded and shown at equal distances.
func checkSteps(t *testing.T, seed uint64, l *Loop) {
	t.Helper()
	v, step := l.Video, l.Video.Track.LastDuration
	var shown []int64
	for u := UnitNumber(-v.Len()); u < UnitNumber(2*v.Len()); u++ {
		if v.DTS(u)-v.DTS(u-1) != step {
			t.Errorf("seed %d: unit %d is decoded %d after the one before", seed, u, v.DTS(u)-v.DTS(u-1))
		}
		if v.PTS(u) < v.DTS(u) {
			t.Errorf("seed %d: unit %d is shown before it is decoded", seed, u)
		}
		shown = append(shown, v.PTS(u))
	}
	slices.Sort(shown)
	if first := shown[v.Len()]; first != v.Shown() {
		t.Errorf("seed %d: lap 0 shows its first picture at %d, not at %d", seed, first, v.Shown())
	}
	last, longest := int64(math.MinInt64/2), int64(0)
	for u := UnitNumber(-v.Len()); u < UnitNumber(2*v.Len()); u++ {
		if at := v.DTS(u); v.Place(u).Marks&media.RandomAccess != 0 {
			if last > math.MinInt64/2 {
				longest = max(longest, at-last)
			}
			last = at
		}
	}
	if want := (media.Rational{Num: longest, Den: int64(v.Track.Timescale)}); v.LongestWait() != want {
		t.Errorf("seed %d: a receiver waits %v at most, want %v", seed, v.LongestWait(), want)
	}
	for i := range shown[1:] {
		if d := shown[i+1] - shown[i]; d != step {
			t.Errorf("seed %d: picture %d is shown %d after the one before", seed, i+1, d)
		}
	}
}

// checkPictures checks with a decoder of its own that all pictures of a lap can be
// decoded within it, that they are shown in the file's order, and that a lap has all
// that the file presents unless a note says otherwise.
func checkPictures(t *testing.T, seed uint64, l *Loop, shots []shot) {
	t.Helper()
	v := l.Video
	decoded := map[int]bool{}
	has := map[int]bool{} // units of the track
	type pair struct{ pts, place int64 }
	var order []pair
	for u := range v.Len() {
		i := v.sample(u)
		p := shots[i]
		for _, place := range p.refers {
			if !decoded[place] {
				t.Errorf("seed %d: unit %d of the lap refers to picture %d, which is not in it", seed, u, place)
			}
		}
		decoded[p.shown], has[i] = true, true
		order = append(order, pair{v.Unit(u).PTS(), int64(p.shown)})
	}
	slices.SortFunc(order, func(a, b pair) int { return int(a.pts - b.pts) })
	if !slices.IsSortedFunc(order, func(a, b pair) int { return int(a.place - b.place) }) {
		t.Errorf("seed %d: pictures change places: %v", seed, order)
	}
	missing, more := 0, 0
	for i, u := range v.Track.Units {
		switch presented := u.PTS() >= v.Track.From && u.PTS() < v.Track.To; {
		case presented && !has[i]:
			missing++
			if slices.ContainsFunc(v.Track.Units[:min(i+1, v.first)], media.AccessUnit.RandomAccess) {
				t.Errorf("seed %d: picture %d is missing, although the lap could begin earlier than at %d", seed, i, v.first)
			}
		case !presented && has[i]:
			more++
		}
	}
	notes := sentences(l.Notes)
	if told := strings.Contains(notes, "first one that decoding can begin with") || strings.Contains(notes, " dropped, "); told != (missing > 0) {
		t.Errorf("seed %d: %d pictures are missing", seed, missing)
	}
	if told := strings.Contains(notes, "the lap shows"); told != (more > 0) {
		t.Errorf("seed %d: %d pictures are added", seed, more)
	}
}

// FuzzLap makes laps of any kinds of picture at any times.
func FuzzLap(f *testing.F) {
	f.Add([]byte("\x01\x01\x01\x00\x01\x03"), int64(0), int64(1<<40))
	f.Add([]byte("\x02\x01\x04\x00\x01\x00\x00\x01\x80\x04\x01\x7f"), int64(2), int64(6))
	f.Fuzz(func(t *testing.T, data []byte, from, to int64) {
		v := &media.Track{ID: 1, Coding: pictures{}, Timescale: 25, LastDuration: 1, From: from, To: to}
		var samples []byte
		dts := int64(0)
		for ; len(data) >= 3; data = data[3:] {
			kind := media.Picture(data[0] % 7)
			u := media.NewAccessUnit(int64(len(samples)), dts, int32(int8(data[2])), 1, data[0]&0x80 != 0)
			if data[0]&0x40 == 0 {
				u = u.WithPicture(kind)
			}
			v.Units, samples = append(v.Units, u), append(samples, '0'+byte(kind))
			dts += 1 + int64(data[1]%64)
		}
		if len(v.Units) == 0 {
			return
		}
		l, err := New(&media.Asset{Source: bytes.NewReader(samples), Size: int64(len(samples)), Video: v})
		if err != nil {
			return
		}
		checkTimes(t, l.Video)
	})
}

// checkTimes checks that every picture of three laps has a time of its own, not
// before it is decoded.
func checkTimes(t *testing.T, v *Video) {
	t.Helper()
	shown := map[int64]UnitNumber{}
	for u := UnitNumber(-v.Len()); u < UnitNumber(2*v.Len()); u++ {
		if v.DTS(u) <= v.DTS(u-1) || v.PTS(u) < v.DTS(u) {
			t.Fatalf("unit %d is decoded at %d, after %d, and shown at %d", u, v.DTS(u), v.DTS(u-1), v.PTS(u))
		}
		if other, ok := shown[v.PTS(u)]; ok {
			t.Fatalf("units %d and %d are shown at %d", other, u, v.PTS(u))
		}
		shown[v.PTS(u)] = u
	}
}
