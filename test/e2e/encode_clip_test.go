//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lilo-live/lilo/internal/clip"
)

// TestEncodedClipHasNoSeam encodes the bundled clip and plays it over laps.
// Every picture is the clip's own at that place, and not its neighbour; what is
// silent in the clip stays so at the seam as much as elsewhere; and the T-STD
// holds across it.
func TestEncodedClipHasNoSeam(t *testing.T) {
	encoder(t)
	dir := t.TempDir()
	original, laps := filepath.Join(dir, "clip.mp4"), filepath.Join(dir, "laps.ts")
	r, size := clip.Open()
	whole, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(original, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	lilo(t, 0, "render", "--encode", "avc,width=640,height=360", "--out", laps, "--whole", "--for", "31s")
	clean(t, laps)
	samePictures(t, thumbnails(t, laps), thumbnails(t, original))
	silentSeam(t, laps)
}

// The size of the thumbnails, in pixels.
const thumbWidth, thumbHeight = 320, 180

// thumbnails decodes the pictures of a file, small and grey.
func thumbnails(t *testing.T, file string) [][]byte {
	t.Helper()
	grey, _ := tool(t, "ffmpeg", "-v", "quiet", "-i", file, "-map", "0:v", "-vf",
		fmt.Sprintf("scale=%d:%d:flags=area,format=gray", thumbWidth, thumbHeight), "-fps_mode", "passthrough", "-f", "rawvideo", "-")
	return slices.Collect(slices.Chunk(grey, thumbWidth*thumbHeight))
}

// samePictures holds each picture against the clip's picture of its place and
// the ones before and after that.
func samePictures(t *testing.T, got, want [][]byte) {
	t.Helper()
	const frames = clip.Seconds * clip.PicturesASecond
	if len(want) != frames || len(got) < 3*frames-50 {
		t.Fatalf("%d pictures of %d", len(got), len(want))
	}
	for i, g := range got[:len(got)-8] { // At the very end, pictures miss what they refer to.
		here := difference(g, want[i%frames])
		for _, other := range []int{frames - 1, 1} {
			if there := difference(g, want[(i+other)%frames]); there <= here {
				t.Fatalf("picture %d of lap %d is rather picture %d: it differs by %d, not %d", i%frames, i/frames, (i+other)%frames, there, here)
			}
		}
	}
}

func difference(a, b []byte) (sum int) {
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += d * d
	}
	return sum
}

// silentSeam measures the sound where the clip has none: at the seams it is no
// louder than elsewhere.
func silentSeam(t *testing.T, file string) {
	t.Helper()
	const rate, window = clip.SampleRate, clip.SampleRate / 100
	pcm, _ := tool(t, "ffmpeg", "-v", "quiet", "-i", file, "-map", "0:a", "-ac", "1", "-ar", fmt.Sprint(rate), "-f", "f32le", "-")
	values := make([]float32, len(pcm)/4)
	if err := binary.Read(bytes.NewReader(pcm), binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	var seams, elsewhere []float64
	for at := rate; at+window < len(values)-rate; at += window {
		second := math.Mod(float64(at)/rate, 1)
		lap := math.Mod(float64(at)/rate, clip.Seconds)
		switch {
		case second > 0.42 && second < 0.62: // The tone, and what an encoder makes of its edges.
		case lap < 0.08 || lap > clip.Seconds-0.08:
			seams = append(seams, level(values[at:at+window]))
		default:
			elsewhere = append(elsewhere, level(values[at:at+window]))
		}
	}
	slices.Sort(elsewhere)
	worst, highest := slices.Max(seams), elsewhere[len(elsewhere)*99/100]
	const inaudible = 1e-4 // −80 dB of full scale
	t.Logf("%d windows at seams: %.1f dB at most; elsewhere 99 %% below %.1f dB", len(seams), db(worst), db(highest))
	if worst > max(2*highest, inaudible) {
		t.Errorf("the seam is at %.1f dB, silence elsewhere at %.1f dB", db(worst), db(highest))
	}
}

// level is the root mean square of a window.
func level(window []float32) float64 {
	sum := 0.0
	for _, v := range window {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum / float64(len(window)))
}
