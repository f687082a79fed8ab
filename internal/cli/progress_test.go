package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestProgressLineCountsTheTimeOfWhatIsDone(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "not a terminal"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out board
	clock := &quick{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	shows := func(want string) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !strings.HasSuffix(out.String(), want); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%q does not end with %q", out.String(), want)
			}
		}
	}
	l := newProgressLine(terminal{Writer: &out, file: file}, clock.Now, time.Second)
	l.time("one")
	time.Sleep(250 * time.Millisecond) // Two ticks, but the delay has not passed by the clock.
	if out.String() != "" {
		t.Errorf("shown too early: %q", out.String())
	}
	_ = clock.wait(t.Context(), 61*time.Second)
	shows("\rone  00:01:01\x1b[K")
	l.time("one") // Its time goes on.
	_ = clock.wait(t.Context(), time.Second)
	shows("\rone  00:01:02\x1b[K")
	l.time("two")
	shows("\rtwo  00:00:00\x1b[K")
	l.show(func(spent time.Duration) string { return bar("three", 0.5, spent, 20) })
	shows("\rthree  50 %  00:00:00 left\x1b[K")
	l.close()
	shows("\r\x1b[K")
}
