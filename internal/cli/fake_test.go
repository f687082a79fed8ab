package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/packet"
	"github.com/lilo-live/lilo/internal/player"
)

// result is what a command line did.
type result struct {
	code     int
	out, err string
}

// lilo runs a command line in this process. render and probe use the fake.
func lilo(t *testing.T, f *fake, args ...string) result {
	t.Helper()
	return liloUntil(t.Context(), f, args...)
}

func liloUntil(ctx context.Context, f *fake, args ...string) result {
	var out, err bytes.Buffer
	p := New(&out, &err, os.Getenv)
	p.now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	p.open = func(_ context.Context, s channel.Spec) (playlist, error) {
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

// fake is a playlist of 400 null packets a second whose errors are the test's.
type fake struct {
	spec       channel.Spec
	report     player.Report
	fails      error // of opening
	breaks     error // of rendering, after it has written something
	from, to   time.Duration
	whileWrite func()

	encoded     channel.Spec // what was encoded here
	whileEncode func()
}

const fakeLap = 4000 // packets

func newFake() *fake {
	return &fake{report: player.Report{
		Source: "movie.mp4", Container: "progressive MP4", Bytes: 828_074, Loops: true,
		LoopLength: "10.000000 s", LoopSeconds: 10, JoinSeconds: 2, MuxRate: fakeLap * 188 * 8 / 10, PacketsALap: fakeLap,
		Tracks: []player.Track{
			{
				ID: 1, Kind: "video", Coding: "H.264 High@3.1 1280x720", PID: 481, Units: 250, Rate: "25 fps",
				BitRate: 662_000, Seconds: 10, Buffer: "within its level's buffer",
				StreamType: 0x1b, Width: 1280, Height: 720, Framerate: media.Rational{Num: 25, Den: 1}, PeakBitRate: 700_000,
			},
			{
				ID: 2, Kind: "audio", Coding: "AAC-LC 48000 Hz stereo", Language: "eng", PID: 482, Units: 469,
				Rate: "48000 Hz", BitRate: 17_600, Seconds: 10,
			},
		},
		Notes: []media.Note{media.NewNote(media.NoteSoundCut, 2, "audio track 2 is 5 ms longer than the lap: cut")},
	}}
}

func (f *fake) Report() player.Report           { return f.report }
func (f *fake) Close() error                    { return nil }
func (*fake) Due(n packet.Number) time.Duration { return time.Duration(n) * fakePacket }

const fakePacket = 2500 * time.Microsecond

func (f *fake) Render(ctx context.Context, w io.Writer, from, to time.Duration, _ func(float64)) (packet.Number, error) {
	f.from, f.to = from, to
	n := int((to - from) / fakePacket)
	null := append([]byte{0x47, 0x1f, 0xff, 0x10}, bytes.Repeat([]byte{0xff}, 184)...)
	if _, err := w.Write(bytes.Repeat(null, n)); err != nil {
		return 0, err
	}
	if f.whileWrite != nil {
		f.whileWrite()
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return packet.Number(n), f.breaks
}

// oneLineOf fails unless the command wrote exactly one line of error, which it returns.
func oneLineOf(t *testing.T, r result) string {
	t.Helper()
	if strings.Count(r.err, "\n") != 1 || !strings.HasPrefix(r.err, "lilo: ") {
		t.Errorf("not one line of error: %q", r.err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(r.err, "lilo: "), "\n")
}
