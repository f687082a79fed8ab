package encode

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/isobmff"
)

// testMovie has a video track with B-pictures in 29.97 Hz and an audio track
// with a tail, whose samples are the letters of one string.
func testMovie() *movie {
	const text = "abcdefghijklmnopqrstuvwxyz"
	r := strings.NewReader(text)
	delays := []int{1, 3, 1, 0}
	v := &movieTrack{
		video: true, timescale: 30000, duration: 1001, entry: isobmff.Box("avc1", make([]byte, 78)),
		width: 720, height: 576, aspect: ratio{16, 15}, shown: 40,
	}
	for i := range 40 {
		v.samples = append(v.samples, sample{from: r, offset: int64(i % 20), size: 1 + i%5, delay: delays[i%4], sync: i%12 == 0})
	}
	a := &movieTrack{timescale: 48000, duration: 1024, language: "fra", entry: isobmff.Box("mp4a", make([]byte, 28)), shown: 60}
	for i := range 62 {
		a.samples = append(a.samples, sample{from: r, offset: int64(i % 20), size: 1 + i%3, sync: true})
	}
	return &movie{tracks: []*movieTrack{v, a}}
}

// TestMovieBytes pins every byte of a mezzanine: it is cached and shared, so
// the same encoding must give the same file in every version.
func TestMovieBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "movie.mp4")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := testMovie().write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	const want = "7fbdba4dccc388243c9392fdbd9ca79b9a6b81866b433fbb75c6243d48b6399d"
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("SHA-256 %s of %d bytes, want %s", got, len(b), want)
	}
}
