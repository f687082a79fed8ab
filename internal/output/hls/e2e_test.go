//go:build e2e

package hls

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/loop"
	"github.com/lilo-live/lilo/internal/mp4"
)

// filmed makes an MP4 with ffmpeg, of the arguments given, and returns its loop.
func filmed(t testing.TB, args string) *loop.Loop {
	t.Helper()
	file := filepath.Join(t.TempDir(), "film.mp4")
	run(t, "ffmpeg", append(strings.Fields("-v error -y "+args), file)...)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	m, err := mp4.Open(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	l, err := loop.New(m.Asset)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// run runs a program to its end and returns what it wrote to its error output
// and its output; it must succeed.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, &b)
	}
	return b.String()
}

// projector serves a timeline whose clock goes on by a step when a player has read
// what there is, about to the end, and asks for more: so one that reads as fast as
// it can sees hours in minutes, and a slow one loses nothing. When the time is
// over, the playlist ends.
type projector struct {
	timeline *Timeline
	step     time.Duration
	over     time.Time
	handler  http.Handler

	mu   sync.Mutex
	now  time.Time
	read map[string]int64 // the last segment that was read of each rendition
}

func project(t testing.TB, tl *Timeline, from time.Time, step, length time.Duration) *httptest.Server {
	p := &projector{timeline: tl, step: step, over: from.Add(length), now: from, read: map[string]int64{}}
	p.handler = Handler(tl, p.time)
	s := httptest.NewServer(p)
	t.Cleanup(s.Close)
	return s
}

func (p *projector) time() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *projector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	base := path.Base(r.URL.Path)
	name, ok := strings.CutSuffix(base, suffix)
	if s, r := p.timeline.segmentNamed(base); r != nil {
		p.mu.Lock()
		p.read[r.name] = max(p.read[r.name], s.number)
		p.mu.Unlock()
	}
	if !ok || name == "index" || !p.forward() {
		p.handler.ServeHTTP(w, r)
		return
	}
	from, end := p.timeline.window(p.time())
	_, _ = w.Write(append(p.timeline.mediaPlaylist(name, from, end), "#EXT-X-ENDLIST\n"...))
}

// forward moves the clock if it is time to, and tells whether all is over.
func (p *projector) forward() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	least := int64(1) << 62
	for _, k := range p.read {
		least = min(least, k)
	}
	if len(p.read) > 0 && least >= p.timeline.currentSegment(p.now)-3 {
		p.now = p.now.Add(p.step)
	}
	return p.now.After(p.over)
}

// Films in which a second has 25 pictures, or few.
const (
	small = "-f lavfi -i testsrc2=size=160x90:duration=9.32:rate=25 -f lavfi -i sine=frequency=440:duration=9.32:sample_rate=48000 " +
		"-c:v libx264 -preset veryfast -threads 1 -g 25 -bf 3 -b:v 100k -pix_fmt yuv420p -c:a aac -b:a 64k"
	slow = "-f lavfi -i testsrc2=size=160x90:duration=9.4:rate=5 -f lavfi -i sine=frequency=440:duration=9.4:sample_rate=48000 " +
		"-c:v libx264 -preset veryfast -threads 1 -g 5 -bf 1 -b:v 50k -pix_fmt yuv420p -c:a aac -b:a 64k"
)

// An hour of the channel over HTTP, with 386 seams in it and the wrap of the
// time stamps: ffmpeg decodes all of it and has nothing to say.
func TestFFmpegPlaysAnHour(t *testing.T) {
	long(t)
	t.Parallel()
	tl := timeline(t, Entry{Loop: segmented(t, filmed(t, small)), From: epoch})
	tl.segments = 150
	wrap := (1 << 33) * time.Second / 90_000
	s := project(t, tl, epoch.Add(wrap-10*time.Minute), 3*time.Minute, time.Hour)
	frames := filepath.Join(t.TempDir(), "progress")
	out := run(t, "ffmpeg", "-nostdin", "-nostats", "-v", "repeat+warning", "-progress", frames, "-xerror", "-i", s.URL+"/index.m3u8", "-f", "null", "-")
	if strings.TrimSpace(out) != "" {
		t.Error(out)
	}
	b, err := os.ReadFile(frames)
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`frame=(\d+)`).FindAllSubmatch(b, -1)
	if n, _ := strconv.Atoi(string(all[len(all)-1][1])); n < 25*3500 {
		t.Errorf("%d pictures", n)
	}
}

// GStreamer decodes an hour too, and not a picture or sample is missing of what
// lies between its first and its last.
func TestGStreamerPlaysAnHour(t *testing.T) {
	long(t)
	t.Parallel()
	tl := timeline(t, Entry{Loop: segmented(t, filmed(t, small)), From: epoch})
	tl.segments = 150
	gstreamer(t, project(t, tl, epoch, 3*time.Minute, time.Hour).URL, 3400)
}

// And minutes of what is in fragmented MP4.
func TestGStreamerPlaysFragments(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"HEVC hvc1, closed GOP", "HEVC hev1, open GOP", "59.94 fps, AC-3"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tl := timeline(t, Entry{Loop: segmented(t, filmed(t, kinds()[name])), From: epoch})
			tl.segments = 60
			gstreamer(t, project(t, tl, epoch, time.Minute, 4*time.Minute).URL, 180)
		})
	}
}

// gstreamer plays to the end, without a warning, at least so many seconds.
func gstreamer(t *testing.T, url string, least float64) {
	t.Helper()
	pictures, sound := filepath.Join(t.TempDir(), "pictures"), filepath.Join(t.TempDir(), "sound")
	// Those silenced speak of what is behind the decoders, and of GStreamer's own.
	out := run(t, "env", "GST_DEBUG=2,video-info:0,audio-resampler:0,structure:0", "GST_DEBUG_NO_COLOR=1", "gst-launch-1.0", "-q", "uridecodebin3", "name=d", "uri="+url+"/index.m3u8",
		"d.", "!", "queue", "!", "videoconvert", "!", "videoscale", "!", "videorate", "skip-to-first=true", "!", "video/x-raw,format=GRAY8,width=8,height=4,framerate=25/1", "!", "filesink", "location="+pictures,
		"d.", "!", "queue", "!", "audioconvert", "!", "audioresample", "!", "audio/x-raw,format=U8,channels=1,rate=48000", "!", "filesink", "location="+sound)
	for line := range strings.Lines(out) {
		if strings.TrimSpace(line) != "" && !strings.Contains(line, "unknown QuickTime node type ac-3") { // And decodes it.
			t.Error(line)
		}
	}
	seconds := func(file string, second int64) float64 {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return float64(info.Size()) / float64(second)
	}
	p, a := seconds(pictures, 25*8*4), seconds(sound, 48000)
	t.Logf("%.3f s of pictures, %.3f s of sound", p, a)
	if p < least || a-p > 0.1 || p-a > 0.1 {
		t.Errorf("%.3f s of pictures, %.3f s of sound", p, a)
	}
}

// kinds are what channels may be made of, as arguments of ffmpeg.
func kinds() map[string]string {
	const (
		picture = "-f lavfi -i testsrc2=size=160x90:duration=5:rate="
		tone    = " -f lavfi -i sine=frequency=440:duration=5:sample_rate="
		h264    = " -c:v libx264 -preset veryfast -threads 1 -pix_fmt yuv420p -g 25 "
		h265    = " -c:v libx265 -preset ultrafast -pix_fmt yuv420p "
	)
	return map[string]string{
		"23.976 fps, 44.1 kHz":      picture + "24000/1001" + tone + "44100" + h264 + "-c:a aac",
		"59.94 fps, AC-3":           picture + "60000/1001" + tone + "48000" + h264 + "-c:a ac3 -b:a 192k",
		"E-AC-3":                    picture + "25" + tone + "48000" + h264 + "-c:a eac3",
		"layer II":                  picture + "12.5" + tone + "48000" + h264 + "-c:a mp2 -b:a 192k",
		"layer III":                 picture + "10" + tone + "48000" + h264 + "-c:a libmp3lame -b:a 128k",
		"HEVC hvc1, closed GOP":     picture + "25" + tone + "48000" + h265 + "-x265-params log-level=error:open-gop=0:keyint=25 -tag:v hvc1 -c:a aac",
		"HEVC hev1, open GOP":       picture + "25" + tone + "48000" + h265 + "-x265-params log-level=error:open-gop=1:keyint=25 -tag:v hev1 -c:a aac",
		"HEVC and AC-3, 29.97 fps":  picture + "30000/1001" + tone + "44100" + h265 + "-x265-params log-level=error:keyint=60 -tag:v hvc1 -c:a ac3",
		"HEVC, silence at the end":  picture + "25" + tone + "48000 -af atrim=duration=1" + h265 + "-x265-params log-level=error:keyint=25 -c:a aac",
		"MPEG-2 and layer II":       picture + "25" + tone + "48000 -c:v mpeg2video -b:v 1M -g 12 -bf 2 -c:a mp2",
		"pictures alone":            picture + "25" + h264,
		"sound alone":               strings.TrimSpace(tone) + "48000 -c:a aac",
		"HEVC, two languages":       picture + "25" + tone + "48000" + tone + "44100 -map 0 -map 1 -map 2" + h265 + "-x265-params log-level=error:keyint=25 -c:a aac -metadata:s:a:0 language=fra -metadata:s:a:1 language=deu",
		"two languages":             picture + "25" + tone + "48000" + tone + "44100 -map 0 -map 1 -map 2" + h264 + "-c:a aac",
		"open GOP":                  picture + "25" + tone + "48000" + h264 + "-x264-params open-gop=1:bframes=3 -c:a aac",
		"variable frame rate":       picture + "30" + tone + "48000 -vf select=not(mod(n\\,7))+not(mod(n\\,3)) -fps_mode vfr" + h264 + "-c:a aac",
		"a fifth of a second":       picture + "25" + tone + "48000" + h264 + "-c:a aac -t 0.2",
		"one GOP":                   picture + "25" + tone + "48000" + strings.Replace(h264, "25", "999", 1) + "-c:a aac",
		"HEVC, a tenth of a second": picture + "50" + tone + "48000" + h265 + "-x265-params log-level=error -tag:v hvc1 -c:a aac -t 0.1",
	}
}

// Of every kind some laps play in ffmpeg, which decodes them and has nothing to say.
func TestFFmpegPlaysEveryKind(t *testing.T) {
	t.Parallel()
	for name, args := range kinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tl := timeline(t, Entry{Loop: segmented(t, filmed(t, args)), From: epoch})
			tl.segments = 60
			s := project(t, tl, epoch.Add(2*time.Minute), 20*time.Second, time.Minute)
			out := run(t, "ffmpeg", "-nostdin", "-nostats", "-v", "repeat+warning", "-xerror", "-i", s.URL+"/index.m3u8", "-map", "0", "-f", "null", "-")
			for line := range strings.Lines(out) {
				// It reads the header again with every playlist, of any live channel in fragmented MP4.
				if !strings.Contains(line, "duplicated MOOV Atom") {
					t.Error(line)
				}
			}
		})
	}
}

// long leaves a test that takes long to make e2e.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes long: make e2e runs it")
	}
}
