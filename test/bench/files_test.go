//go:build bench && linux

package bench

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

func (b *bench) clip() string     { return filepath.Join(b.work, "clip.mp4") }
func (b *bench) twoHours() string { return filepath.Join(b.work, "two-hours.mp4") }
func (b *bench) stream() string   { return filepath.Join(b.work, "clip.ts") }

// makeFiles makes the files that are played: ten seconds of 1280x720 at 25 fps with
// 4.4 Mb/s; two hours at a low rate, whose index is what counts; and a transport
// stream of constant rate for the peers that do not read MP4.
func (b *bench) makeFiles(ctx context.Context, _ *report) error {
	short := filepath.Join(b.work, "short.mp4")
	const noisy = "testsrc2=size=1280x720:rate=25:duration=10,noise=alls=12:allf=t"
	for _, args := range [][]string{
		encode(noisy, 10, "4270k", b.clip()),
		encode("testsrc2=size=320x180:rate=25:duration=60", 60, "150k", short),
		{"-stream_loop", "119", "-i", short, "-c", "copy", b.twoHours()},
		{"-i", b.clip(), "-c", "copy", "-muxrate", "5400k", "-f", "mpegts", b.stream()},
	} {
		if err := ffmpeg(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func ffmpeg(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "ffmpeg", append([]string{"-v", "error", "-y"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("ffmpeg %v: %w: %s", args, err, out)
	}
	return nil
}

func encode(picture string, seconds int, rate, file string) []string {
	return []string{
		"-f", "lavfi", "-i", picture,
		"-f", "lavfi", "-i", fmt.Sprintf("sine=frequency=440:sample_rate=48000:duration=%d", seconds), "-ac", "2",
		"-c:v", "libx264", "-preset", "veryfast", "-b:v", rate, "-maxrate", rate, "-bufsize", rate,
		"-g", "50", "-bf", "2", "-sc_threshold", "0", "-x264-params", "open-gop=0:nal-hrd=cbr",
		"-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-t", fmt.Sprint(seconds), file,
	}
}
