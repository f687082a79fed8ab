package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/fault"
)

func TestRenderWritesOneLapOrWhatIsAsked(t *testing.T) {
	cases := []struct {
		name     string
		args     []string
		from, to time.Duration
	}{
		{"one lap", nil, 0, 10 * time.Second},
		{"one lap later", []string{"--from", "87600h"}, 87600 * time.Hour, 87600*time.Hour + 10*time.Second},
		{"a piece", []string{"--from=5s", "--for=1s"}, 5 * time.Second, 6 * time.Second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f, file := newFake(), filepath.Join(t.TempDir(), "lap.ts")
			r := lilo(t, f, append([]string{"render", "movie.mp4", "--out", file}, c.args...)...)
			if r.code != 0 || r.err != "" || !strings.Contains(r.out, file) {
				t.Fatalf("%+v", r)
			}
			if f.from != c.from || f.to != c.to {
				t.Errorf("rendered %s to %s", f.from, f.to)
			}
			if f.spec.Epoch != time.Unix(0, 0).UTC() || f.spec.Source != "movie.mp4" {
				t.Errorf("spec is %+v", f.spec)
			}
			onlyFile(t, file, int64((c.to-c.from)/fakePacket)*188)
		})
	}
}

func TestRenderNowIsTheClocks(t *testing.T) {
	f := newFake()
	lilo(t, f, "render", "--out", filepath.Join(t.TempDir(), "x"), "--epoch", "now")
	if f.spec.Epoch.Year() != 2026 {
		t.Errorf("epoch is %s", f.spec.Epoch)
	}
}

func TestRenderToStandardOutputIsTheStreamAlone(t *testing.T) {
	r := lilo(t, newFake(), "render", "--out", "-", "--for", "1s")
	if r.code != 0 || len(r.out) != 400*188 || !strings.HasPrefix(r.out, "\x47\x1f\xff") {
		t.Errorf("code %d, %d bytes", r.code, len(r.out))
	}
	if !strings.HasPrefix(r.err, "note: ") {
		t.Errorf("no note: %q", r.err)
	}
}

func TestRenderLeavesNothingHalfWritten(t *testing.T) {
	for _, old := range []string{"", "the one before"} {
		file := filepath.Join(t.TempDir(), "lap.ts")
		if old != "" {
			writeFile(t, file, old)
		}
		f := newFake()
		f.breaks = fault.New(fault.Changed, "movie.mp4 changed while it was read")
		r := lilo(t, f, "render", "--out", file)
		if r.code != 7 || oneLineOf(t, r) != "movie.mp4 changed while it was read" {
			t.Errorf("%+v", r)
		}
		if old == "" {
			empty(t, filepath.Dir(file))
			continue
		}
		onlyFile(t, file, int64(len(old)))
	}
}

func TestRenderInterruptedLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f, file := newFake(), filepath.Join(t.TempDir(), "lap.ts")
	f.whileWrite = cancel
	r := liloUntil(ctx, f, "render", "--out", file)
	if r.code != 1 || oneLineOf(t, r) != "interrupted: "+file+" was not written" {
		t.Errorf("%+v", r)
	}
	empty(t, filepath.Dir(file))
}

func TestRenderSaysWhyAFileCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	cases := map[string]string{
		filepath.Join(dir, "none", "lap.ts"): "no such file or directory",
		dir:                                  "it is a directory",
		"/dev/full":                          "no space left on device",
	}
	for file, why := range cases {
		r := lilo(t, newFake(), "render", "--out", file)
		if want := "cannot write " + file + ": " + why; r.code != 6 || oneLineOf(t, r) != want {
			t.Errorf("got %d %q, want %q", r.code, r.err, want)
		}
	}
}

func TestRenderOverflows(t *testing.T) {
	r := lilo(t, newFake(), "render", "--out", "-", "--from", "2562047h", "--for", "1h")
	if r.code != 2 || r.out != "" {
		t.Errorf("%+v", r)
	}
}

func TestProgressBarFits(t *testing.T) {
	for width := range 200 {
		bar := bar("rendering", 0.42, 10*time.Second, width)
		if !strings.Contains(bar, "42 %  00:00:13 left") || (width > 40 && len(bar) >= width) {
			t.Errorf("width %d: %q", width, bar)
		}
	}
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// onlyFile fails unless the file is the only one of its folder and has that length.
func onlyFile(t *testing.T, file string, length int64) {
	t.Helper()
	all, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v (%v)", all, err)
	}
	if info, err := os.Stat(file); err != nil || info.Size() != length {
		t.Errorf("%v, want %d bytes (%v)", info, length, err)
	}
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if all, err := os.ReadDir(dir); err != nil || len(all) != 0 {
		t.Errorf("left behind: %v (%v)", all, err)
	}
}
