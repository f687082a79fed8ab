package mp4

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"strconv"
	"testing"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/isobmff"
)

// longMovie is a movie whose moov box is too long to be held as a whole.
func longMovie() *movieSpec {
	m := twoHours()
	for _, t := range m.tracks {
		t.samples = append(t.samples, t.samples...)
		t.perChunk = []int{1, 2, 1, 1}
	}
	m.tracks[0].samples[5].sync = true
	return m
}

// The tables of a long movie are read from the file piece by piece, and say the same.
func TestLongMovie(t *testing.T) {
	m := longMovie()
	m.boxes = isobmff.Box("udta", isobmff.Box("free", zeros(3<<20)))
	file := m.build()
	if size := bytes.Index(file, []byte("mdat")) - bytes.Index(file, []byte("moov")); size < wholeBox {
		t.Fatalf("moov has only %d bytes", size)
	}
	r, size := reader(file)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := open(r, size, newFake)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	same(t, f.Asset.Video, m.tracks[0])
	same(t, f.Asset.Audio[0], m.tracks[1])
	index := uint64(24 * (len(m.tracks[0].samples) + len(m.tracks[1].samples)))
	if n := after.TotalAlloc - before.TotalAlloc; n > index+3<<20 {
		t.Errorf("%d bytes allocated for an index of %d", n, index)
	}
}

// What is wrong in a long movie is reported with its place in the file.
func TestLongMovieErrors(t *testing.T) {
	file := longMovie().build()
	stco := bytes.LastIndex(file, []byte("stco"))
	bad := bytes.Clone(file)
	binary.BigEndian.PutUint32(bad[stco+8:], 1<<31)
	refused(t, bad, "the box moov/trak/mdia/minf/stbl/stco at byte "+strconv.Itoa(stco-4)+" says that it has")
	bad = bytes.Clone(file)
	binary.BigEndian.PutUint32(bad[stco-4:], 1<<31)
	refused(t, bad, "the box stco at byte "+strconv.Itoa(stco-4)+" says that it is 2147483648 bytes long")

	down := errors.New("connection reset")
	_, err := open(broken{bytes.NewReader(file), int64(stco + 100_000), down}, int64(len(file)), newFake)
	if fault.KindOf(err) != fault.Source || !errors.Is(err, down) {
		t.Error(err)
	}
	once := &once{Reader: bytes.NewReader(file), at: int64(stco + 100_000), err: down}
	if _, err = open(once, int64(len(file)), newFake); fault.KindOf(err) != fault.Source || !errors.Is(err, down) {
		t.Error(err)
	}
}

// once answers the first read of a place, and then with an error.
type once struct {
	*bytes.Reader
	at   int64
	seen bool
	err  error
}

func (o *once) ReadAt(p []byte, off int64) (int, error) {
	if off <= o.at && o.at < off+int64(len(p)) {
		if o.seen {
			return 0, o.err
		}
		o.seen = true
	}
	return o.Reader.ReadAt(p, off)
}

// A moov box of 512 MB that holds nothing costs nothing.
func TestSparseMovie(t *testing.T) {
	const length = 500 << 20
	file := (&movieSpec{tracks: []*trackSpec{video(20)}, moovLast: true}).build()
	moov := bytes.LastIndex(file, []byte("moov")) - 4
	grown := bytes.Clone(file)
	size := binary.BigEndian.Uint32(file[moov:])
	binary.BigEndian.PutUint32(grown[moov:], size+length)
	for name, c := range map[string]struct {
		tail []byte
		good bool
	}{
		"holes":                {nil, true},
		"a free box":           {box32("free", length), true},
		"a track of nothing":   {append(box32("trak", length), box32("mdia", length-8)...), true},
		"a table":              {append(append(box32("trak", length), box32("mdia", length-8)...), box32("stsz", length-16)...), true},
		"a box that is longer": {box32("free", length+1), false},
	} {
		head := append(bytes.Clone(grown), c.tail...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := open(sparse{head, int64(len(file)) + length}, int64(len(file))+length, newFake)
		runtime.ReadMemStats(&after)
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%s: %d bytes allocated", name, n)
		}
	}
}

// box32 is the header of a box of so many bytes.
func box32(kind string, size int) []byte { return append(isobmff.Uint32(size), kind...) }
