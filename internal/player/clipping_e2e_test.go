//go:build e2e

package player

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
)

// digests returns what ffmpeg decodes of a file's pictures, each as MD5, and its complaints.
func digests(t *testing.T, file string) (all []string, errs string) {
	t.Helper()
	out, errs := run(t, "ffmpeg", "-v", "warning", "-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-")
	for line := range strings.Lines(out) {
		if column := strings.Split(strings.TrimSpace(line), ","); !strings.HasPrefix(line, "#") {
			all = append(all, strings.TrimSpace(column[len(column)-1]))
		}
	}
	return all, errs
}

// Parts of a file that follow one another show the pictures between their timecodes, all of
// them, and none else but those from the random access point on before a part that begins
// within a GOP.
func TestPicturesOfParts(t *testing.T) {
	for rate, perSecond := range map[string]int{"25": 25, "30000/1001": 30} {
		file := made(t, "320x180", rate, "440") // A GOP has 25 pictures.
		source, _ := digests(t, file)
		label := func(n int) string { return fmt.Sprintf("00:00:%02d:%02d", n/perSecond, n%perSecond) }
		epoch := time.Unix(1_800_000_000, 0)
		var entries []channel.Entry
		var want []string
		var at time.Duration
		for _, part := range []struct {
			clipping    channel.Clipping
			first, last int // pictures of the source
		}{
			{channel.Clipping{Start: label(60), Stop: label(75)}, 50, 74},
			{channel.Clipping{Stop: label(24), IncludeLast: true}, 0, 24},
			{channel.Clipping{Start: label(25), Stop: label(50)}, 25, 49},
			{channel.Clipping{Start: label(80)}, 75, len(source) - 1},
		} {
			d, err := OnceLength(t.Context(), channel.Spec{Source: file, Clipping: part.clipping}, LocalOptions())
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, channel.Entry{At: epoch.Add(at), Source: file, Once: true, Clipping: part.clipping})
			at = (at + d + time.Millisecond).Truncate(time.Millisecond)
			want = append(want, source[part.first:part.last+1]...)
		}
		p, err := Open(t.Context(), Config{Spec: channel.Spec{Epoch: epoch}, Schedule: channel.Schedule{Entries: entries}}, LocalOptions())
		if err != nil {
			t.Fatal(err)
		}
		ts := filepath.Join(t.TempDir(), "parts.ts")
		if err := os.WriteFile(ts, read(t, p, 0, at+2*time.Second), 0o644); err != nil {
			t.Fatal(err)
		}
		got, errs := digests(t, ts)
		if !slices.Equal(got, want) {
			var places []string
			for _, d := range got {
				places = append(places, fmt.Sprint(slices.Index(source, d)))
			}
			t.Errorf("at %s pictures a second, %d pictures are shown, want %d: %s", rate, len(got), len(want), strings.Join(places, " "))
		}
		if errs != "" {
			t.Errorf("ffmpeg says %s", errs)
		}
	}
}
