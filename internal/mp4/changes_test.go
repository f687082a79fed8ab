package mp4

import (
	"bytes"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
)

// twoEntries lets the third chunk of a track use its second sample entry: samples 7 to 9.
func twoEntries(t *trackSpec, entries ...[]byte) *movieSpec {
	t.entry = bytes.Join(entries, nil)
	t.patch = func(kind string, b []byte) []byte {
		if kind == "stsc" {
			return isobmff.FullBox("stsc", 0, 0, isobmff.Uint32(3), isobmff.Uint32(1, 3, 1, 3, 3, 2, 4, 3, 1))
		}
		return b
	}
	return &movieSpec{tracks: []*trackSpec{t}}
}

func videoOf12() *trackSpec {
	v := video(12)
	for i := range v.samples {
		v.samples[i].sync = i%3 == 0
	}
	return v
}

func entry(format, config string, boxes ...[]byte) []byte {
	return visual(format, append(boxes, isobmff.Box("avcC", []byte(config)))...)
}

// Sample entries that say the same are one.
func TestEqualEntries(t *testing.T) {
	first := entry("avc1", "record")
	for name, second := range map[string][]byte{
		"8.5.2 the same twice":    first,
		"with a box more":         entry("avc1", "record", isobmff.Box("free", zeros(9))),
		"another form":            entry("avc3", "record"),
		"another aspect, ignored": entry("avc1", "record", isobmff.Box("pasp", isobmff.Uint32(4, 3))),
	} {
		t.Run(name, func(t *testing.T) {
			v := videoOf12()
			a := mustOpen(t, twoEntries(v, first, second)).Asset
			same(t, a.Video, v)
			if len(a.Video.Changes) > 0 || len(a.Notes) > 0 {
				t.Errorf("%d changes, notes %q", len(a.Video.Changes), a.Notes)
			}
		})
	}
}

// So are those of a coding whose headers are in its samples: a sample may use the second
// one first that has none.
func TestEqualEntriesWithoutConfiguration(t *testing.T) {
	v := videoOf12()
	a := mustOpen(t, twoEntries(v, visual("mp2v"), visual("mp2v", isobmff.Box("free", zeros(9)), isobmff.Box("btrt", zeros(12))))).Asset
	same(t, a.Video, v)
	if len(a.Video.Changes) > 0 || len(a.Notes) > 0 {
		t.Errorf("%d changes, notes %q", len(a.Video.Changes), a.Notes)
	}
}

// Where sample entries differ, each unit is sent in its own.
func TestChanges(t *testing.T) {
	v := videoOf12()
	a := mustOpen(t, twoEntries(v, entry("avc1", "one"), entry("avc1", "two"))).Asset
	same(t, a.Video, v)
	if c := a.Video.Changes; len(c) != 2 || c[0].Unit != 6 || c[1].Unit != 9 || !bytes.Contains(c[0].Entry, []byte("two")) || !bytes.Contains(c[1].Entry, []byte("one")) {
		t.Errorf("%+v", c)
	}
	for i := range v.samples {
		want := "one"
		if i >= 6 && i < 9 {
			want = "two"
		}
		if b, err := a.Video.Coding.AppendUnit(nil, nil, media.Place{Sample: i}); err != nil || string(b) != want {
			t.Errorf("sample %d: %q, %v, want %q", i, b, err, want)
		}
	}
	if a.Video.Coding.SegmentFormat() != media.TransportStream {
		t.Error("segments of fragmented MP4 do not tell of changes")
	}
	noted(t, a, media.NoteCodingChange, "track 1: its coding parameters change 2 times, first 0.240 s into the track (sample 7,")
}

func TestChangesRefused(t *testing.T) {
	refused(t, twoEntries(videoOf12(), entry("avc1", "one"), visual("hvc1")).build(), "track 1 changes its coding parameters at sample 7: what follows has no hvcC box")
	refused(t, twoEntries(videoOf12(), entry("avc1", "one"), visual("av01")).build(), "what follows is AV1, which LILO cannot put into a transport stream")
	aac := func(config ...byte) []byte { return audible("mp4a", esds(0x40, config)) }
	for _, second := range [][]byte{aac(0x12, 0x10), aac(0x11, 0x88), audible("ac-3")} {
		r, size := reader(twoEntries(sound(12), aac(0x11, 0x90), second).build())
		if _, err := open(r, size, newCoding); err == nil {
			t.Errorf("% x: opened", second)
		}
	}
	r, size := reader(twoEntries(sound(12), aac(0x11, 0x90), aac(0x12, 0x10)).build())
	_, err := open(r, size, newCoding)
	if want := "track 1 changes its coding parameters at sample 7 (sample entry 2), from AAC-LC 48000 Hz stereo to AAC-LC 44100 Hz stereo: --encode avc makes it one stream"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
