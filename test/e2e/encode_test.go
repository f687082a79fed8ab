//go:build e2e

package e2e

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/engine"
	"github.com/lilo-live/lilo/internal/monitor"
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
	var num, den float64 = 0, 1
	fmt.Sscanf(rate, "%f/%f", &num, &den)
	return float64(frames) * den / num
}

// TestEncodedSoundHasNoSeam decodes laps of encoded tones and measures how far
// the sound is from tones, in windows of 10 ms: at the seams no further than elsewhere.
func TestEncodedSoundHasNoSeam(t *testing.T) {
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
			const laps = 9
			lilo(t, 0, "render", source, "--encode", c.how+",gopSize=25", "--out", file, "--whole",
				"--for", fmt.Sprintf("%dms", int(laps*lap*1000)))
			clean(t, file)
			soundIsWhole(t, file, lap)
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
	for at := rate / 2; at+window < len(values)/2-rate/2; at += window / 2 {
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
	for cents := -60.0; cents <= 60; cents += 2 {
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

var _ = []any{engine.Open, channel.Default, strings.Fields, time.Second}
