package player

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/isobmff"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// longFile writes a file of so many repetitions of the bundled clip's pictures and of as
// much sound, all in the bytes of the clip. Nothing but its index is long.
func longFile(t testing.TB, laps int) (path string, units int) {
	r, size := clip.Open()
	data := make([]byte, size)
	if _, err := r.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	f, err := mp4.Open(r, size)
	if err != nil {
		t.Fatal(err)
	}
	a := f.Asset
	path = filepath.Join(t.TempDir(), "long.mp4")
	v, s := a.Video, a.Audio[0]
	seconds := int64(0)
	for i := range v.Units {
		seconds += v.Duration(i)
	}
	seconds = seconds * int64(laps) / int64(v.Timescale)
	frame, rate := int64(s.Audio().FrameSamples()), int64(s.Audio().SampleRate())
	sounds := int(seconds * rate / frame)
	head := isobmff.Box("ftyp", []byte("isom"), isobmff.Uint32(0))
	shift := int64(len(head)) + 8 // of samples
	moov := isobmff.Box("moov",
		isobmff.FullBox("mvhd", 0, 0, make([]byte, 8), isobmff.Uint32(1000), make([]byte, 84)),
		longTrack(1, v, isobmff.Video, laps*len(v.Units), shift),
		longTrack(2, s, isobmff.Audio, sounds, shift))
	file := bytes.Join([][]byte{head, isobmff.Box("mdat", data), moov}, nil)
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, laps*len(v.Units) + sounds
}

// longTrack returns a track of n samples: those of t, again and again.
func longTrack(id int64, t *media.Track, handler string, n int, shift int64) []byte {
	var sizes, offsets, composition, sync []byte
	frames, duration := len(t.Units), t.Duration(0)
	for i := range n {
		u := t.Units[i%frames]
		sizes = append(sizes, isobmff.Uint32(int64(u.Size()))...)
		offsets = append(offsets, isobmff.Uint32(u.Offset+shift)...)
		composition = append(composition, isobmff.Uint32(1, int64(u.CTO))...)
		if u.RandomAccess() {
			sync = append(sync, isobmff.Uint32(int64(i+1))...)
		}
	}
	boxes := [][]byte{
		isobmff.SampleDescription(t.Entry),
		isobmff.FullBox("stts", 0, 0, isobmff.Uint32(1, int64(n), duration)),
		isobmff.FullBox("stsc", 0, 0, isobmff.Uint32(1, 1, 1, 1)),
		isobmff.FullBox("stsz", 0, 0, isobmff.Uint32(0, int64(n)), sizes),
		isobmff.FullBox("stco", 0, 0, isobmff.Uint32(int64(n)), offsets),
	}
	if handler == isobmff.Video {
		boxes = append(boxes,
			isobmff.FullBox("ctts", 0, 0, isobmff.Uint32(int64(n)), composition),
			isobmff.FullBox("stss", 0, 0, isobmff.Uint32(int64(len(sync)/4)), sync))
	}
	mdhd := isobmff.FullBox("mdhd", 0, 0, make([]byte, 8), isobmff.Uint32(int64(t.Timescale), 0), isobmff.Uint16(isobmff.PackLanguage("und"), 0))
	tkhd := isobmff.FullBox("tkhd", 0, 1, make([]byte, 8), isobmff.Uint32(id), make([]byte, 60))
	return isobmff.Box("trak", tkhd, isobmff.Box("mdia", mdhd, isobmff.HandlerBox(handler), isobmff.MediaInformation(handler, isobmff.Box("stbl", boxes...))))
}

// I9: a file of a day takes its index, at most 24 bytes an access unit, and little else.
func TestMemoryOfALongFile(t *testing.T) {
	path, units := longFile(t, 8640)
	s := channel.Default()
	s.Source = path
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := Probe(t.Context(), s, LocalOptions())
	if err != nil || !r.Loops {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	n := after.TotalAlloc - before.TotalAlloc
	t.Logf("%d bytes, %d of them for %d units", n, 24*units, units)
	if limit := uint64(24*units + 64_000_000); n > limit {
		t.Errorf("%d bytes allocated, more than %d", n, limit)
	}
}

func BenchmarkProbeADay(b *testing.B) {
	path, _ := longFile(b, 8640)
	s := channel.Default()
	s.Source = path
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Probe(b.Context(), s, LocalOptions()); err != nil {
			b.Fatal(err)
		}
	}
}
