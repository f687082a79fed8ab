package mp4

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

func mustOpen(t *testing.T, m *movieSpec) *File {
	t.Helper()
	r, size := reader(m.build())
	f, err := open(r, size, newFake)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// same compares the units of a track with the samples that the builder wrote.
func same(t *testing.T, got *media.Track, want *trackSpec) {
	t.Helper()
	dts := int64(0)
	if len(got.Units) != len(want.samples) {
		t.Fatalf("track %d has %d units, want %d", got.ID, len(got.Units), len(want.samples))
	}
	for i, s := range want.samples {
		if u := media.NewAccessUnit(s.offset, dts, int32(s.cto), s.size, s.sync || want.noSync); got.Units[i] != u {
			t.Fatalf("track %d, unit %d is %+v, want %+v", got.ID, i, got.Units[i], u)
		}
		if d := got.Duration(i); d != s.duration {
			t.Fatalf("track %d, unit %d lasts %d, want %d", got.ID, i, d, s.duration)
		}
		dts += s.duration
	}
}

// reorder gives the samples of a track the composition offsets of two B-pictures.
func reorder(t *trackSpec, shift int64) *trackSpec {
	for i := range t.samples {
		t.samples[i].cto = []int64{1, 3, 0, 0}[i%4]*t.samples[i].duration + shift
	}
	return t
}

// equal gives all samples of a track the same size and makes only the first one sync.
func equal(t *trackSpec) *trackSpec {
	for i := range t.samples {
		t.samples[i].size = 9
		t.samples[i].sync = i == 0
	}
	return t
}

func with(t *trackSpec, change func(*trackSpec)) *trackSpec {
	change(t)
	return t
}

func TestSampleTables(t *testing.T) {
	for name, m := range map[string]*movieSpec{
		"8.2.1 moov before mdat":       {tracks: []*trackSpec{video(20), sound(30)}},
		"8.2.1 moov after mdat":        {tracks: []*trackSpec{video(20), sound(30)}, moovLast: true},
		"4.2 64-bit size":              {tracks: []*trackSpec{video(20), sound(30)}, wideMdat: true},
		"4.2 64-bit size, moov after":  {tracks: []*trackSpec{video(20)}, wideMdat: true, moovLast: true},
		"4.2 size 0, to the end":       {tracks: []*trackSpec{video(20)}, toTheEnd: true},
		"8.7.5 co64, version 1 boxes":  {tracks: []*trackSpec{with(video(20), func(t *trackSpec) { t.wide = true })}},
		"8.7.3.2 one size for all":     {tracks: []*trackSpec{with(equal(video(20)), func(t *trackSpec) { t.same = true })}},
		"8.7.3.3 stz2 of 4 bits":       {tracks: []*trackSpec{with(equal(video(21)), func(t *trackSpec) { t.compact = 4 })}},
		"8.7.3.3 stz2 of 8 bits":       {tracks: []*trackSpec{with(video(21), func(t *trackSpec) { t.compact = 8 })}},
		"8.7.3.3 stz2 of 16 bits":      {tracks: []*trackSpec{with(video(21), func(t *trackSpec) { t.compact = 16 })}},
		"8.6.2 no stss: all are sync":  {tracks: []*trackSpec{with(video(20), func(t *trackSpec) { t.noSync = true })}},
		"8.6.1.3 ctts version 0":       {tracks: []*trackSpec{reorder(video(20), 0)}},
		"8.6.1.3 ctts version 1":       {tracks: []*trackSpec{reorder(video(20), -1)}},
		"8.7.4 chunks of one sample":   {tracks: []*trackSpec{with(video(20), func(t *trackSpec) { t.perChunk = []int{1} })}},
		"8.7.4 one chunk":              {tracks: []*trackSpec{with(video(20), func(t *trackSpec) { t.perChunk = []int{50} })}},
		"8.7.4 chunks of many lengths": {tracks: []*trackSpec{with(video(40), func(t *trackSpec) { t.perChunk = []int{1, 1, 7, 2, 2, 5} })}},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustOpen(t, m).Asset
			same(t, a.Video, m.tracks[0])
			for i, s := range a.Audio {
				same(t, s, m.tracks[i+1])
			}
		})
	}
}

func TestFragments(t *testing.T) {
	for name, m := range map[string]*movieSpec{
		"8.8.7 default-base-is-moof":           {fragment: fragmentSpec{base: "moof"}},
		"8.8.7 base-data-offset":               {fragment: fragmentSpec{base: "offset"}},
		"8.8.7 no base: behind the one before": {fragment: fragmentSpec{}},
		"8.8.7 several runs":                   {fragment: fragmentSpec{base: "moof", runs: 3}},
		"8.8.8 runs without offset":            {fragment: fragmentSpec{runs: 3, noOffset: true}},
		"8.8.12 no tfdt":                       {fragment: fragmentSpec{base: "moof", noTime: true}},
		"8.8.12 tfdt version 1":                {fragment: fragmentSpec{base: "moof", wide: true}},
		"8.8.4 one sample a fragment":          {perMoof: 1, fragment: fragmentSpec{base: "moof"}},
	} {
		t.Run(name, func(t *testing.T) {
			m.fragmented, m.tracks = true, []*trackSpec{reorder(video(23), -1), sound(31)}
			m.perMoof = max(4, m.perMoof)
			f := mustOpen(t, m)
			same(t, f.Asset.Video, m.tracks[0])
			same(t, f.Asset.Audio[0], m.tracks[1])
			if !f.Fragmented {
				t.Error("not reported as fragmented")
			}
		})
	}
}

func TestFragmentDefaults(t *testing.T) {
	for _, place := range []string{"trex", "tfhd"} {
		t.Run("8.8.3, 8.8.7 "+place, func(t *testing.T) {
			v := equal(video(6))
			m := &movieSpec{fragmented: true, perMoof: 10, tracks: []*trackSpec{v}, fragment: fragmentSpec{base: "moof", defaults: place}}
			for i := range v.samples {
				v.samples[i].sync = true // first_sample_flags and the default agree.
			}
			same(t, mustOpen(t, m).Asset.Video, v)
		})
	}
}

func TestHybrid(t *testing.T) {
	v, s := video(30), sound(40)
	v.inMoov, s.inMoov = 11, 13
	f := mustOpen(t, &movieSpec{fragmented: true, perMoof: 5, tracks: []*trackSpec{v, s}, fragment: fragmentSpec{base: "moof"}})
	same(t, f.Asset.Video, v)
	same(t, f.Asset.Audio[0], s)
}

// TestOpenGOP marks random access points that stss does not name.
func TestOpenGOP(t *testing.T) {
	numbers := isobmff.FullBox("stps", 0, 0, isobmff.Uint32(2, 4, 9))
	group := isobmff.FullBox("sbgp", 0, 0, []byte("rap "), isobmff.Uint32(4), isobmff.Uint32(3, 0, 1, 1, 4, 0, 1, 1))
	other := isobmff.FullBox("sbgp", 1, 0, []byte("roll"), isobmff.Uint32(0, 1), isobmff.Uint32(9, 1))
	for name, boxes := range map[string][]byte{"QuickTime stps": numbers, "8.9.2 sbgp": append(group, other...)} {
		t.Run(name, func(t *testing.T) {
			v := video(11)
			v.patch = func(kind string, b []byte) []byte {
				if kind == "stss" {
					return append(b, boxes...)
				}
				return b
			}
			for i, u := range mustOpen(t, &movieSpec{tracks: []*trackSpec{v}}).Asset.Video.Units {
				if want := i%5 == 0 || i == 3 || i == 8; u.RandomAccess() != want {
					t.Errorf("sample %d: random access %v", i+1, u.RandomAccess())
				}
			}
		})
	}
	traf := box{kind: fourCC([]byte("traf")), body: group}
	f := trackFragment{}
	if err := f.readGroups(traf); err != nil || f.rap.table.count != 4 {
		t.Errorf("%v, %d rows", err, f.rap.table.count)
	}
}

// TestLateFragments starts at a decoding time far from 0, as recordings of live streams do.
func TestLateFragments(t *testing.T) {
	v := video(12)
	m := &movieSpec{fragmented: true, perMoof: 4, tracks: []*trackSpec{v}, fragment: fragmentSpec{base: "moof", wide: true}}
	file := m.build()
	for at := 0; ; at += 4 {
		i := bytes.Index(file[at:], []byte("tfdt"))
		if i < 0 {
			break
		}
		at += i
		file[at+9] = 1 // Adds 2⁴⁸.
	}
	r, size := reader(file)
	f, err := open(r, size, newFake)
	if err != nil {
		t.Fatal(err)
	}
	got := f.Asset.Video
	if got.Units[11].DTS != 1<<48+11 || got.From != 0 || got.To != 1<<48+12 || got.LastDuration != 1 {
		t.Errorf("last unit %+v, shown %d to %d", got.Units[11], got.From, got.To)
	}
}

// TestRandomTables compares random tables with what was put into them.
func TestRandomTables(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		m := randomMovie(rnd)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			a := mustOpen(t, m).Asset
			same(t, a.Video, m.tracks[0])
			same(t, a.Audio[0], m.tracks[1])
		})
	}
}

func randomMovie(rnd *rand.Rand) *movieSpec {
	v, s := video(1+rnd.IntN(60)), sound(1+rnd.IntN(60))
	for _, t := range []*trackSpec{v, s} {
		t.wide = rnd.IntN(2) == 0
		for i := range t.samples {
			t.samples[i].size = 1 + rnd.IntN(200)
			t.samples[i].duration = 1 + rnd.Int64N(4)
			t.samples[i].cto = rnd.Int64N(5) * rnd.Int64N(2)
			t.samples[i].sync = t == s || rnd.IntN(3) == 0
		}
		for range 1 + rnd.IntN(5) {
			t.perChunk = append(t.perChunk, 1+rnd.IntN(6))
		}
	}
	m := &movieSpec{tracks: []*trackSpec{v, s}, moovLast: rnd.IntN(2) == 0}
	if rnd.IntN(2) == 0 {
		m.fragmented, m.moovLast, m.perMoof = true, false, 1+rnd.IntN(9)
		v.inMoov, s.inMoov = rnd.IntN(len(v.samples)+1), rnd.IntN(len(s.samples)+1)
		base := []string{"", "moof", "offset"}[rnd.IntN(3)]
		m.fragment = fragmentSpec{base: base, runs: 1 + rnd.IntN(3), noOffset: rnd.IntN(2) == 0, noTime: rnd.IntN(2) == 0, wide: rnd.IntN(2) == 0}
	}
	return m
}
