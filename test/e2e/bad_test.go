//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadInput checks what the program does with files that it cannot play: one line
// that says why, the right exit code, and no stream.
func TestBadInput(t *testing.T) {
	good := movie(t)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	made := func(name string, args ...string) string {
		path := filepath.Join(dir, name)
		tool(t, "ffmpeg", append(append([]string{"-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=1"}, args...), path)...)
		return path
	}
	cases := []struct {
		name, source string
		code         int
	}{
		{"missing", filepath.Join(dir, "none.mp4"), 3},
		{"a folder", dir, 3},
		{"empty", file("empty.mp4", nil), 4},
		{"not an MP4", file("text.mp4", []byte(strings.Repeat("nothing of the kind ", 100))), 4},
		{"a transport stream", made("stream.ts", "-c:v", "mpeg2video"), 4},
		{"truncated", file("half.mp4", whole[:len(whole)/2]), 4},
		{"moov cut off", file("cut.mp4", whole[:len(whole)-100]), 4},
		{"a header alone", file("header.mp4", whole[:40]), 4},
		{"a coding TS cannot carry", made("vp9.mp4", "-c:v", "libvpx-vp9"), 4},
		{"pictures of PNG", made("png.mov", "-c:v", "png"), 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := listen(t)
			for _, args := range [][]string{
				{"run", c.source, "--to", r.url("rtp")},
				{"render", c.source, "--out", filepath.Join(dir, "never.ts")},
				{"probe", c.source},
			} {
				p := lilo(t, c.code, args...)
				if text := p.err.String(); strings.Count(text, "\n") != 1 || !strings.HasPrefix(text, "lilo: ") {
					t.Errorf("%s: not one line: %q", args[0], text)
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "never.ts")); err == nil {
				t.Error("a stream was written")
			}
		})
	}
}

// TestTooLowRate asks for a rate that is too low, then for the one that the error names.
func TestTooLowRate(t *testing.T) {
	p := lilo(t, 5, "render", "--out", "-", "--muxrate", "300k")
	if p.out.Len() > 0 || strings.Count(p.err.String(), "\n") != 1 {
		t.Errorf("it wrote %d bytes and %q", p.out.Len(), &p.err)
	}
}
