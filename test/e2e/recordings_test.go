//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/player"
)

// TestRecordings plays fragmented files as recorders leave them, and compares what a
// decoder shows of three laps with what it shows of the good files that they were made of.
func TestRecordings(t *testing.T) {
	dir := t.TempDir()
	record := func(name, size, flags string) string {
		file := filepath.Join(dir, name)
		args := "-v error -y -f lavfi -i testsrc2=rate=25:duration=3:size=" + size + " -f lavfi -i sine=sample_rate=48000:duration=3" +
			" -c:v libx264 -preset veryfast -threads 1 -pix_fmt yuv420p -g 25 -bf 2 -c:a aac -movflags " + flags
		tool(t, "ffmpeg", append(strings.Fields(args), file)...)
		return file
	}
	const fragments = "frag_keyframe+empty_moov+default_base_moof"
	one, other := record("one.mp4", "160x96", fragments), record("other.mp4", "320x180", fragments)
	first, second := pictureSums(t, one), pictureSums(t, other)
	good := readFile(t, one)
	third := len(good) - len(bytes.SplitN(good, []byte("moof"), 4)[3])
	every := readFile(t, record("every.mp4", "160x96", "dash+frag_every_frame"))

	for name, c := range map[string]struct {
		data []byte
		want []string
		note media.NoteKind
	}{
		"cut off in the header of a fragment": {good[:third+40], first[:len(first)-25], "cut-off"},
		"joined":                              {append(bytes.Clone(good), good...), append(slices.Clone(first), first...), "joined"},
		"joined, of two sizes":                {append(bytes.Clone(good), readFile(t, other)...), append(slices.Clone(first), second...), "coding-changes"},
		"each picture a fragment":             {every, first, "sample-times"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "recording.mp4")
			if err := os.WriteFile(file, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			var report player.Report
			if err := json.Unmarshal(lilo(t, 0, "probe", "--json", file).out.Bytes(), &report); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(report.Notes, func(n media.Note) bool { return n.Kind == c.note }) {
				t.Errorf("no note of kind %s: %v", c.note, report.Notes)
			}
			const laps = 3
			rendered := filepath.Join(t.TempDir(), "laps.ts")
			lilo(t, 0, "render", "--whole", "--for", fmt.Sprintf("%.3fs", laps*report.LoopSeconds+1), "--out", rendered, file)
			got := pictureSums(t, rendered)
			if len(got) < laps*len(c.want) {
				t.Fatalf("%d pictures of %d laps of %d", len(got), laps, len(c.want))
			}
			for i := range laps * len(c.want) {
				if got[i] != c.want[i%len(c.want)] {
					t.Fatalf("picture %d of lap %d is another than in the file", i%len(c.want), i/len(c.want))
				}
			}
		})
	}
}

// pictureSums returns the sums of the pictures of a file in their own sizes.
func pictureSums(t *testing.T, file string) (sums []string) {
	t.Helper()
	out, _ := tool(t, "ffmpeg", "-v", "error", "-i", file, "-map", "0:v", "-autoscale", "0", "-fps_mode", "passthrough", "-f", "framemd5", "-")
	for line := range strings.Lines(string(out)) {
		if fields := strings.Split(strings.TrimSpace(line), ","); len(fields) == 6 && line[0] != '#' {
			sums = append(sums, strings.TrimSpace(fields[5]))
		}
	}
	return sums
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
