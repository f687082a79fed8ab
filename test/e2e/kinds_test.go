//go:build e2e

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/player"
)

// kind is one kind of file that LILO plays, as arguments of ffmpeg.
type kind struct {
	name string
	args string
	// streams is how many elementary streams are expected, note what one of the
	// adjustments says, or nothing where there is none.
	streams int
	note    string
}

// breaks reports whether the pictures of the kind are too much for their level's
// buffer. They must be in time nevertheless (I6), and probe must say so.
func (k kind) breaks() bool { return strings.Contains(k.name, "breaks its level") }

// The inputs and settings that most kinds share.
const (
	picture = "-f lavfi -i testsrc2=size=320x180:duration=3:rate="
	tone    = " -f lavfi -i sine=frequency=440:duration=3:sample_rate="
	h264    = " -c:v libx264 -preset veryfast -threads 1 -pix_fmt yuv420p "
	h265    = " -c:v libx265 -preset ultrafast -pix_fmt yuv420p "
)

func kinds() []kind {
	return []kind{
		{"H.264 and AAC", picture + "25" + tone + "48000" + h264 + "-g 25 -bf 3 -c:a aac", 2, ""},
		{"23.976 fps, 44.1 kHz", picture + "24000/1001" + tone + "44100" + h264 + "-c:a aac", 2, ""},
		{"60 fps, moov first", picture + "60" + tone + "48000" + h264 + "-c:a aac -movflags faststart", 2, ""},
		{"59.94 fps, AC-3", picture + "60000/1001" + tone + "48000" + h264 + "-c:a ac3 -b:a 192k", 2, ""},
		{"179/6 fps, E-AC-3", picture + "179/6" + tone + "48000" + h264 + "-c:a eac3", 2, ""},
		{"12.5 fps, layer II", picture + "12.5" + tone + "48000" + h264 + "-c:a mp2 -b:a 192k", 2, ""},
		{"10 fps, layer III", picture + "10" + tone + "48000" + h264 + "-c:a libmp3lame -b:a 128k", 2, ""},
		{"30 fps, AAC 5.1", picture + "30" + tone + "48000" + h264 + "-c:a aac -ac 6 -b:a 320k", 2, ""},
		{"HEVC hvc1, closed GOP", picture + "25" + tone + "48000" + h265 + "-x265-params log-level=error:open-gop=0 -tag:v hvc1 -c:a aac", 2, ""},
		{"HEVC hev1, open GOP", picture + "25" + tone + "48000" + h265 + "-x265-params log-level=error:open-gop=1:keyint=25 -tag:v hev1 -c:a aac", 2, ""},
		{"MPEG-2 and layer II at 384 kb/s", picture + "25" + tone + "48000 -c:v mpeg2video -b:v 3M -maxrate 4M -bufsize 1835k -g 12 -bf 2 -c:a mp2 -b:a 384k", 2, ""},
		{"avc3", picture + "25" + tone + "48000" + h264 + "-tag:v avc3 -bsf:v dump_extra -c:a aac", 2, ""},
		{"pictures alone", picture + "25" + h264, 1, ""},
		{"sound alone", strings.TrimSpace(tone+"48000") + " -c:a aac", 1, ""},
		{"two languages", picture + "25" + tone + "48000" + tone + "44100 -map 0 -map 1 -map 2" + h264 +
			"-c:a:0 aac -c:a:1 ac3 -metadata:s:a:0 language=fra -metadata:s:a:1 language=deu", 3, ""},
		{"fragmented", picture + "25" + tone + "48000" + h264 + "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof", 2, ""},
		{"open GOP", picture + "25" + tone + "48000" + h264 + "-g 25 -x264-params open-gop=1:bframes=3 -c:a aac", 2, ""},
		{"variable frame rate", picture + "30" + tone + "48000 -vf select=not(mod(n\\,7))+not(mod(n\\,3)) -fps_mode vfr" + h264 + "-c:a aac", 2, "s are cut off"},
		{"sound too short", picture + "25" + tone + "48000 -af atrim=duration=1" + h264 + "-c:a aac", 2, "of silence are played after it"},
		{"sound too long", picture + "25" + tone + "48000 -vf trim=duration=2" + h264 + "-c:a aac", 2, "s are cut off"},
		{"interlaced", picture + "50" + tone + "48000 -vf interlace" + h264 + "-flags +ildct+ilme -x264opts tff=1 -c:a aac", 2, ""},
		{"level 1.2 at its limit", picture + "25" + tone + "48000 -c:v libx264 -threads 1 -profile:v baseline -level 1.2 -b:v 300k -maxrate 384k -bufsize 300k -pix_fmt yuv420p -c:a aac -b:a 64k", 2, ""},
		{"CBR with HRD", picture + "25" + tone + "48000" + h264 + "-b:v 4M -minrate 4M -maxrate 4M -bufsize 2M -nal-hrd cbr -c:a aac", 2, ""},
		{"one picture", picture + "25" + h264 + "-frames:v 1 -level 4", 1, ""},
		{"one picture breaks its level", picture + "25" + h264 + "-frames:v 1 -level 1.1", 1, ""},
		{"noise breaks its level", "-f lavfi -i nullsrc=size=320x180:duration=3:rate=25" + tone + "48000 -vf geq=random(1)*255:128:128" + h264 + "-g 12 -level 1.3 -b:v 6M -c:a aac", 2, ""},
		{"a fifth of a second", picture + "25" + tone + "48000" + h264 + "-c:a aac -t 0.2", 2, ""},
	}
}

// make writes a file of the kind.
func (k kind) make(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kind.mp4")
	args := append([]string{"-v", "error", "-y"}, strings.Fields(k.args)...)
	tool(t, "ffmpeg", append(args, file)...)
	return file
}

// TestKinds plays every kind of file over many laps from the epoch
// on, across the wrap of the 33-bit clock, and after ten years. A receiver that
// measures finds no error of any priority, the T-STD's buffers included
// (I3 to I7), and ffmpeg and GStreamer decode without a complaint.
func TestKinds(t *testing.T) {
	for _, k := range kinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			file := k.make(t)
			c := openFile(t, file)
			if notes := strings.Join(c.Report().Adjustments, "\n"); !strings.Contains(notes, k.note) || k.note == "" && notes != "" {
				t.Errorf("adjustments %q, want %q", notes, k.note)
			}
			if told := strings.Contains(c.Report().Tracks[0].Buffer, "break"); told != k.breaks() {
				t.Errorf("it breaks its level's buffer: %v, want %v", told, k.breaks())
			}
			const wrap = (1 << 33) * time.Second / 90_000
			for place, from := range map[string]time.Duration{"epoch": 0, "wrap": wrap - 4*time.Second, "ten years": 87_600 * time.Hour} {
				checkMeasurement(t, k, renderPart(t, c, from, from+15*time.Second), place)
			}
			checkDecoders(t, k, renderPart(t, c, 0, 8*time.Second))
		})
	}
}

func openFile(t *testing.T, file string) *player.Playlist {
	t.Helper()
	c, err := player.Open(t.Context(), player.Config{Spec: channel.Spec{Source: file, Name: "kind"}}, player.LocalOptions())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// renderPart renders a part of the stream that ends with whole access units.
func renderPart(t *testing.T, c *player.Playlist, from, to time.Duration) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "part.ts"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := player.WholeUnits(f)
	if _, err := c.Render(context.Background(), w, from, to, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func checkMeasurement(t *testing.T, k kind, file, place string) {
	t.Helper()
	r, err := monitor.ReadFile(t.Context(), file, monitor.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Checks {
		allowed := k.breaks() && strings.Contains(c.Name, "uffer_error")
		if c.Count > 0 && !allowed {
			t.Errorf("%s: %s %s × %d, first %v", place, c.Clause, c.Name, c.Count, c.Places)
		}
	}
	if !r.Rate.Constant || r.PCR.AccuracyNS.Max > 37 || r.PCR.IntervalMS.Max > 35 {
		t.Errorf("%s: rate constant %v, PCR within %v ns every %v ms", place, r.Rate.Constant, r.PCR.AccuracyNS.Max, r.PCR.IntervalMS.Max)
	}
	if len(r.Streams) != k.streams {
		t.Errorf("%s: %d elementary streams", place, len(r.Streams))
	}
	for _, s := range r.Streams {
		if s.PES == 0 || s.Late > 0 || s.Model == nil || s.Model.Units == 0 || s.Irregular > 0 && !s.Variable {
			t.Errorf("%s: PID %d: %+v", place, s.PID, s)
		}
	}
}

// checkDecoders decodes the file with ffmpeg and GStreamer.
func checkDecoders(t *testing.T, k kind, file string) {
	t.Helper()
	if _, errs := tool(t, "ffmpeg", "-v", "warning", "-xerror", "-threads", "1", "-i", file, "-map", "0", "-f", "null", "-"); len(errs) > 0 {
		t.Errorf("ffmpeg: %s", errs)
	}
	pipeline := "filesrc location=" + file + " ! decodebin name=d" + strings.Repeat(" d. ! queue ! fakesink", k.streams)
	out, errs := tool(t, "gst-launch-1.0", append([]string{"-m"}, strings.Fields(pipeline)...)...)
	if text := string(out) + string(errs); strings.Contains(text, "WARN") || strings.Contains(text, "ERROR") {
		t.Errorf("GStreamer: %s", text)
	}
}
