package player

import (
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/encode"
	"github.com/lilo-live/lilo/internal/source"
)

// The time left follows from what was done since the work was first seen, not from what
// the cache had.
func TestWorkTellsTheTimeLeft(t *testing.T) {
	now := time.Unix(1000, 0)
	w := work{clock: func() time.Time { return now }}
	if _, ok := w.now(); ok {
		t.Error("there is work before any was told")
	}
	for _, step := range []struct {
		after time.Duration
		do    func()
		want  Work
	}{
		{0, func() { w.fetching(source.Progress{Have: 50, Size: -1}) }, Work{}},
		{0, func() { w.fetching(source.Progress{Have: 50, Size: 100}) }, Work{Share: 0.5, Left: 0}},
		{10 * time.Second, func() { w.fetching(source.Progress{Have: 75, Size: 100}) }, Work{Share: 0.75, Left: 10 * time.Second / 3}},
		{time.Second, func() { w.encoding(encode.Progress{Waiting: true, Fraction: 0.2}) }, Work{Encoding: true, Waiting: true, Share: 0.2}},
		{4 * time.Second, func() { w.encoding(encode.Progress{Fraction: 0.2}) }, Work{Encoding: true, Share: 0.2}},
		{4 * time.Second, func() { w.encoding(encode.Progress{Fraction: 0.4}) }, Work{Encoding: true, Share: 0.4, Left: 12 * time.Second}},
	} {
		now = now.Add(step.after)
		step.do()
		got, _ := w.now()
		if got.Left = got.Left.Round(time.Millisecond); got != (Work{step.want.Encoding, step.want.Waiting, step.want.Share, step.want.Left.Round(time.Millisecond)}) {
			t.Errorf("at %v: %+v, want %+v", now.Unix(), got, step.want)
		}
	}
}
