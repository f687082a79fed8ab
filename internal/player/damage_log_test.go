package player

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/media"
)

// TestDamageLog adds the damage of a lap of one second for a day.
func TestDamageLog(t *testing.T) {
	var out bytes.Buffer
	l := damageLog{log: slog.New(slog.NewTextHandler(&out, nil)), channel: "one"}
	for s := range 24 * 3600 {
		l.add(media.DamageError{Units: 2, Text: "empty"}, time.Duration(s)*time.Second)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	// At 0, 1, 3, 7, 15, … minutes.
	if len(lines) != 11 || !strings.Contains(lines[0], "channel=one left_out=2 last=empty") || !strings.Contains(lines[1], "left_out=122 ") {
		t.Errorf("%d lines:\n%s", len(lines), out.String())
	}
	(&damageLog{}).add(media.DamageError{Units: 1}, 0)
}
