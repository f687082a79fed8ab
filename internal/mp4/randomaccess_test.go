package mp4

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// lettered is a coding whose samples begin with a letter for each kind of picture.
type lettered struct{ fake }

func (l lettered) Peek(head []byte) (media.Picture, bool) {
	p, err := l.Picture(head)
	return p, err == nil && p != media.IntraOnly
}

func (lettered) Picture(sample []byte) (media.Picture, error) {
	if p, ok := map[byte]media.Picture{
		'P': media.Dependent, 'I': media.Refresh, 'O': media.OpenRefresh, 'R': media.RecoveryPoint, 'G': media.GradualRefresh, 'i': media.IntraOnly, 'D': media.DecodableLeading,
	}[sample[0]]; ok {
		return p, nil
	}
	return media.Dependent, io.ErrUnexpectedEOF
}

// line returns a track of one second a picture, whose list names the pictures with a !.
func line(pictures string, size int) (*fileReader, *media.Track) {
	t := &media.Track{Coding: lettered{}, Timescale: 1, LastDuration: 1}
	var data []byte
	for _, c := range pictures {
		if n := len(t.Units) - 1; c == '!' {
			u := t.Units[n]
			t.Units[n] = media.NewAccessUnit(u.Offset, u.DTS, 0, u.Size(), true)
			continue
		}
		t.Units = append(t.Units, media.NewAccessUnit(int64(len(data)), int64(len(t.Units)), 0, size, false))
		data = append(data, byte(c))
		data = append(data, make([]byte, size-1)...)
	}
	return newFileReader(bytes.NewReader(data), int64(len(data))), t
}

// Which pictures are random access points follows from the samples, whatever the file's list says.
func TestRandomAccess(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"right", "I!PPPI!PPP", "I!PPPI!PPP"},
		{"no list, or one of all", "I!P!P!P!I!P!P!P!", "I!PPPI!PPP"},
		{"an empty list", "IPPPIPPP", "I!PPPI!PPP"},
		{"a list of one", "I!PPPIPPP", "I!PPPI!PPP"},
		{"a list of other pictures", "IP!PPIP!PP", "I!PPPI!PPP"},
		{"a list without the open GOPs", "I!PPPOPPPI!PPP", "I!PPPO!PPPI!PPP"},
		{"late", "PPIPPPI!P", "PPI!PPPI!P"},
		{"recovery points alone", "R!PPPRPPP", "R!PPPR!PPP"},
		{"gradual", "I!PPPGPPPG!PPP", "I!PPPG!PPPG!PPP"},
		{"intra alone", "iiii", "i!i!i!i!"},
		{"intra, the first of it an IDR picture", "I!iii", "I!i!i!i!"},
		{"intra beside none that says more", "i!PPPiPPP", "i!PPPi!PPP"},
		{"intra beside IDR pictures", "I!PPPi!PPPI!PPP", "I!PPPiPPPI!PPP"},
		{"damaged samples", "I!?P?!I!?", "I!?P?I!?"},
		{"none", "P!PPP", "PPPP"},
		{"a single picture", "I", "I!"},
	} {
		for _, size := range []int{1, 300, 5000} {
			file, got := line(c.file, size)
			if err := findRandomAccess(file, got); err != nil {
				t.Fatal(err)
			}
			_, want := line(c.want, size)
			for i, u := range got.Units {
				gradual := c.want != "" && strings.ReplaceAll(c.want, "!", "")[i] == 'G'
				if u.RandomAccess() != want.Units[i].RandomAccess() || u.Gradual() != gradual || u.Size() != size {
					t.Errorf("%s, samples of %d bytes: picture %d is %+v", c.name, size, i, u)
				}
			}
		}
	}
}

// reads counts the bytes that are read.
type reads struct {
	io.ReaderAt
	calls, bytes int
}

func (r *reads) ReadAt(p []byte, at int64) (int, error) {
	r.calls++
	r.bytes += len(p)
	return r.ReaderAt.ReadAt(p, at)
}

// A plausible list costs the same in a file of any length, and a wrong one in
// proportion to its pictures.
func TestRandomAccessReadsLittle(t *testing.T) {
	for _, c := range []struct {
		name, gop    string
		size         int
		calls, bytes int
	}{
		{"plausible", "I!" + strings.Repeat("P", 249), 5000, 16, 16 * headSize},
		{"plausible, small samples", "I!" + strings.Repeat("P", 249), 10, 1, headSize},
		{"wrong", "I!" + strings.Repeat("P!", 249), 5000, 5020, 5020 * headSize},
		{"wrong, small samples", "I!" + strings.Repeat("P!", 249), 100, 30, 600_000},
		{"one an hour", "I!" + strings.Repeat("P", 4999), 5000, 5020, 5020 * headSize},
	} {
		file, track := line(strings.Repeat(c.gop, 5000/(len(c.gop)-strings.Count(c.gop, "!"))), c.size)
		r := &reads{ReaderAt: file.r}
		file.r = r
		if err := findRandomAccess(file, track); err != nil {
			t.Fatal(err)
		}
		if r.calls > c.calls || r.bytes > c.bytes {
			t.Errorf("%s: %d reads of %d bytes, want %d of %d at most", c.name, r.calls, r.bytes, c.calls, c.bytes)
		}
	}
}

// Samples that all lie at one place take no more time than the file has bytes.
func TestRandomAccessIsBounded(t *testing.T) {
	file, track := line("I!"+strings.Repeat("i", 999)+"P", 5000)
	for i := range track.Units {
		u := &track.Units[i]
		*u = media.NewAccessUnit(int64(i%2), u.DTS, 0, int(file.size)-1, false)
	}
	file.r = &reads{ReaderAt: bytes.NewReader(bytes.Repeat([]byte("i"), int(file.size)))}
	if err := findRandomAccess(file, track); err != nil {
		t.Fatal(err)
	}
	if got := file.r.(*reads).bytes; got > 4*int(file.size) {
		t.Errorf("%d bytes are read of a file of %d", got, file.size)
	}
}

// The files of real encoders give the same units without their list, with one of the
// first sample alone, and with an empty one.
func TestRandomAccessOfFiles(t *testing.T) {
	files, err := filepath.Glob("../identity/testdata/inputs/*.mp4")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	patched := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Open(bytes.NewReader(data), int64(len(data)))
		at := bytes.Index(data, []byte("stss"))
		if err != nil || want.Asset.Video == nil || at < 0 {
			continue
		}
		patched++
		for fault, patch := range map[string]func(b []byte){
			"none":  func(b []byte) { copy(b, "free") },
			"empty": func(b []byte) { binary.BigEndian.PutUint32(b[8:], 0) },
			"one":   func(b []byte) { binary.BigEndian.PutUint32(b[8:], 1) },
		} {
			wrong := bytes.Clone(data)
			patch(wrong[at:])
			got, err := Open(bytes.NewReader(wrong), int64(len(wrong)))
			if err != nil {
				t.Errorf("%s, %s: %v", name, fault, err)
				continue
			}
			for i, u := range got.Asset.Video.Units {
				if u != want.Asset.Video.Units[i] {
					t.Errorf("%s, %s: unit %d is %+v, want %+v", name, fault, i, u, want.Asset.Video.Units[i])
				}
			}
		}
	}
	if patched < 10 {
		t.Errorf("only %d files have a list", patched)
	}
}
