//go:build e2e

package e2e

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/player"
)

// encoder has --encode keep its mezzanines in a folder of the test, and leaves
// the processor to others.
func encoder(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("LILO_CACHE", filepath.Join(dir, "cache"))
	script := filepath.Join(dir, "ffmpeg")
	if err := os.WriteFile(script, []byte("#!/bin/sh\nexec nice ffmpeg \"$@\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LILO_FFMPEG", script)
}

// tones makes a source whose sound is periodic in its pictures' length: a tone
// that goes through so many periods, and one of three times as many. The grey
// of picture n says n modulo 8.
func tones(t *testing.T, rate string, frames, periods int, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tones.mov")
	seconds := lapSeconds(rate, frames)
	hz := float64(periods) / seconds
	usual := []string{
		"-v", "error", "-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=320x176:rate=%s:duration=%.9f", rate, seconds),
		"-f", "lavfi", "-i", fmt.Sprintf("aevalsrc=0.3*sin(%[1]f*2*PI*t)+0.1*sin(3*%[1]f*2*PI*t)|0.3*sin(2*%[1]f*2*PI*t):s=48000:d=%[2]f", hz, seconds+0.1),
		"-vf", "drawbox=0:0:64:64:t=fill:color=black,geq=lum='if(lt(X,64)*lt(Y,64),30+25*mod(N,8),lum(X,Y))':cb='cb(X,Y)':cr='cr(X,Y)'",
		"-c:v", "mpeg4", "-q:v", "3", "-c:a", "pcm_s16le",
	}
	tool(t, "ffmpeg", append(append(usual, args...), file)...)
	return file
}

func lapSeconds(rate string, frames int) float64 {
	r, _ := new(big.Rat).SetString(rate)
	perSecond, _ := r.Float64()
	return float64(frames) / perSecond
}

// TestEncodedLapsHaveNoSeam decodes laps of encoded tones and pictures. It
// measures how far the sound is from tones, in windows of 10 ms: at the seams
// no further than elsewhere. Every picture of every lap must be there, in order.
func TestEncodedLapsHaveNoSeam(t *testing.T) {
	long(t)
	for _, c := range []struct {
		rate   string
		frames int
		how    string
	}{
		{"25", 104, "avc"},         // 195 units of 1024 samples.
		{"25", 102, "avc"},         // 191.25 units.
		{"30000/1001", 101, "avc"}, // Not even a whole number of samples.
		{"25", 102, "avc,audio.codec=AC3"},
		{"25", 101, "avc,audio.codec=MP2"},
		{"30000/1001", 101, "avc,audio.codec=MP2"},
		{"24", 97, "avc,audio.sampleRate=44100"},
	} {
		t.Run(fmt.Sprint(c.rate, " ", c.frames, " ", c.how), func(t *testing.T) {
			encoder(t)
			lap := lapSeconds(c.rate, c.frames)
			source := tones(t, c.rate, c.frames, int(440*lap))
			file := filepath.Join(t.TempDir(), "laps.ts")
			const laps = 6
			lilo(t, 0, "render", source, "--encode", c.how+",gopSize=25", "--out", file, "--whole",
				"--for", fmt.Sprintf("%dms", int(laps*lap*1000)))
			clean(t, file)
			soundIsWhole(t, file, lap)
			picturesInOrder(t, file, c.frames)
		})
	}
}

// clean has the monitor measure a file: there must be no error in it.
func clean(t *testing.T, file string) {
	t.Helper()
	r, err := monitor.ReadFile(t.Context(), file, monitor.Options{})
	if err != nil || r.Verdict != "no errors" {
		t.Errorf("%s %v", r.Verdict, err)
	}
}

// soundIsWhole compares what is left of the sound without its tones, at the
// seams and elsewhere.
func soundIsWhole(t *testing.T, file string, lap float64) {
	t.Helper()
	const rate = 48000
	pcm, _ := tool(t, "ffmpeg", "-v", "quiet", "-i", file, "-map", "0:a", "-ac", "2", "-ar", fmt.Sprint(rate), "-f", "f32le", "-")
	values := make([]float32, len(pcm)/4)
	if _, err := binary.Decode(pcm, binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	hz := math.Floor(440*lap) / lap
	window := rate / 100
	var elsewhere, seams []float64
	for at := rate / 2; at+window < len(values)/2-rate/2; at += window {
		left := residue(values[2*at:2*(at+window)], rate, hz)
		// Where in its lap the window is; a decoder begins with the first unit.
		where := math.Mod(float64(at)/rate, lap)
		if where < 0.08 || where > lap-0.08 {
			seams = append(seams, left)
		} else {
			elsewhere = append(elsewhere, left)
		}
	}
	slices.Sort(elsewhere)
	worst := slices.Max(seams)
	median, highest := elsewhere[len(elsewhere)/2], elsewhere[len(elsewhere)*99/100]
	t.Logf("error at %d seam windows: %.1f dB at most; elsewhere: median %.1f dB, 99 %% below %.1f dB", len(seams), db(worst), db(median), db(highest))
	if worst > 2*highest {
		t.Errorf("the error at the seam is %.1f dB, elsewhere %.1f dB", db(worst), db(highest))
	}
}

func db(x float64) float64 { return 20 * math.Log10(x) }

// residue is the root mean square of what is left of a window when its tones
// are taken out. They may be a little sharp or flat, which is looked for.
func residue(v []float32, rate int, hz float64) float64 {
	best := math.Inf(1)
	for cents := -40.0; cents <= 40; cents += 2 {
		best = min(best, residueAt(v, rate, hz*math.Pow(2, cents/1200)))
	}
	return best
}

func residueAt(v []float32, rate int, hz float64) float64 {
	n := len(v) / 2
	left, right := make([]float64, n), make([]float64, n)
	for i := range n {
		left[i], right[i] = float64(v[2*i]), float64(v[2*i+1])
	}
	sum := unfit(left, rate, hz, 3*hz) + unfit(right, rate, 2*hz)
	return math.Sqrt(sum / float64(2*n))
}

// unfit returns the energy that a least-squares fit of tones leaves.
func unfit(x []float64, rate int, tones ...float64) float64 {
	var basis [][]float64
	for _, f := range tones {
		for _, phase := range []float64{0, math.Pi / 2} {
			b := make([]float64, len(x))
			for i := range b {
				b[i] = math.Sin(2*math.Pi*f*float64(i)/float64(rate) + phase)
			}
			basis = append(basis, b)
		}
	}
	for i, b := range basis { // Gram and Schmidt.
		for _, other := range basis[:i] {
			take(b, other)
		}
		take(x, b)
	}
	return dot(x, x)
}

func take(x, b []float64) {
	k := dot(x, b) / dot(b, b)
	for i := range x {
		x[i] -= k * b[i]
	}
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// picturesInOrder reads the grey of every picture.
func picturesInOrder(t *testing.T, file string, frames int) {
	t.Helper()
	grey, _ := tool(t, "ffmpeg", "-v", "quiet", "-i", file, "-map", "0:v", "-vf", "crop=48:48:8:8,scale=1:1:flags=area,format=gray",
		"-fps_mode", "passthrough", "-f", "rawvideo", "-")
	if len(grey) < 2*frames {
		t.Fatalf("only %d pictures", len(grey))
	}
	// Where the piece ends, pictures are missing that others refer to.
	for i, g := range grey[:len(grey)-8] {
		want := i % frames % 8
		if got := int(math.Round((float64(g)*219/255 + 16 - 30) / 25)); got != want {
			t.Fatalf("picture %d (%d of its lap) is number %d modulo 8, want %d", i, i%frames, got, want)
		}
	}
}

// TestEncodersMakeCleanLaps plays what every codec and rate control makes, over laps.
func TestEncodersMakeCleanLaps(t *testing.T) {
	long(t)
	encoder(t)
	source := tones(t, "25", 55, 900)
	for how, limit := range map[string]int64{
		"avc": 0, "hevc": 0, "mpeg2": 0,
		"avc,rateControlMode=CBR,bitrate=2M":                 2_000_000,
		"avc,rateControlMode=VBR,bitrate=1M,maxBitrate=2M":   2_000_000,
		"avc,qvbrQualityLevel=5,maxBitrate=1500k":            1_500_000,
		"hevc,rateControlMode=CBR,bitrate=2M":                2_000_000,
		"hevc,rateControlMode=VBR,bitrate=1M,maxBitrate=2M":  2_000_000,
		"mpeg2,rateControlMode=CBR,bitrate=3M":               3_000_000,
		"mpeg2,rateControlMode=VBR,bitrate=2M,maxBitrate=3M": 3_000_000,
		"avc,profile=BASELINE":                               0,
		"avc,gopNumBFrames=3,gopBReference=ENABLED":          0,
		"avc,scanType=INTERLACED":                            0,
		"mpeg2,scanType=INTERLACED":                          0,
		"hevc,profile=MAIN_10BIT":                            0,
		"avc,width=480,height=360,framerate=30000/1001":      0,
		"avc,audio.codec=AC3,audio.codingMode=5_1":           0,
		"avc,audio.codingMode=1_0,audio.sampleRate=32000":    0,
		"lilo,width=320,height=176,bitrate=1M":               1_000_000,
	} {
		t.Run(how, func(t *testing.T) {
			var s channel.Spec
			if err := s.Set("encode", how); err != nil {
				t.Fatal(err)
			}
			r, err := player.Probe(t.Context(), channel.Spec{Source: source, Name: "x", Encode: s.Encode}, player.LocalOptions())
			// The tones last 0.1 s longer than the pictures.
			if err != nil || len(r.Notes) != 1 || r.Notes[0].Kind != media.NoteSoundCut || r.Tracks[0].Buffer != "within its level" {
				t.Errorf("%v %v %q", err, r.Notes, r.Tracks[0].Buffer)
			}
			if limit > 0 && r.Tracks[0].BitRate > limit*1005/1000 {
				t.Errorf("the video has %d bit/s, more than %d", r.Tracks[0].BitRate, limit)
			}
			file := filepath.Join(t.TempDir(), "laps.ts")
			lilo(t, 0, "render", source, "--encode", how, "--out", file, "--whole", "--for", "9s")
			clean(t, file)
			if _, errs := tool(t, "ffmpeg", "-v", "warning", "-xerror", "-i", file, "-f", "null", "-"); len(errs) > 0 {
				t.Errorf("ffmpeg: %s", errs)
			}
			t.Logf("video %d kb/s, multiplex %d kb/s", r.Tracks[0].BitRate/1000, r.MuxRate/1000)
		})
	}
}

// TestEncodeTakesWhatCannotBePlayed: every coding that run refuses with the
// advice to encode is then encoded.
func TestEncodeTakesWhatCannotBePlayed(t *testing.T) {
	encoder(t)
	for name, args := range map[string][]string{
		"vp9.mp4":    {"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"},
		"av1.mp4":    {"-c:v", "libsvtav1", "-preset", "12", "-c:a", "flac", "-strict", "-2"},
		"prores.mov": {"-c:v", "prores_ks", "-c:a", "pcm_s24le"},
		"jpeg.mov":   {"-c:v", "mjpeg", "-an"},
	} {
		t.Run(name, func(t *testing.T) {
			source := filepath.Join(t.TempDir(), name)
			tool(t, "ffmpeg", append(append([]string{
				"-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2",
				"-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=2",
			}, args...), source)...)
			p := lilo(t, 4, "probe", source)
			if !strings.Contains(p.err.String(), "--encode") {
				t.Errorf("no advice: %s", &p.err)
			}
			if p := lilo(t, 0, "probe", "--encode", "avc", source); !strings.Contains(p.out.String(), "audio") {
				t.Errorf("no sound: %s", &p.out)
			}
		})
	}
}

func TestEncodeRefusesWhatIsEncrypted(t *testing.T) {
	encoder(t)
	source := movie(t, "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", strings.Repeat("7", 32), "-encryption_kid", strings.Repeat("a", 32))
	p := lilo(t, 4, "probe", "--encode", "avc", source)
	if !strings.Contains(p.err.String(), "encrypted") {
		t.Error(p.err.String())
	}
}

// left returns the files of the cache that are not a mezzanine's own.
func left(t *testing.T) (stray, mezzanines int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		switch name := filepath.Base(f); {
		case name == "mezzanine.mp4":
			mezzanines++
		case strings.HasPrefix(name, "work-"):
			stray++
		}
	}
	return stray, mezzanines
}

// encoding waits until ffmpeg has written something.
func encoding(t *testing.T) {
	t.Helper()
	for range 600 {
		if files, _ := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*", "work-video.mp4")); len(files) > 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("no encoding begins")
}

// TestEncodingIsInterruptedAndTakenUp cancels, kills, and encodes in two processes at once.
func TestEncodingIsInterruptedAndTakenUp(t *testing.T) {
	long(t)
	encoder(t)
	source := movie(t, "-vf", "scale=1280:720", "-preset", "ultrafast")
	how := []string{"probe", "--encode", "avc,qvbrQualityLevel=9", source}

	p := start(t, how...)
	encoding(t)
	p.signal(t, syscall.SIGINT)
	if code := p.wait(t); code != 1 || !strings.Contains(p.err.String(), "interrupted") {
		t.Errorf("exit code %d: %s", code, &p.err)
	}
	if entries, _ := filepath.Glob(filepath.Join(os.Getenv("LILO_CACHE"), "*")); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}

	p = start(t, how...)
	encoding(t)
	p.signal(t, syscall.SIGKILL)
	p.wait(t)
	if stray, _ := left(t); stray == 0 {
		t.Error("a killed process cleaned up")
	}

	// Another mezzanine cleans up what the killed one left.
	lilo(t, 0, "probe", "--encode", "avc,width=160,height=90", source)
	if stray, mezzanines := left(t); stray != 0 || mezzanines != 1 {
		t.Errorf("%d files left behind, %d mezzanines", stray, mezzanines)
	}

	a, b := start(t, how...), start(t, how...)
	encoding(t)
	if a.wait(t) != 0 || b.wait(t) != 0 || a.out.String() != b.out.String() {
		t.Errorf("%s%s%s%s", &a.out, &a.err, &b.out, &b.err)
	}
	if stray, mezzanines := left(t); stray != 0 || mezzanines != 2 {
		t.Errorf("%d files left behind, %d mezzanines", stray, mezzanines)
	}
}
