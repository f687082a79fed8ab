package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/output/hls"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
	"github.com/lilo-live/lilo/internal/playout"
	remote "github.com/lilo-live/lilo/internal/source"
)

// result is what a command line did.
type result struct {
	code     int
	out, err string
}

// lilo runs a command line in this process, with the fake as its engine.
func lilo(t *testing.T, f *fake, args ...string) result {
	t.Helper()
	return liloUntil(t.Context(), f, args...)
}

func liloUntil(ctx context.Context, f *fake, args ...string) result {
	var out, err bytes.Buffer
	p := New(&out, &err, func(string) string { return "" })
	p.now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	p.open = func(_ context.Context, s channel.Spec) (source, error) {
		f.spec = s
		if f.fails != nil {
			return nil, f.fails
		}
		return f, nil
	}
	p.probe = func(_ context.Context, s channel.Spec) (player.Report, error) {
		f.spec = s
		return f.report, f.fails
	}
	code := p.Run(ctx, args)
	return result{code, out.String(), err.String()}
}

// fake is an engine whose packets are null packets and whose faults are the test's.
type fake struct {
	spec       channel.Spec
	report     player.Report
	fails      error // what opening says
	breaks     error // what rendering says after it wrote something
	from, to   time.Duration
	whileWrite func()
}

const fakeLap = 4000 // packets

func newFake() *fake {
	return &fake{report: player.Report{
		Source: "movie.mp4", Container: "progressive MP4", Bytes: 828_074, Loops: true,
		LoopLength: "10.000000 s", LoopSeconds: 10, MuxRate: fakeLap * 188 * 8 / 10, PacketsALap: fakeLap,
		Tracks: []player.Track{
			{
				ID: 1, Kind: "video", Coding: "H.264 High@3.1 1280x720", PID: 481, Units: 250, Rate: "25 fps",
				BitRate: 662_000, Seconds: 10, Buffer: "within its level's buffer",
			},
			{
				ID: 2, Kind: "audio", Coding: "AAC-LC 48000 Hz stereo", Language: "eng", PID: 482, Units: 469,
				Rate: "48000 Hz", BitRate: 17_600, Seconds: 10,
			},
		},
		Adjustments: []string{"audio track 2 is 5 ms longer than the lap: cut"},
	}}
}

func (f *fake) Report() player.Report  { return f.report }
func (f *fake) Stream() playout.Stream { return fakeStream{} }
func (f *fake) SSRC() uint32           { return 1 }
func (f *fake) Load() error            { return nil }
func (f *fake) OnAir()                 {}
func (f *fake) Close() error           { return nil }

func (f *fake) HLS(time.Time) (*hls.Timeline, error) {
	return nil, fault.New(fault.Media, "null packets make no HLS")
}

func (f *fake) Fetched() (remote.Progress, bool) { return remote.Progress{}, false }

func (f *fake) Render(ctx context.Context, w io.Writer, from, to time.Duration, _ func(float64)) (int64, error) {
	f.from, f.to = from, to
	s := fakeStream{}
	first, last := s.Before(from), s.Before(to)
	buf := make([]byte, (last-first)*packet.Size)
	s.Idle(buf, first)
	if _, err := w.Write(buf); err != nil {
		return 0, err
	}
	if f.whileWrite != nil {
		f.whileWrite()
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return last - first, f.breaks
}

// fakeStream is 400 null packets a second.
type fakeStream struct{}

const fakePacket = 2500 * time.Microsecond

func (s fakeStream) Fill(dst []byte, n int64) error { s.Idle(dst, n); return nil }

func (fakeStream) Idle(dst []byte, _ int64) {
	null := append([]byte{0x47, 0x1f, 0xff, 0x10}, bytes.Repeat([]byte{0xff}, 184)...)
	for i := 0; i < len(dst); i += packet.Size {
		copy(dst[i:], null)
	}
}

func (fakeStream) Due(n int64) time.Duration { return time.Duration(n) * fakePacket }
func (fakeStream) Before(d time.Duration) int64 {
	return int64((max(0, d) + fakePacket - 1) / fakePacket)
}
func (fakeStream) RTPTime(n int64) uint32 { return uint32(n * 225) }
func (fakeStream) BitRate() int64         { return fakeLap * 188 * 8 / 10 }
func (fakeStream) Lap(n int64) int64      { return n / fakeLap }

// oneLineOf fails unless the command wrote exactly one line of error, which it returns.
func oneLineOf(t *testing.T, r result) string {
	t.Helper()
	if strings.Count(r.err, "\n") != 1 || !strings.HasPrefix(r.err, "lilo: ") {
		t.Errorf("not one line of error: %q", r.err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(r.err, "lilo: "), "\n")
}
