package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAdviceIsComplete holds the texts of the program against the forms of advice
// that the tests of test/e2e follow: --encode names a preset, and a command line
// of ffmpeg both of its files.
func TestAdviceIsComplete(t *testing.T) {
	text := regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"`)
	encode := regexp.MustCompile(`(?:try |\(|: |; )--encode( avc| hevc| needs| carries|$|.)`)
	ffmpeg := regexp.MustCompile(`ffmpeg (-.*)?-i IN .*OUT\.mp4`)
	err := filepath.WalkDir(filepath.Join("..", "..", "internal"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, s := range text.FindAllString(string(source), -1) {
			if m := encode.FindStringSubmatch(s); m != nil && len(m[1]) < 2 {
				t.Errorf("%s: --encode without a preset in %s", path, s)
			}
			if strings.Contains(s, "ffmpeg -") && strings.Contains(s, "OUT") && !ffmpeg.MatchString(s) || strings.Contains(s, "ffmpeg -c copy") {
				t.Errorf("%s: no whole command line of ffmpeg in %s", path, s)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
