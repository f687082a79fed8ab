package mp4

import (
	"bytes"
	"runtime"
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// seeds are small files of each shape.
func seeds() []*movieSpec {
	edits := []editSpec{{100, -1, 0}, {700, 1, 0}}
	return []*movieSpec{
		{tracks: []*trackSpec{reorder(video(9), 0), sound(9)}},
		{tracks: []*trackSpec{with(reorder(video(9), -1), func(t *trackSpec) { t.wide, t.edits = true, edits })}, moovLast: true, wideMdat: true},
		{tracks: []*trackSpec{with(video(9), func(t *trackSpec) { t.edits = edits })}, toTheEnd: true},
		{tracks: []*trackSpec{with(equal(video(9)), func(t *trackSpec) { t.same = true }), with(equal(sound(9)), func(t *trackSpec) { t.compact = 4 })}},
		{tracks: []*trackSpec{withEntry(video(9), visual("mp4v", esds(0x61, []byte("x")))), withEntry(sound(9), quickTime(1, 16))}},
		{tracks: []*trackSpec{withEntry(video(9), visual("hvc1", isobmff.Box("hvcC", zeros(23)))), withEntry(sound(9), audible("ac-3"))}},
		{tracks: []*trackSpec{video(9), sound(9)}, fragmented: true, perMoof: 4, fragment: fragmentSpec{base: "moof", runs: 2, wide: true}},
		{tracks: []*trackSpec{equal(video(9)), equal(sound(9))}, fragmented: true, perMoof: 4, fragment: fragmentSpec{base: "offset", defaults: "tfhd"}},
		{tracks: []*trackSpec{with(video(9), func(t *trackSpec) { t.inMoov = 5 })}, fragmented: true, perMoof: 3, fragment: fragmentSpec{noTime: true, noOffset: true, runs: 2}},
	}
}

// FuzzOpen opens anything. It must come to an end without a panic, allocate in
// proportion to the file, and what it opens must hold together.
func FuzzOpen(f *testing.F) {
	for _, m := range seeds() {
		f.Add(m.build())
	}
	f.Add([]byte("GET / HTTP/1.1"))
	f.Fuzz(func(t *testing.T, file []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, code := range []newCodingFunc{newFake, newCoding} {
			got, err := open(bytes.NewReader(file), int64(len(file)), code)
			if err == nil {
				checkAsset(t, got.Asset)
			} else if err.Error() == "" {
				t.Error("an error without a text")
			}
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20+uint64(len(file))*1000 {
			t.Errorf("%d bytes allocated for a file of %d", n, len(file))
		}
	})
}

// checkAsset checks what everyone relies on.
func checkAsset(t *testing.T, a *media.Asset) {
	tracks := a.Audio
	if a.Video != nil {
		tracks = append(slices.Clip(tracks), a.Video)
	}
	if len(tracks) == 0 {
		t.Fatal("an asset without tracks")
	}
	for _, tr := range tracks {
		if tr.Timescale == 0 || len(tr.Units) == 0 || tr.From >= tr.To || tr.Coding == nil || len(tr.Language) != 3 {
			t.Fatalf("track %+v", tr)
		}
		shown := false
		for i, u := range tr.Units {
			if u.Offset < 0 || u.Offset+int64(u.Size()) > a.Size || u.Size() == 0 || tr.Duration(i) < 1 {
				t.Fatalf("unit %d is %+v and lasts %d", i, u, tr.Duration(i))
			}
			shown = shown || u.PTS() >= tr.From && u.PTS() < tr.To
		}
		if !shown {
			t.Fatalf("nothing is shown from %d to %d", tr.From, tr.To)
		}
	}
}
