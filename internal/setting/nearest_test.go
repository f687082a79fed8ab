package setting

import (
	"strings"
	"testing"
	"time"
)

func TestNearest(t *testing.T) {
	known := []string{"run", "render", "probe", "region", "repeat", "--x", "CABAC", "name", "48000"}
	for word, want := range map[string]string{
		"rnu": "run", "run": "run", "rumm": "", "prob": "probe", "prboe": "probe", "pr": "probe", "cabac": "CABAC", "rende": "render",
		"regoin": "region", "re": "", "base": "", "teleport": "", "": "", "r": "", "96000": "", "rennnder": "render", "rennnnder": "",
		strings.Repeat("x", 1<<20): "",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%.20q: got %q, want %q", word, got, want)
		}
	}
}

func TestDurations(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"1d": day, "2d12h": 60 * time.Hour, "1.5d": 36 * time.Hour, ".5d1ms": 12*time.Hour + time.Millisecond, "0d": 0, "106751d": 106751 * day,
		"8ms": 8 * time.Millisecond, "36h": 36 * time.Hour, "+1h": time.Hour,
	} {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"d", "1", "1d1", "1d1d", "1h1d", "-1d", "1d-1h", "1d+1h", "106752d", "106751d24h", "1e2d", "+1d", "inf", "1 d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%s: %v", text, got)
		}
	}
}
