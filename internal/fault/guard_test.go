package fault

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	var log bytes.Buffer
	g := &Guard{Log: slog.New(slog.NewTextHandler(&log, nil))}
	cause := errors.New("as it is")
	if err := g.Do("reading", func() error { return cause }); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	var none map[string]int
	for range 3 {
		err := g.Do("reading channel 7", func() error { none["x"] = 1; return nil })
		if KindOf(err) != Internal || !strings.HasPrefix(err.Error(), "reading channel 7 failed through a bug in LILO (assignment to entry in nil map") || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v", err)
		}
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), "guard_test.go") {
		t.Errorf("logged %d times: %s", n, log.String())
	}
	for i := range 2 * maxSeen {
		_ = g.Do("reading", func() error { panic(i) })
	}
	if len(g.seen) > maxSeen {
		t.Errorf("%d panics are remembered", len(g.seen))
	}
}
