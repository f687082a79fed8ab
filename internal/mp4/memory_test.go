package mp4

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
)

// sparse is a file of any size of which only the beginning has contents.
type sparse struct {
	head []byte
	size int64
}

func (s sparse) ReadAt(p []byte, off int64) (int, error) {
	n := int(max(0, min(int64(len(p)), s.size-off)))
	clear(p[:n])
	if off < int64(len(s.head)) {
		copy(p[:n], s.head[off:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

const twoHoursOfVideo, twoHoursOfAudio = 180_000, 340_000

// twoHours is a movie of two hours: 25 pictures a second with B-pictures, and AAC.
func twoHours() *movieSpec {
	v, s := reorder(video(twoHoursOfVideo), 0), sound(twoHoursOfAudio)
	v.perChunk, s.perChunk = []int{13, 12, 14}, []int{24, 23, 25}
	for i := range v.samples {
		v.samples[i].size = 60 + i%900
	}
	return &movieSpec{tracks: []*trackSpec{v, s}}
}

func BenchmarkOpenTwoHours(b *testing.B) {
	r, size := reader(twoHours().build())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := open(r, size, newFake); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenTwoHoursFragmented(b *testing.B) {
	m := twoHours()
	m.fragmented, m.perMoof, m.fragment = true, 50, fragmentSpec{base: "moof", wide: true}
	r, size := reader(m.build())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := open(r, size, newFake); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMemory checks that an index takes 24 bytes a sample and little else, and
// that opening takes no more than the moov box beside it.
func TestMemory(t *testing.T) {
	file := twoHours().build()
	r, size := reader(file)
	const index = 24 * (twoHoursOfVideo + twoHoursOfAudio)
	var before, opened, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f, err := open(r, size, newFake)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&opened)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := after.HeapAlloc - before.HeapAlloc; kept > index+index/50 {
		t.Errorf("%d bytes kept, want %d", kept, index)
	}
	moov := uint64(twoHoursOfVideo*(4+8) + twoHoursOfAudio*4 + 8*20_000)
	if total := opened.TotalAlloc - before.TotalAlloc; total > index+moov+index/50 {
		t.Errorf("%d bytes allocated, want %d", total, index+moov)
	}
	runtime.KeepAlive(f)
	runtime.KeepAlive(file)
}

// TestLyingCounts opens files that are small but for what they say, and checks
// that they allocate next to nothing.
func TestLyingCounts(t *testing.T) {
	v := video(20)
	v.same = true
	v.samples[0].size = 1
	v.patch = func(kind string, b []byte) []byte {
		if kind == "stsz" {
			copy(b[16:], isobmff.Uint32(1<<31))
		}
		return b
	}
	file := (&movieSpec{tracks: []*trackSpec{v}}).build()
	moov := isobmff.Box("moov", zeros(8))
	copy(moov, isobmff.Uint32(400<<20))
	for name, head := range map[string][]byte{
		"stsz of 2³¹ samples": file,
		"moov of 400 MB":      append(file[:24:24], moov...),
	} {
		t.Run(name, func(t *testing.T) {
			r, size := reader(head)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := open(r, size+1<<30, newFake) // A size that lies, too.
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; err == nil || n > 100_000 {
				t.Errorf("%v, %d bytes allocated", err, n)
			}
		})
	}
}

// TestHugeFile opens a file of 1 TB, whose offsets need 64 bits.
func TestHugeFile(t *testing.T) {
	v := video(20)
	v.wide = true
	m := &movieSpec{tracks: []*trackSpec{v}}
	m.build()
	const far = 1 << 40
	v.patch = func(kind string, b []byte) []byte {
		if kind == "co64" {
			for i := 16; i < len(b); i += 8 {
				b[i+2] = 1 // Adds 2⁴⁰.
			}
		}
		return b
	}
	file := m.build()
	f, err := open(sparse{file, far + int64(len(file))}, far+int64(len(file)), newFake)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Asset.Video.Units[19].Offset, v.samples[19].offset+far; got != want {
		t.Errorf("sample 20 lies at %d, want %d", got, want)
	}
}

// A count costs nothing: a file of holes that says it has two thousand million
// samples is refused before there is memory for them.
func TestClaimedSamples(t *testing.T) {
	const claimed = 2_000_000_000
	file := (&movieSpec{tracks: []*trackSpec{with(equal(video(9)), func(t *trackSpec) { t.same = true })}}).build()
	for box, at := range map[string]int{"stsz": 12, "stts": 12, "stsc": 16} {
		binary.BigEndian.PutUint32(file[bytes.Index(file, []byte(box))+at:], claimed)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const size = 100 << 30
	_, err := open(sparse{head: file, size: size}, size, newFake)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "2000000000 samples, more than an index of so few bytes lists") {
		t.Error(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}
