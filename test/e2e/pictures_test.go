//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/player"
)

// codings are encoders, each with what makes another structure of GOPs.
var codings = map[string]string{
	"H.264, P pictures":                    "-c:v libx264 -bf 0 -g 25",
	"H.264, closed GOPs":                   "-c:v libx264 -bf 2 -g 25",
	"H.264, B pyramid":                     "-c:v libx264 -bf 3 -x264-params b-pyramid=normal:keyint=30:b-adapt=0:scenecut=0",
	"H.264, interlaced":                    "-c:v libx264 -flags +ilme+ildct -x264-params tff=1:keyint=25:bframes=2",
	"H.264, one IDR picture":               "-c:v libx264 -bf 3 -g 1000",
	"H.264, intra refresh, from its start": "-c:v libx264 -x264-params intra-refresh=1:keyint=25",
	"HEVC, closed GOPs":                    "-c:v libx265 -tag:v hvc1 -x265-params log-level=none:keyint=25:bframes=4:open-gop=0",
	"HEVC, open GOPs":                      "-c:v libx265 -tag:v hvc1 -x265-params log-level=none:keyint=25:bframes=4:open-gop=1",
	"MPEG-2, open GOPs":                    "-c:v mpeg2video -bf 2 -g 12 -b:v 500k",
	"MPEG-2, closed GOPs":                  "-c:v mpeg2video -bf 2 -g 12 -b:v 500k -flags +cgop -sc_threshold 1000000000",
	"H.264, open GOPs":                     "-c:v libx264 -bf 3 -x264-params open-gop=1:keyint=25:b-adapt=0",
	"H.264, open GOPs, few references":     "-c:v libx264 -bf 3 -x264-params open-gop=1:keyint=25:b-adapt=0:bluray-compat=1:ref=4:slices=4",
}

// containers are forms of the same cut.
var containers = []string{"", "-movflags frag_keyframe+empty_moov", "-movflags +negative_cts_offsets", "-use_editlist 0", "-video_track_timescale 25"}

// TestEveryPictureIsShown cuts files of many encoders at random places, without
// encoding, and compares what an independent decoder shows of three laps with what it
// shows of the file: all of it, once in every lap, in order, at an even distance.
func TestEveryPictureIsShown(t *testing.T) {
	long(t)
	r := rand.New(rand.NewPCG(13, 5))
	for _, name := range slices.Sorted(maps.Keys(codings)) {
		dir := t.TempDir()
		whole := filepath.Join(dir, "whole.mp4")
		args := strings.Fields("-v error -y -f lavfi -i testsrc2=size=160x96:rate=25:duration=4 -threads 1 -pix_fmt yuv420p " + codings[name])
		tool(t, "ffmpeg", append(args, whole)...)
		for n := range 5 {
			from, long := r.Float64()*1.5, 0.6+r.Float64()*1.5
			if strings.Contains(name, "from") {
				from = 0 // A lap cannot begin where pictures recover little by little.
			}
			t.Run(fmt.Sprintf("%s, %.3f s from %.3f s, %s", name, long, from, containers[n]), func(t *testing.T) {
				cut := filepath.Join(dir, fmt.Sprintf("cut%d.mp4", n))
				args := fmt.Sprintf("-v error -y -ss %.3f -t %.3f -i %s -c copy %s %s", from, long, whole, containers[n], cut)
				tool(t, "ffmpeg", strings.Fields(args)...)
				checkLaps(t, cut)
			})
		}
	}
}

// checkLaps compares three laps of a file with the file.
func checkLaps(t *testing.T, file string) {
	t.Helper()
	const laps = 3
	var report player.Report
	if err := json.Unmarshal(lilo(t, 0, "probe", "--json", file).out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	rendered := filepath.Join(t.TempDir(), "laps.ts")
	length := fmt.Sprintf("%.3fs", laps*report.LoopSeconds+1) // A picture is sent up to a second early.
	lilo(t, 0, "render", "--whole", "--for", length, "--out", rendered, file)
	want, _ := shownPictures(t, file)
	got, errs := shownPictures(t, rendered)
	if errs != "" {
		t.Errorf("ffmpeg: %s", errs)
	}
	pictures := int(report.LoopSeconds*25 + 0.5)
	if len(got) < laps*pictures {
		t.Fatalf("%d pictures of %d laps of %d are shown", len(got), laps, pictures)
	}
	for i, p := range got[:laps*pictures] {
		if p.sum != got[i%pictures].sum {
			t.Fatalf("picture %d of lap %d is another than that of lap 0", i%pictures, i/pictures)
		}
		if i > 0 && p.pts-got[i-1].pts != 3600 {
			t.Errorf("picture %d of lap %d is shown %d ticks after the one before", i%pictures, i/pictures, p.pts-got[i-1].pts)
		}
	}
	for first := range pictures - len(want) + 1 {
		if slices.EqualFunc(want, got[first:first+len(want)], func(a, b shown) bool { return a.sum == b.sum }) {
			return
		}
	}
	t.Errorf("the %d pictures of the file are not among the %d of a lap; notes: %q", len(want), pictures, report.Adjustments)
}

// shown is a decoded picture.
type shown struct {
	pts int
	sum string
}

// shownPictures decodes a file with ffmpeg, and returns what it complains of.
func shownPictures(t *testing.T, file string) (list []shown, complaints string) {
	t.Helper()
	out, errs := tool(t, "ffmpeg", "-v", "warning", "-i", file, "-map", "0:v", "-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-f", "framemd5", "-")
	for line := range strings.Lines(string(out)) {
		var p shown
		var stream, dts, duration, size int
		if n, _ := fmt.Sscanf(strings.ReplaceAll(line, ",", " "), "%d %d %d %d %d %s", &stream, &dts, &p.pts, &duration, &size, &p.sum); n == 6 {
			list = append(list, p)
		}
	}
	return list, string(errs)
}

// TestReceiversShowTheFirstPicture starts receivers before a stream, and finds its
// first picture as the first one that each shows.
func TestReceiversShowTheFirstPicture(t *testing.T) {
	long(t)
	file := filepath.Join(t.TempDir(), "movie.mp4")
	tool(t, "ffmpeg", strings.Fields("-v error -y -f lavfi -i testsrc2=size=160x96:rate=25:duration=4 -c:v libx264 -bf 2 -g 50 -pix_fmt yuv420p "+file)...)
	for name, c := range map[string]struct {
		files   string // that the receiver writes, the first one first
		receive func(port int, dir string) []string
	}{
		"ffmpeg": {"*.png", func(port int, dir string) []string {
			return []string{"ffmpeg", "-v", "error", "-i", fmt.Sprintf("udp://127.0.0.1:%d?timeout=20000000", port), "-frames:v", "1", dir + "/p.png"}
		}},
		"GStreamer": {"*.png", func(port int, dir string) []string {
			return strings.Fields(fmt.Sprintf("gst-launch-1.0 -q udpsrc num-buffers=100 address=127.0.0.1 port=%d caps=video/mpegts,systemstream=true,packetsize=188 "+
				"! tsparse ! tsdemux ! h264parse ! avdec_h264 ! videoconvert ! pngenc ! multifilesink location=%s/%%05d.png", port, dir))
		}},
		"VLC": {"p*.png", func(port int, dir string) []string {
			args := []string{
				"cvlc", "-q", fmt.Sprintf("udp://@127.0.0.1:%d", port), "--no-audio", "--run-time=4", "--vout=dummy", "--video-filter=scene",
				"--scene-format=png", "--scene-ratio=1", "--scene-prefix=p", "--scene-path=" + dir, "vlc://quit",
			}
			if os.Getuid() == 0 { // VLC refuses to run as root.
				args = append(strings.Fields("setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="+dir), args...)
			}
			return args
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if tool := map[string]string{"VLC": "cvlc", "GStreamer": "gst-launch-1.0"}[name]; tool != "" {
				if _, err := exec.LookPath(tool); err != nil {
					t.Skipf("%s is not installed", tool)
				}
			}
			r := listen(t)
			r.conn.Close()
			// VLC runs as another user, who may not enter t.TempDir.
			dir, err := os.MkdirTemp("", "lilo-pictures-") //nolint:usetesting // see above
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			args := c.receive(r.port, dir)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, args[0], args[1:]...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitForListener(t, r.port)
			start(t, "run", "--to", r.url("udp"), file)
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			list, err := filepath.Glob(filepath.Join(dir, c.files))
			if err != nil || len(list) == 0 {
				t.Fatalf("it shows nothing: %v", err)
			}
			if n := nearestPicture(luma(t, file), luma(t, slices.Min(list))); n != 0 {
				t.Errorf("the first picture that it shows is number %d", n)
			}
		})
	}
}

// waitForListener waits until a process has bound the UDP port.
func waitForListener(t *testing.T, port int) {
	t.Helper()
	for range 200 {
		sockets, err := os.ReadFile("/proc/net/udp")
		if err != nil {
			t.Skip("this system does not list its sockets")
		}
		if strings.Contains(string(sockets), fmt.Sprintf(":%04X ", port)) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the receiver does not listen")
}

// luma decodes the pictures of a file to one byte a sample.
func luma(t *testing.T, file string) []byte {
	t.Helper()
	out, _ := tool(t, "ffmpeg", "-v", "error", "-i", file, "-vf", "scale=160:96", "-pix_fmt", "gray", "-f", "rawvideo", "-")
	return out
}

// nearestPicture returns the number of the picture of a movie that differs least from
// another.
func nearestPicture(movie, picture []byte) int {
	best, number := math.MaxInt, -1
	for n := range len(movie) / len(picture) {
		sum := 0
		for i, v := range movie[n*len(picture):][:len(picture)] {
			d := int(v) - int(picture[i])
			sum += d * d
		}
		if sum < best {
			best, number = sum, n
		}
	}
	return number
}
