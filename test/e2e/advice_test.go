//go:build e2e

package e2e

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// refusedKind is a kind of file that is refused, and how to make one.
type refusedKind struct {
	file string
	args []string // of ffmpeg, after the pictures and the sound; INSIDE at the end cuts the file
}

// TestAdviceWorks follows the advice of every refusal that names --encode or a
// command line of ffmpeg: what it then has plays.
func TestAdviceWorks(t *testing.T) {
	long(t)
	encoder(t)
	const h264 = "libx264"
	for _, k := range []refusedKind{
		{file: "a.webm", args: []string{"-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"}},
		{file: "a.mkv", args: []string{"-c:v", h264, "-c:a", "flac"}},
		{file: "a.ts", args: []string{"-c:v", h264}},
		{file: "a.m2ts", args: []string{"-c:v", h264, "-c:a", "ac3"}},
		{file: "a.mpg", args: []string{"-c:v", "mpeg2video"}},
		{file: "a.avi", args: []string{"-c:v", "mpeg4"}},
		{file: "a.flv", args: []string{"-c:v", "flv1", "-ar", "44100"}},
		{file: "a.ogv", args: []string{"-c:v", "libtheora", "-c:a", "libvorbis"}},
		{file: "a.mxf", args: []string{"-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000"}},
		{file: "a.wmv", args: []string{"-c:v", "wmv2"}},
		{file: "a.gif", args: []string{"-an"}},
		{file: "a.dv", args: []string{"-target", "pal-dv"}},
		{file: "a.nut", args: []string{"-c:v", h264}},
		{file: "a.h264", args: []string{"-an", "-c:v", h264}},
		{file: "a.ivf", args: []string{"-an", "-c:v", "libvpx", "-deadline", "realtime"}},
		{file: "a.wav", args: []string{"-vn"}},
		{file: "a.mp3", args: []string{"-vn"}},
		{file: "a.aac", args: []string{"-vn"}},
		{file: "a.flac", args: []string{"-vn"}},
		{file: "a.aiff", args: []string{"-vn"}},
		{file: "a.caf", args: []string{"-vn"}},
		{file: "a.opus", args: []string{"-vn"}},
		{file: "a.ac3", args: []string{"-vn"}},
		{file: "alac.m4a", args: []string{"-vn", "-c:a", "alac"}},
		{file: "pcm-alone.mov", args: []string{"-vn", "-c:a", "pcm_s16le"}},
		{file: "prores.mov", args: []string{"-c:v", "prores_ks"}},
		{file: "dnxhr.mov", args: []string{"-c:v", "dnxhd", "-profile:v", "dnxhr_lb"}},
		{file: "jpeg.mov", args: []string{"-c:v", "mjpeg"}},
		{file: "av1.mp4", args: []string{"-c:v", "libsvtav1", "-preset", "12"}},
		{file: "vp9.mp4", args: []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"}},
		{file: "a.png", args: []string{"-frames:v", "1", "-vf", "scale=321:181"}},
		{file: "a.jpg", args: []string{"-frames:v", "1", "-vf", "scale=321:181"}},
		{file: "late-recovery.mp4", args: []string{"-c:v", h264, "-x264-params", "intra-refresh=1:keyint=10", "INSIDE"}},
	} {
		t.Run(k.file, func(t *testing.T) { k.follow(t) })
	}
}

// create makes the file.
func (k *refusedKind) create(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), k.file)
	args := []string{
		"-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2",
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2",
	}
	for _, a := range k.args {
		if a != "INSIDE" {
			args = append(args, a)
		}
	}
	if args[len(args)-1] == k.args[len(k.args)-1] {
		tool(t, "ffmpeg", append(args, file)...)
		return file
	}
	whole := filepath.Join(t.TempDir(), "whole.mp4")
	tool(t, "ffmpeg", append(args, whole)...)
	tool(t, "ffmpeg", "-v", "error", "-ss", "0.5", "-i", whole, "-c", "copy", file)
	return file
}

var adviceCommand = regexp.MustCompile(`ffmpeg (-.*) OUT\.(\w+)`)

func (k *refusedKind) follow(t *testing.T) {
	t.Helper()
	file := k.create(t)
	p := start(t, "probe", file)
	switch code := p.wait(t); {
	case code == 0: // It plays as it is.
		return
	case code != 4:
		t.Fatalf("exit code %d: %s", code, &p.err)
	}
	text := strings.TrimSpace(p.err.String())
	if strings.Contains(text, "\n") {
		t.Errorf("more than one line: %s", text)
	}
	command := adviceCommand.FindStringSubmatch(text)
	if !strings.Contains(text, "--encode avc") && command == nil {
		t.Fatalf("no advice: %s", text)
	}
	if strings.Contains(text, "--encode avc") {
		lilo(t, 0, "probe", "--encode", "avc", file)
	}
	if command != nil {
		out := filepath.Join(t.TempDir(), "out."+command[2])
		tool(t, "ffmpeg", append(strings.Fields(strings.ReplaceAll(command[1], " IN", " "+file)), "-v", "error", out)...)
		lilo(t, 0, "probe", out)
	}
}
