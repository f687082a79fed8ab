package encode

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/source"
)

// testSource is a source that counts how often it is closed.
type testSource struct {
	io.ReaderAt
	closed int
}

func (s *testSource) Size() int64      { return 6 }
func (s *testSource) Identity() string { return "test" }
func (s *testSource) Close() error     { s.closed++; return nil }

// testRemote is a remote source that has been downloaded to path.
type testRemote struct {
	source.Remote
	testSource
	path string
}

func (r *testRemote) Size() int64      { return r.testSource.Size() }
func (r *testRemote) Identity() string { return "remote" }
func (r *testRemote) Close() error     { return r.testSource.Close() }

func (r *testRemote) ReadAt(p []byte, off int64) (int, error)           { return r.testSource.ReadAt(p, off) }
func (r *testRemote) Download(context.Context) (path string, err error) { return r.path, nil }

func TestOpen(t *testing.T) {
	j, log := newFakeJob(t, "8.0", "2", "")
	t.Setenv(pathVariable, j.Env(""))
	t.Setenv("LILO_CACHE", j.Cache.Dir())
	t.Setenv("LILO_CACHE_SIZE", "")
	path, err := j.Input(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	copied := testSource{ReaderAt: strings.NewReader("source")}
	downloaded := testRemote{testSource: testSource{ReaderAt: strings.NewReader("source")}, path: filepath.Join(filepath.Dir(path), "downloaded.mp4")}
	if err := os.WriteFile(downloaded.path, []byte("source"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, reads string
		src         source.Source
		closed      *int
	}{
		{"", tempPrefix + "source", &copied, &copied.closed},
		{"https://host/movie.mp4?secret", "downloaded.mp4", &downloaded, &downloaded.closed},
	} {
		got, err := OpenMezzanine(t.Context(), c.src, c.name, &j.Settings, nil)
		if err != nil {
			t.Fatal(err)
		}
		if *c.closed != 1 || got.Identity() == c.src.Identity() || got.Size() < 1000 {
			t.Errorf("%q: closed %d times, identity %s, %d bytes", c.name, *c.closed, got.Identity(), got.Size())
		}
		if runs, err := os.ReadFile(log); err != nil || !strings.Contains(string(runs), c.reads) {
			t.Errorf("%q: ffmpeg did not read %s: %s, %v", c.name, c.reads, runs, err)
		}
		entries, err := j.Cache.List()
		if err != nil || len(entries) != 1 || !entries[0].InUse || strings.Contains(entries[0].Name, "secret") || entries[0].Size != got.Size() {
			t.Fatalf("%q: in the cache: %+v, %v", c.name, entries, err)
		}
		if err := got.Close(); err != nil {
			t.Error(err)
		}
		if err := j.Cache.Remove(entries[0].ID); err != nil {
			t.Errorf("%q: in use after Close: %v", c.name, err)
		}
	}
}

// TestOpenFails checks that an error leaves the source open.
func TestOpenFails(t *testing.T) {
	src := &testSource{ReaderAt: strings.NewReader("source")}
	settings, _ := channel.Preset("avc")
	check := func(want string, kind fault.Kind, settings *channel.Encode) {
		t.Helper()
		got, err := OpenMezzanine(t.Context(), src, "", settings, nil)
		if got != source.Source(src) || src.closed != 0 || (err == nil) != (want == "") {
			t.Fatalf("%v, closed %d times", err, src.closed)
		}
		if err != nil && (fault.KindOf(err) != kind || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	check("", 0, nil)
	t.Setenv("LILO_CACHE_SIZE", "big")
	check("LILO_CACHE_SIZE", fault.Usage, &settings)
	t.Setenv("LILO_CACHE_SIZE", "")
	t.Setenv("LILO_CACHE", t.TempDir())
	t.Setenv(pathVariable, "/nowhere/ffmpeg")
	check("/nowhere/ffmpeg was not found", fault.Usage, &settings)
	if err := writeFile(filepath.Join(t.TempDir(), "none", "x"), strings.NewReader("")); fault.KindOf(err) != fault.Source {
		t.Error(err)
	}
}
