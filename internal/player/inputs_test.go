package player

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/fault"
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

func pooled(t testing.TB, p *Inputs, spec channel.Spec) *Input {
	t.Helper()
	c, err := p.Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func shut(t testing.TB, all ...*Input) {
	t.Helper()
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestInputsShares(t *testing.T) {
	p, file := NewInputs(LocalOptions()), movie(t, filepath.Join(t.TempDir(), "a.mp4"))
	spec := channel.Spec{Source: file, Name: "one"}
	var all []*Input
	var mu sync.Mutex
	var work sync.WaitGroup
	for range 20 { // All at once.
		work.Go(func() {
			c := pooled(t, p, spec)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, c)
		})
	}
	work.Wait()
	for _, c := range all {
		if c.openSource != all[0].openSource || c.plan != all[0].plan {
			t.Fatal("opened twice")
		}
	}
	spec.Name, spec.M2TS.VideoPID = "two", 700
	named := pooled(t, p, spec)
	if named.openSource != all[0].openSource || named.plan == all[0].plan {
		t.Error("another name shares the index and not the plan")
	}
	spec.MuxRate = 9_000_000
	fast := pooled(t, p, spec)
	if fast.openSource != all[0].openSource || fast.plan.BitRate() < 8_999_000 {
		t.Error("another rate shares the index and not the plan")
	}
	shut(t, all...)
	shut(t, all...) // A second time does nothing.
	render(t, named, 0, time.Second)
	shut(t, named, fast)
	if len(p.open)+len(p.opening) > 0 {
		t.Errorf("%d are left open", len(p.open)+len(p.opening))
	}
	if err := fast.Stream().Fill(make([]byte, 1880), 0); err == nil {
		t.Error("the file is still open")
	}
}

// What is sharedSource says the same bytes as what is not.
func TestInputsChangesNoByte(t *testing.T) {
	p := NewInputs(LocalOptions())
	for _, spec := range []channel.Spec{{Name: "one"}, {Name: "two", M2TS: channel.M2TS{AudioPIDs: []int{99}, PCRPID: 100}}} {
		sharedSource := pooled(t, p, spec)
		defer shut(t, sharedSource)
		if !bytes.Equal(render(t, sharedSource, 0, 3*time.Second), render(t, open(t, spec), 0, 3*time.Second)) {
			t.Errorf("%s differs", spec.Name)
		}
	}
}

func TestInputsOpensWhatWasReplaced(t *testing.T) {
	p, folder := NewInputs(LocalOptions()), t.TempDir()
	file := movie(t, filepath.Join(folder, "a.mp4"))
	spec := channel.Spec{Source: file, Name: "one"}
	before := pooled(t, p, spec)
	other := movie(t, filepath.Join(folder, "b.mp4"))
	if err := os.Chtimes(other, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, file); err != nil {
		t.Fatal(err)
	}
	after := pooled(t, p, spec)
	if after.openSource == before.openSource {
		t.Error("the file that was is played")
	}
	render(t, before, 0, time.Second)
	shut(t, before, after)
}

func TestInputsFails(t *testing.T) {
	p := NewInputs(LocalOptions())
	text := filepath.Join(t.TempDir(), "text.mp4")
	if err := os.WriteFile(text, []byte("no movie at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	for source, kind := range map[string]fault.Kind{text: fault.Media, text + ".none": fault.Source} {
		for range 2 {
			if _, err := p.Open(t.Context(), channel.Spec{Source: source}); fault.KindOf(err) != kind {
				t.Errorf("%s: %v", source, err)
			}
		}
	}
	if _, err := p.Open(t.Context(), channel.Spec{MuxRate: 50_000}); fault.KindOf(err) != fault.Rate {
		t.Error(err)
	}
	if len(p.open)+len(p.opening) > 0 {
		t.Errorf("%d are left open", len(p.open)+len(p.opening))
	}
}

// Who gives up waiting does not keep others from what is being opened.
func TestInputsOpenGivesUp(t *testing.T) {
	p := NewInputs(LocalOptions())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var work sync.WaitGroup
	for i := range 50 {
		work.Go(func() {
			if i%2 == 0 {
				if c, err := p.Open(ctx, channel.Spec{}); err == nil {
					shut(t, c) // It was there before the end was seen.
				}
				return
			}
			c, err := p.Open(t.Context(), channel.Spec{}) //nolint:contextcheck // This one does not give up.
			if err != nil {
				t.Error(err)
				return
			}
			shut(t, c)
		})
	}
	work.Wait()
	if len(p.open)+len(p.opening) > 0 {
		t.Errorf("%d are left open", len(p.open)+len(p.opening))
	}
}

// Channels of a remote source share what is fetched; whether it is still the same
// is asked for each that comes later.
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
	p := NewInputs(LocalOptions())
	spec := channel.Spec{Source: server.URL + "/clip.mp4", Name: "one"}
	first := pooled(t, p, spec)
	first.OnAir()
	render(t, first, 0, time.Second)
	second := pooled(t, p, spec)
	if second.openSource != first.openSource {
		t.Error("fetched twice")
	}
	etag.Store(`"two"`)
	third := pooled(t, p, spec)
	if third.openSource == first.openSource {
		t.Error("another version is taken for the same")
	}
	shut(t, first)
	render(t, second, 0, 12*time.Second)
	shut(t, second, third)
	if len(p.open)+len(p.opening) > 0 {
		t.Errorf("%d are left open", len(p.open)+len(p.opening))
	}
}
