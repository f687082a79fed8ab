//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/player"
)

// playedKind is a kind of file that --encode plays, and what of it a receiver sees.
type playedKind struct {
	file string
	// args makes it: ffmpeg's options after the pictures and the sound.
	args []string
	// filter is what ffmpeg's own decoding of it needs to be what is played.
	filter string
	how    string // the settings, "avc" for ""
	size   string // width, height and pixel aspect; 320x180 1:1 for ""
	notes  string // the kinds, in order
}

// TestEncodePlaysTheRest makes a file of each kind that is refused or that plays
// otherwise than it should, encodes it, and holds every picture of a lap against
// the one that ffmpeg itself decodes.
func TestEncodePlaysTheRest(t *testing.T) {
	long(t)
	encoder(t)
	const h264 = "libx264"
	for _, k := range []playedKind{
		{file: "pcm.mov", args: []string{"-c:v", h264, "-c:a", "pcm_s24le"}},
		{file: "alac.m4v", args: []string{"-f", "mov", "-c:v", h264, "-c:a", "alac"}},
		{file: "prores.mov", args: []string{"-c:v", "prores_ks", "-c:a", "pcm_s16be"}, notes: "color"},
		{file: "dnxhr.mxf", args: []string{"-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-c:a", "pcm_s16le", "-ar", "48000"}},
		{file: "motion-jpeg.avi", args: []string{"-c:v", "mjpeg", "-q:v", "2", "-c:a", "pcm_s16le"}, filter: "scale=out_range=tv"},
		{file: "vp8.webm", args: []string{"-c:v", "libvpx", "-b:v", "2M", "-deadline", "realtime", "-c:a", "libvorbis"}},
		{file: "vp9.webm", args: []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"}},
		{file: "av1.mkv", args: []string{"-c:v", "libsvtav1", "-preset", "12", "-c:a", "flac"}},
		{file: "stream.ts", args: []string{"-c:v", h264, "-g", "25", "-c:a", "aac"}},
		{file: "stream.m2ts", args: []string{"-c:v", h264, "-c:a", "ac3"}},
		{file: "program.mpg", args: []string{"-c:v", "mpeg2video", "-q:v", "2", "-c:a", "mp2"}},
		{file: "flash.flv", args: []string{"-c:v", "flv1", "-q:v", "2", "-c:a", "libmp3lame", "-ar", "44100"}},
		{file: "windows.wmv", args: []string{"-c:v", "wmv2", "-q:v", "2", "-c:a", "wmav2"}},
		{file: "animation.gif", args: []string{"-an"}, filter: "scale=out_color_matrix=bt709:out_range=tv", notes: "transparency"},
		{file: "without-a-suffix", args: []string{"-f", "matroska", "-c:v", h264, "-c:a", "libopus"}},
		{file: "turned.mp4", args: []string{"-c:v", h264, "TURN"}, size: "180x320 1:1"},
		{file: "anamorphic.mov", args: []string{"-c:v", h264, "-vf", "setsar=64/45", "-c:a", "pcm_s16le"}, size: "320x180 64:45"},
		{file: "odd.mkv", args: []string{"-vf", "scale=321:181,format=yuv444p", "-c:v", "ffv1"}, filter: "crop=320:180:0:0", notes: "cropped"},
		{
			file: "interlaced.mpg", args: []string{"-vf", "interlace=lowpass=off", "-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme"},
			filter: "bwdif=send_frame", notes: "deinterlaced sound-filled",
		},
		{
			file: "fields.mpg", args: []string{"-vf", "interlace=scan=bff:lowpass=off", "-r", "25", "-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme", "-top", "0"},
			how: "avc,scanType=INTERLACED",
		},
		{file: "screen.webm", args: []string{"-vf", "select='not(mod(n,3))+lt(n,20)'", "-fps_mode", "vfr", "-c:v", "libvpx", "-b:v", "2M", "-deadline", "realtime"}, filter: "fps=25:start_time=0"},
		{
			file: "alpha.mov", args: []string{"-vf", "format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='if(gt(X,160),255,0)'", "-c:v", "qtrle"},
			filter: "format=gbrap,premultiply=inplace=1,scale=out_color_matrix=bt709:out_range=tv", notes: "transparency",
		},
		{file: "ten-bit.mp4", args: []string{"-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", "log-level=error"}, how: "hevc"},
		{file: "subtitles.mkv", args: []string{"-i", "SUBTITLES", "-map", "0:v", "-map", "1:a", "-map", "2:s", "-c:v", h264, "-c:s", "srt"}, notes: "track-left-out"},
		{file: "cut-inside-a-gop.mp4", args: []string{"CUT"}, filter: "fps=25:start_time=0", notes: "gaps sound-filled"},
		{file: "recovery-points-alone.mp4", args: []string{"-an", "-bf", "0", "-c:v", h264, "-x264-params", "intra-refresh=1:keyint=15", "-bsf:v", "noise=drop='lt(n,10)'"}, notes: "pictures-dropped"},
		{file: "two-sizes.mkv", args: []string{"SIZES"}, filter: "scale=320:180", notes: "coding-changes"},
		{file: "late-sound.mkv", args: []string{"-c:v", h264, "-af", "adelay=1,asetpts=PTS+1/TB"}, notes: "sound-filled sound-cut"},
	} {
		t.Run(k.file, func(t *testing.T) { k.play(t) })
	}
}

// create makes the file.
func (k *playedKind) create(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, k.file)
	if k.args[0] == "CUT" {
		tool(t, "ffmpeg", "-v", "error", "-ss", "0.5", "-i", movie(t, "-g", "200"), "-t", "2", "-c", "copy", file)
		return file
	}
	if k.args[0] == "SIZES" {
		twoSizes(t, file)
		return file
	}
	args := []string{
		"-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2",
		"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2",
	}
	for _, a := range k.args {
		if a == "SUBTITLES" {
			a = filepath.Join(dir, "subtitles.srt")
			if err := os.WriteFile(a, []byte("1\n00:00:00,500 --> 00:00:01,500\nHello\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if a != "TURN" {
			args = append(args, a)
		}
	}
	tool(t, "ffmpeg", append(args, file)...)
	if slices.Contains(k.args, "TURN") {
		turn(t, file)
	}
	return file
}

// twoSizes puts two recordings behind each other, the second one of larger pictures.
func twoSizes(t *testing.T, file string) {
	t.Helper()
	var list strings.Builder
	for _, size := range []string{"320x180", "480x270"} {
		part := filepath.Join(t.TempDir(), size+".mkv")
		tool(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=duration=1:rate=25:size="+size, "-c:v", "libx264", "-bf", "0", part)
		fmt.Fprintf(&list, "file '%s'\n", part)
	}
	name := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(name, []byte(list.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	tool(t, "ffmpeg", "-v", "error", "-f", "concat", "-safe", "0", "-i", name, "-c", "copy", file)
}

// turn has players turn the picture of an MP4 by 90 degrees (ISO/IEC 14496-12, 8.3.2).
func turn(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	matrix := bytes.Index(data, []byte("tkhd")) + 4 + 40
	turned := []byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 180, 0, 0}
	copy(data[matrix:], turned)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (k *playedKind) play(t *testing.T) {
	t.Helper()
	how, size := k.how, k.size
	if how == "" {
		how = "avc"
	}
	if size == "" {
		size = "320x180 1:1"
	}
	source := k.create(t)
	var report player.Report
	if err := json.Unmarshal(lilo(t, 0, "probe", "--json", "--encode", how, source).out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, n := range report.Notes {
		notes = append(notes, string(n.Kind))
	}
	if got := strings.Join(notes, " "); got != k.notes {
		t.Errorf("notes %q, want %q", report.Notes, k.notes)
	}
	out := filepath.Join(t.TempDir(), "out.ts")
	lilo(t, 0, "render", "--encode", how, source, "--out", out, "--whole", "--for", fmt.Sprintf("%dms", int(report.LoopSeconds*3000)))
	clean(t, out)
	if _, errs := tool(t, "ffmpeg", "-v", "warning", "-xerror", "-i", out, "-f", "null", "-"); len(errs) > 0 {
		t.Errorf("ffmpeg: %s", errs)
	}
	shape, _ := tool(t, "ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height,sample_aspect_ratio", "-of", "json", out)
	var shown struct {
		Streams []struct {
			Width, Height int
			Aspect        string `json:"sample_aspect_ratio"`
		}
	}
	if err := json.Unmarshal(shape, &shown); err != nil || len(shown.Streams) != 1 {
		t.Fatal(err, shown)
	}
	if x := shown.Streams[0]; fmt.Sprintf("%dx%d %s", x.Width, x.Height, x.Aspect) != size {
		t.Errorf("the picture is %+v, want %s", x, size)
	}
	alike(t, decoded(t, source, k.filter), decoded(t, out, ""), report.Tracks[0].Units)
}

// decoded returns the luma of every picture that ffmpeg shows of a file.
func decoded(t *testing.T, file, filter string) []byte {
	t.Helper()
	if filter != "" {
		filter += ","
	}
	luma, _ := tool(t, "ffmpeg", "-v", "error", "-i", file, "-map", "0:v:0", "-vf", filter+"format=yuv420p,extractplanes=y", "-fps_mode", "passthrough", "-f", "rawvideo", "-")
	return luma
}

// alike fails unless each picture of the laps is that of the source at its place, at 35 dB or better.
func alike(t *testing.T, source, laps []byte, units int) {
	t.Helper()
	const size = 320 * 180
	if len(source) != units*size || len(laps) < 2*units*size {
		t.Fatalf("%d pictures of the source, %d of a lap, %d of laps", len(source)/size, units, len(laps)/size)
	}
	for n := range 2 * units {
		sum := 0
		a, b := source[n%units*size:][:size], laps[n*size:][:size]
		for i := range a {
			d := int(a[i]) - int(b[i])
			sum += d * d
		}
		if psnr := 10 * math.Log10(255*255*size/max(1, float64(sum))); psnr < 35 {
			t.Fatalf("picture %d of lap %d is at %.1f dB of the source's", n%units, n/units, psnr)
		}
	}
}

// TestEncodePlaysSoundAlone encodes files without a picture. Their laps are whole
// and their tone goes on across them.
func TestEncodePlaysSoundAlone(t *testing.T) {
	long(t)
	encoder(t)
	for _, name := range []string{"a.wav", "a.flac", "a.mp3", "a.m4a", "a.ogg", "a.opus", "a.aac", "a.ac3", "a.aiff", "a.wma", "a.mka"} {
		t.Run(name, func(t *testing.T) {
			source := filepath.Join(t.TempDir(), name)
			args := []string{"-v", "error", "-f", "lavfi", "-i", "aevalsrc=0.3*sin(440*2*PI*t)+0.1*sin(3*440*2*PI*t)|0.3*sin(2*440*2*PI*t):s=48000:d=4"}
			if name == "a.m4a" {
				args = append(args, "-c:a", "alac")
			}
			tool(t, "ffmpeg", append(args, source)...)
			out := filepath.Join(t.TempDir(), "out.ts")
			lilo(t, 0, "render", "--encode", "avc", source, "--out", out, "--whole", "--for", "16s")
			clean(t, out)
			if _, errs := tool(t, "ffmpeg", "-v", "warning", "-xerror", "-i", out, "-f", "null", "-"); len(errs) > 0 {
				t.Errorf("ffmpeg: %s", errs)
			}
			if name == "a.wav" { // 187.5 units of 1024 samples become 188.
				soundIsWhole(t, out, 188*1024./48_000)
			}
		})
	}
}
