package hls

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/mp4"
)

// epoch is when the timelines of the tests begin.
var epoch = time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC)

// bundled is the loop of the clip.
func bundled(t testing.TB) *loop.Loop {
	t.Helper()
	r, size := clip.Open()
	f, err := mp4.Open(r, size)
	if err != nil {
		t.Fatal(err)
	}
	l, err := loop.New(f.Asset)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func timeline(t testing.TB, parts ...Part) *Timeline {
	t.Helper()
	tl, err := New(parts...)
	if err != nil {
		t.Fatal(err)
	}
	return tl
}
