package encode

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/lilo-live/lilo/internal/cache"
)

// TestWait has one process wait for the mezzanine of another, and report its progress.
func TestWait(t *testing.T) {
	j, log := newFakeJob(t, "8.0", "2", "")
	entry, err := j.Cache.Use(j.key("ffmpeg version 9.9"))
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := j.lock(t.Context(), entry)
	if err != nil || unlock == nil {
		t.Fatal(err)
	}
	writeFraction(entry, 0.25)
	waiting := make(chan Progress, 100)
	j.Report = func(p Progress) { waiting <- p }
	var group sync.WaitGroup
	var m *cache.Entry
	group.Go(func() { m, err = Make(t.Context(), j) })
	if p := <-waiting; !p.Waiting || p.Fraction != 0.25 {
		t.Errorf("%+v", p)
	}
	if err := entry.Write(fileName, []byte("made")); err != nil {
		t.Fatal(err)
	}
	unlock()
	group.Wait()
	if err != nil || m == nil || m.Path(fileName) != entry.Path(fileName) {
		t.Fatal(m, err)
	}
	m.Close()
	entry.Close()
	if runs, err := os.ReadFile(log); err != nil || bytes.Contains(runs, []byte("-progress")) {
		t.Errorf("the second process encoded: %s, %v", runs, err)
	}
}

// TestTakeOver has a waiting process encode when the other one fails, and end
// when it is cancelled.
func TestTakeOver(t *testing.T) {
	j, _ := newFakeJob(t, "8.0", "2", "")
	entry, err := j.Cache.Use(j.key("ffmpeg version 9.9"))
	if err != nil {
		t.Fatal(err)
	}
	defer entry.Close()
	unlock, err := j.lock(t.Context(), entry)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	j.Report = func(p Progress) {
		if p.Waiting {
			cancel()
		}
	}
	if _, err := Make(ctx, j); err == nil || err.Error() != "interrupted while another process encodes source.mp4" {
		t.Error(err)
	}
	j.Report = func(p Progress) {
		if p.Waiting && unlock != nil {
			unlock()
			unlock = nil
		}
	}
	m, err := Make(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if len(openMezzanine(t, m).Video.Units) != 200 {
		t.Error("the mezzanine is not complete")
	}
	if err := j.Cache.Remove(entry.ID); !errors.Is(err, cache.ErrInUse) {
		t.Error(err)
	}
}
