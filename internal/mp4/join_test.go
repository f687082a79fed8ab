package mp4

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// recording is a fragmented movie of pictures of 40 ms and sound of 20 ms.
func recording(pictures int) *movieSpec {
	v, s := timed(video(pictures), 1000), sound(2*pictures)
	v.samples = video(pictures).samples
	for i := range v.samples {
		v.samples[i].duration = 40
	}
	s.timescale = 1000
	for i := range s.samples {
		s.samples[i].duration = 20
	}
	return &movieSpec{tracks: []*trackSpec{v, s}, fragmented: true, perMoof: 10, fragment: fragmentSpec{base: "moof"}}
}

func opened(t *testing.T, file []byte) *media.Asset {
	t.Helper()
	r, size := reader(file)
	f, err := open(r, size, newFake)
	if err != nil {
		t.Fatal(err)
	}
	return f.Asset
}

func noted(t *testing.T, a *media.Asset, kind media.NoteKind, text string) {
	t.Helper()
	for _, n := range a.Notes {
		if n.Kind == kind && strings.Contains(n.Text, text) {
			return
		}
	}
	t.Errorf("no note of kind %s says %q: %q", kind, text, a.Notes)
}

// A recording that ends at any byte plays as far as it is there.
func TestCutOffAnywhere(t *testing.T) {
	m := recording(40)
	file := m.build()
	second := bytes.Index(file[bytes.Index(file, []byte("moof"))+4:], []byte("moof")) + bytes.Index(file, []byte("moof"))
	for cut := second; cut < len(file); cut++ {
		a := opened(t, file[:cut])
		lost := 0
		for i, track := range []*media.Track{a.Video, a.Audio[0]} {
			for j, s := range m.tracks[i].samples {
				if j < len(track.Units) && track.Units[j].Offset != s.offset {
					t.Fatalf("cut at %d, track %d: unit %d lies at %d, want %d", cut, i+1, j, track.Units[j].Offset, s.offset)
				}
				if j == len(track.Units) && s.offset+int64(s.size) <= int64(cut) {
					t.Fatalf("cut at %d, track %d: unit %d is whole and left out", cut, i+1, j)
				}
			}
			lost += len(m.tracks[i].samples)/2/(2-i) - len(track.Units)
		}
		if mdat := bytes.LastIndex(file[:cut], []byte("mdat")); mdat > bytes.LastIndex(file[:cut], []byte("moof")) {
			if end := mdat - 4 + int(binary.BigEndian.Uint32(file[mdat-4:])); (cut < end) != (len(a.Notes) == 1) {
				t.Fatalf("cut at %d of %d: %q", cut, end, a.Notes)
			}
		}
	}
	a := opened(t, file[:len(file)-1])
	noted(t, a, media.NoteCutOff, "(1 of track 2)")
}

func TestBehindTheLastFragment(t *testing.T) {
	file := recording(40).build()
	noted(t, opened(t, append(bytes.Clone(file), isobmff.Uint32(3, 0, 0, 0)...)), media.NoteCutOff, "the 16 bytes from there on are left out")
	for name, tail := range map[string][]byte{"zeros": zeros(5000), "mfra": isobmff.Box("mfra", zeros(80)), "sidx": isobmff.Box("sidx", zeros(80))} {
		if a := opened(t, append(bytes.Clone(file), tail...)); len(a.Video.Units) != 40 || len(a.Notes) != 0 {
			t.Errorf("%s: %d units, notes %q", name, len(a.Video.Units), a.Notes)
		}
	}
}

// Recordings that were put together follow each other, and pictures and sound of each
// stay together.
func TestJoined(t *testing.T) {
	one := recording(40).build()
	moof := bytes.Index(one, []byte("moof")) - 4
	for name, base := range map[string]string{"moof": "moof", "offset": "offset", "neither": ""} {
		two := recording(20)
		two.fragment.base = base
		other := two.build()
		for what, rest := range map[string][]byte{"recording": other, "fragments": other[moof:]} {
			if what == "fragments" && base == "offset" {
				continue // Nothing tells where these count from.
			}
			a := opened(t, append(bytes.Clone(one), rest...))
			if len(a.Video.Units) != 60 || len(a.Audio[0].Units) != 120 {
				t.Fatalf("%s %s: %d and %d units", what, name, len(a.Video.Units), len(a.Audio[0].Units))
			}
			for i, u := range a.Video.Units {
				if u.DTS != int64(i)*40 {
					t.Fatalf("%s %s: picture %d is decoded at %d", what, name, i, u.DTS)
				}
			}
			for i, u := range a.Audio[0].Units {
				if u.DTS != int64(i)*20 {
					t.Fatalf("%s %s: sound %d is decoded at %d", what, name, i, u.DTS)
				}
			}
			last := a.Video.Units[59]
			shift := int64(len(one))
			if what == "fragments" {
				shift -= int64(moof)
			}
			if want := two.tracks[0].samples[19].offset + shift; last.Offset != want {
				t.Errorf("%s %s: the last picture lies at %d, want %d", what, name, last.Offset, want)
			}
			noted(t, a, media.NoteJoined, fmt.Sprintf("at byte %d", len(one)+map[string]int{"recording": 24, "fragments": 0}[what]))
		}
	}
}

// A recording behind one without fragments is not played, and a note says where to cut.
func TestBehindAFileWithoutFragments(t *testing.T) {
	one := (&movieSpec{tracks: []*trackSpec{edited([]editSpec{{1000, 0, 0}}, 0)}}).build()
	moov := bytes.Index(one, []byte("moov")) - 4
	again := one[moov : moov+int(binary.BigEndian.Uint32(one[moov:]))]
	for name, c := range map[string]struct {
		rest  []byte
		notes int
	}{
		"the same":       {one, 1},
		"fragments":      {recording(20).build(), 1},
		"a copy of moov": {again, 0},
		"free":           {isobmff.Box("free", zeros(80)), 0},
		"no box":         {zeros(30), 0},
	} {
		a := opened(t, append(bytes.Clone(one), c.rest...))
		n := slices.DeleteFunc(a.Notes, func(n media.Note) bool { return n.Kind != media.NoteJoined })
		if want := fmt.Sprintf("at byte %d and is not played: cut the file there, with head -c %[1]d IN", len(one)); len(n) != c.notes || len(n) > 0 && !strings.Contains(n[0].Text, want) {
			t.Errorf("%s: notes %q, want %q", name, a.Notes, want)
		}
	}
}

// Where the sound of the first recording is longer than its pictures, what would
// overlap is left out; where it is shorter, there is a gap.
func TestJoinedWithSoundOfAnotherLength(t *testing.T) {
	for extra, want := range map[int]struct {
		units int
		at    int64 // of the first one after the join
	}{3: {80 + 40, 1660}, -3: {77 + 40, 1600}} {
		one := recording(40)
		s := one.tracks[1]
		s.samples = s.samples[:77]
		if extra > 0 {
			s.samples = append(append(s.samples, s.samples[:3]...), s.samples[:3]...)
		}
		a := opened(t, append(one.build(), recording(20).build()...))
		units := a.Audio[0].Units
		if len(units) != want.units || units[len(s.samples)].DTS != want.at || units[len(units)-1].DTS != 1600+39*20 {
			t.Errorf("%d: %d units, %+v after the join, %+v at the end", extra, len(units), units[len(s.samples)], units[len(units)-1])
		}
	}
}

func TestNotJoined(t *testing.T) {
	one := recording(40).build()
	other := func(change func(m *movieSpec)) []byte {
		m := recording(20)
		change(m)
		return append(bytes.Clone(one), m.build()...)
	}
	for want, file := range map[string][]byte{
		"it has other tracks": other(func(m *movieSpec) { m.tracks = m.tracks[:1] }),
		"its track 2 counts in 1/44100 s instead of 1/1000 s": other(func(m *movieSpec) { m.tracks[1].timescale = 44100 }),
		"its track 2 is AC-3 instead of AAC":                  other(func(m *movieSpec) { m.tracks[1].entry = audible("ac-3") }),
		"its samples do not lie in fragments":                 other(func(m *movieSpec) { m.fragmented = false }),
		"it cannot be played":                                 other(func(m *movieSpec) { m.tracks[0].entry = visual("av01") }),
		"within a second moov box":                            append(bytes.Clone(one), one[:200]...),
	} {
		a := opened(t, file)
		if len(a.Video.Units) != 40 || len(a.Notes) != 1 || !strings.Contains(a.Notes[0].Text, want) {
			t.Errorf("%s: %d units, notes %q", want, len(a.Video.Units), a.Notes)
		}
	}
}

// Fragments whose times jump leave gaps; those that begin a tick early follow on.
func TestFragmentTimes(t *testing.T) {
	shifted := func(by ...int32) *media.Asset {
		file, at := recording(40).build(), 0
		for _, d := range by {
			for range 2 { // The tfdt of both tracks.
				at += bytes.Index(file[at:], []byte("tfdt")) + 8
				time := file[at : at+4]
				binary.BigEndian.PutUint32(time, uint32(int32(binary.BigEndian.Uint32(time))+d))
			}
		}
		return opened(t, file)
	}
	a := shifted(0, 0, 5000, 5000)
	noted(t, a, media.NoteGaps, "track 1: 1 gap between fragments, 5.000 s in all, the first one 0.800 s into the track")
	if u := a.Video.Units; u[20].DTS != 5800 || u[39].DTS != 5000+39*40 {
		t.Errorf("%+v", u)
	}
	a = shifted(0, -1, 0, -40, 0)
	if u := a.Video.Units; u[10].DTS != 399 || u[30].DTS != 1200 || len(a.Audio[0].Units) != 78 {
		t.Errorf("%+v, %d units of sound", u, len(a.Audio[0].Units))
	}
	noted(t, a, media.NoteSampleTimes, "track 1: 1 fragment begins before the end of the one before")
}
