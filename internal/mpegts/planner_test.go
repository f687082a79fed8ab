package mpegts

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/media"
)

// Where the rate leaves no room beside the audio, a picture would be sent in no
// lap: the search must end all the same, and go on to a higher rate.
func TestNoRoomBesideAudio(t *testing.T) {
	level := media.Buffer{Leak: 115_200, Size: 26_250, Drain: 76_800, Mux: 1333}
	for _, f := range []film{
		{timescale: 25, step: 1, pictures: 26, bitRate: 2215, gop: 100, peak: 19, audio: audioOf(4), audioLen: 1, audioRate: 35_271, level: level, seed: 21},
		{timescale: 25, step: 1, pictures: 26, bitRate: 14_696, gop: 100, peak: 10, audio: audioOf(5), audioLen: 1, audioRate: 48_070, level: level, seed: 58},
	} {
		planned(t, f, 0)
		planned(t, f, 150_000)
	}
}

// A picture of a second is in time where the timescale has no shorter one.
func TestTimescaleOfSeconds(t *testing.T) {
	f := film{timescale: 1, step: 1, pictures: 10, bitRate: 34_000, gop: 10, peak: 2, audio: audioOf(1), audioLen: 1, audioRate: 65_000, level: media.Buffer{Leak: 460_800, Size: 150_000, Drain: 460_800, Mux: 1333}}
	planned(t, f, 0)
	if p := planOf(t, f, 0); p.BitRate() > 400_000 || p.ExceedsLevel {
		t.Errorf("%d bit/s, exceeds its level %v", p.BitRate(), p.ExceedsLevel)
	}
}

func TestPlanningIsInterrupted(t *testing.T) {
	l, err := loop.New(films["video only"].asset())
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []media.BitRate{0, 20_000_000} {
		ctx := new(expiring)
		if p, err := New(ctx, l, Config{MuxRate: rate}); p != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, %v", p, err)
		}
		if ctx.looks > 40 {
			t.Errorf("it went on for %d looks at its context", ctx.looks)
		}
	}
}

// expiring is a context that is done after one look at it.
type expiring struct{ looks int }

func (*expiring) Deadline() (at time.Time, ok bool) { return time.Time{}, false }
func (*expiring) Done() <-chan struct{}             { return nil }
func (*expiring) Value(any) any                     { return nil }

func (c *expiring) Err() error {
	if c.looks++; c.looks > 1 {
		return context.Canceled
	}
	return nil
}

// A stream that declares a smaller buffer than its level's has that, unless a
// picture does not fit it: then the level's.
func TestDeclaredBuffer(t *testing.T) {
	f := film{timescale: 25, step: 1, pictures: 50, bitRate: 300_000, gop: 12, peak: 2, level: media.Buffer{Leak: 18_000_000, Size: 6144, Level: 229_376, Drain: 15_000_000, Mux: 10_000}}
	if p := planOf(t, f, 0); p.keeps != declaredLimits || p.video.room != 6144/payloadSize || p.ExceedsLevel {
		t.Errorf("limits %d, a buffer of %d packets", p.keeps, p.video.room)
	}
	planned(t, f, 0)
	f.peak = 8
	p := planOf(t, f, 0)
	if p.keeps != levelLimits || p.video.room != 229_376/payloadSize || p.ExceedsLevel {
		t.Errorf("with larger pictures: limits %d, a buffer of %d packets, exceeds its level %v", p.keeps, p.video.room, p.ExceedsLevel)
	}
	if q := planOf(t, f, p.BitRate()+1000); q.keeps != levelLimits {
		t.Errorf("at a rate of its own: limits %d", q.keeps)
	}
}
