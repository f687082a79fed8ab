package player

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/mpegts"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/source"
)

// movie writes the bundled clip to a file.
func movie(t testing.TB, path string) string {
	t.Helper()
	r, size := clip.Open()
	b, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err == nil {
		err = os.WriteFile(path, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// take opens an input that shares its source with others of p.
func take(t testing.TB, p *inputs, spec channel.Spec) *input {
	t.Helper()
	c, err := p.open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func closeAll(t testing.TB, all ...*input) {
	t.Helper()
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestInputsShares(t *testing.T) {
	p, file := newInputs(LocalOptions()), movie(t, filepath.Join(t.TempDir(), "a.mp4"))
	spec := channel.Spec{Source: file, Name: "one"}
	var all []*input
	var mu sync.Mutex
	var work sync.WaitGroup
	for range 20 { // All at once.
		work.Go(func() {
			c := take(t, p, spec)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, c)
		})
	}
	work.Wait()
	for _, c := range all {
		if c.openedSource != all[0].openedSource || c.plan != all[0].plan {
			t.Fatal("opened twice")
		}
	}
	spec.Name, spec.M2TS.VideoPID = "two", 700
	named := take(t, p, spec)
	if named.openedSource != all[0].openedSource || named.plan == all[0].plan {
		t.Error("another name shares the index and not the plan")
	}
	spec.MuxRate = 9_000_000
	fast := take(t, p, spec)
	if fast.openedSource != all[0].openedSource || fast.plan.BitRate() < 8_999_000 {
		t.Error("another rate shares the index and not the plan")
	}
	closeAll(t, all...)
	closeAll(t, all...) // A second time does nothing.
	render(t, newPlaylist(named, false), 0, time.Second)
	closeAll(t, named, fast)
	if len(p.byIdentity)+len(p.byName) > 0 {
		t.Errorf("%d are left open", len(p.byIdentity)+len(p.byName))
	}
	if err := fast.plan.NewEntry(mpegts.Origin{}, false).NewMuxer().Fill(make([]byte, 1880), 0); err == nil {
		t.Error("the file is still open")
	}
}

// An input that shares its source makes the same bytes as one that does not.
func TestInputsChangesNoByte(t *testing.T) {
	p := newInputs(LocalOptions())
	for _, spec := range []channel.Spec{{Name: "one"}, {Name: "two", M2TS: m2ts.Layout{AudioPIDs: []packet.PID{99}, PCRPID: 100}}} {
		shared := take(t, p, spec)
		defer closeAll(t, shared)
		if !bytes.Equal(render(t, newPlaylist(shared, false), 0, 3*time.Second), render(t, open(t, spec), 0, 3*time.Second)) {
			t.Errorf("%s differs", spec.Name)
		}
	}
}

func TestInputsOpensWhatWasReplaced(t *testing.T) {
	p, folder := newInputs(LocalOptions()), t.TempDir()
	file := movie(t, filepath.Join(folder, "a.mp4"))
	spec := channel.Spec{Source: file, Name: "one"}
	before := take(t, p, spec)
	other := movie(t, filepath.Join(folder, "b.mp4"))
	if err := os.Chtimes(other, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, file); err != nil {
		t.Fatal(err)
	}
	after := take(t, p, spec)
	if after.openedSource == before.openedSource {
		t.Error("the file that was is played")
	}
	render(t, newPlaylist(before, false), 0, time.Second)
	closeAll(t, before, after)
}

func TestInputsFails(t *testing.T) {
	p := newInputs(LocalOptions())
	text := filepath.Join(t.TempDir(), "text.mp4")
	if err := os.WriteFile(text, []byte("no movie at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	for source, kind := range map[string]fault.Kind{text: fault.Media, text + ".none": fault.Source} {
		for range 2 {
			if _, err := p.open(t.Context(), channel.Spec{Source: source}); fault.KindOf(err) != kind {
				t.Errorf("%s: %v", source, err)
			}
		}
	}
	if _, err := p.open(t.Context(), channel.Spec{MuxRate: 50_000}); fault.KindOf(err) != fault.Rate {
		t.Error(err)
	}
	if len(p.byIdentity)+len(p.byName) > 0 {
		t.Errorf("%d are left open", len(p.byIdentity)+len(p.byName))
	}
}

// panickySource is a source that panics when its index is read.
type panickySource struct{ source.Source }

func (panickySource) Size() int64 { panic("a test") }

// Who opens a source that panics gets an error, whoever it is, and others play.
func TestInputsPanics(t *testing.T) {
	var log bytes.Buffer
	o := LocalOptions()
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	p := newInputs(o)
	p.opts.OpenSource = func(ctx context.Context, name string, o source.Options) (source.Source, error) {
		if name == "worst.mp4" {
			panic("a test")
		}
		s, err := source.Open(ctx, "", o)
		if name == "bad.mp4" {
			s = panickySource{s}
		}
		return s, err
	}
	for _, name := range []string{"worst.mp4", "bad.mp4", "bad.mp4"} {
		if _, err := p.open(t.Context(), channel.Spec{Source: name}); fault.KindOf(err) != fault.Internal || !strings.HasPrefix(err.Error(), "opening "+name+" failed through a bug in LILO (a test)") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := strings.Count(log.String(), "inputs_test.go"); n < 2 || strings.Count(log.String(), "level=ERROR") != 2 {
		t.Errorf("logged %s", log.String())
	}
	good, err := p.open(t.Context(), channel.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	closeAll(t, good)
	if len(p.byIdentity)+len(p.byName) > 0 {
		t.Errorf("%d are left open", len(p.byIdentity)+len(p.byName))
	}
}

// A caller that gives up does not affect others that wait for the same source.
func TestInputsOpenGivesUp(t *testing.T) {
	p := newInputs(LocalOptions())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var work sync.WaitGroup
	for i := range 50 {
		work.Go(func() {
			if i%2 == 0 {
				if c, err := p.open(ctx, channel.Spec{}); err == nil {
					closeAll(t, c) // It was open before ctx was seen to be done.
				}
				return
			}
			c, err := p.open(t.Context(), channel.Spec{}) //nolint:contextcheck // This one does not give up.
			if err != nil {
				t.Error(err)
				return
			}
			closeAll(t, c)
		})
	}
	work.Wait()
	if len(p.byIdentity)+len(p.byName) > 0 {
		t.Errorf("%d are left open", len(p.byIdentity)+len(p.byName))
	}
}

// Inputs of a remote source share what is fetched. Each later one checks whether it
// is still the same.
func TestInputsSharesRemote(t *testing.T) {
	t.Setenv("LILO_CACHE", t.TempDir())
	clipReader, size := clip.Open()
	var etag atomic.Value
	etag.Store(`"one"`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag.Load().(string))
		http.ServeContent(w, r, "clip.mp4", time.Time{}, io.NewSectionReader(clipReader, 0, size))
	}))
	defer server.Close()
	p := newInputs(LocalOptions())
	spec := channel.Spec{Source: server.URL + "/clip.mp4", Name: "one"}
	first := take(t, p, spec)
	first.onAir()
	render(t, newPlaylist(first, false), 0, time.Second)
	second := take(t, p, spec)
	if second.openedSource != first.openedSource {
		t.Error("fetched twice")
	}
	etag.Store(`"two"`)
	third := take(t, p, spec)
	if third.openedSource == first.openedSource {
		t.Error("another version is taken for the same")
	}
	closeAll(t, first)
	render(t, newPlaylist(second, false), 0, 12*time.Second)
	closeAll(t, second, third)
	if len(p.byIdentity)+len(p.byName) > 0 {
		t.Errorf("%d are left open", len(p.byIdentity)+len(p.byName))
	}
}

// Each input reads a URL as its own user, whoever else has it open or cached.
func TestLogins(t *testing.T) {
	t.Setenv("LILO_CACHE", t.TempDir())
	t.Setenv("NETRC", "/nowhere")
	files := map[string]string{"me": movie(t, filepath.Join(t.TempDir(), "me.mp4")), "you": movie(t, filepath.Join(t.TempDir(), "you.mp4"))}
	var refused atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if password != "secret of /"+user {
			refused.Add(1)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.ServeFile(w, r, files[user])
	}))
	defer server.Close()
	o := LocalOptions()
	o.Password = func(parameter string) (string, error) { return "secret of " + parameter, nil }
	p := newInputs(o)
	s := channel.Default()
	s.Source = server.URL + "/a.mp4"
	var all []*input
	for _, user := range []string{"me", "you", "me"} {
		s.Login = channel.Login{User: user, Parameter: "/" + user}
		in, err := p.open(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		all = append(all, in)
	}
	if all[0].openedSource == all[1].openedSource || all[0].openedSource != all[2].openedSource || refused.Load() > 0 {
		t.Errorf("logins are mixed up: %d requests were refused", refused.Load())
	}
	s.Login = channel.Login{}
	if _, err := p.open(t.Context(), s); fault.KindOf(err) != fault.Source {
		t.Errorf("anyone reads it: %v", err)
	}
}
