//go:build e2e

package clip

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"flag"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "draw and encode the clip again")

const (
	width     = 1280
	height    = 720
	fps       = PicturesASecond
	seconds   = Seconds
	flashAt   = 12 // the picture of each second that the flash begins with: far from the end of the lap
	flashed   = 2  // how many pictures it lasts
	beepHertz = 1000

	amplitude = 0.25 // −12 dB of full scale
	// The tone stops within five milliseconds instead of at once, to end without a click.
	// It begins at full strength, so that its onset can be measured.
	release = SampleRate * 5 / 1000
)

// TestClipIsTheDrawing compares the clip with the pictures and the sound that it was
// encoded from. Everything that moves is periodic in its ten seconds, so that the last
// picture flows into the first.
func TestClipIsTheDrawing(t *testing.T) {
	scene, err := newScene()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		encode(t, scene)
	}
	const every = 37 // Picture 37 has the flash.
	pictures := decode(t, "-vf", "select=not(mod(n\\,37))", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo")
	size := width * height * 3 / 2
	if want := (seconds*fps + every - 1) / every * size; len(pictures) != want {
		t.Fatalf("%d bytes of pictures, want %d", len(pictures), want)
	}
	for i := 0; len(pictures) > 0; i += every {
		if got := psnr(pictures[:size], scene.draw(i).yuv(), 255); got < 38 { // The next picture has 32 dB.
			t.Errorf("picture %d has a PSNR of %.1f dB", i, got)
		}
		pictures = pictures[size:]
	}
	sound, want := decode(t, "-f", "s16le"), sound()
	if len(sound) < len(want) { // Its last access unit may reach beyond the end.
		t.Fatalf("%d bytes of sound, want %d", len(sound), len(want))
	}
	heard, drawn := make([]int16, len(want)/2), make([]int16, len(want)/2)
	for i := range drawn {
		heard[i], drawn[i] = int16(binary.LittleEndian.Uint16(sound[2*i:])), int16(binary.LittleEndian.Uint16(want[2*i:]))
	}
	if got := psnr(heard, drawn, 32767); got < 60 {
		t.Errorf("the sound has a PSNR of %.1f dB", got)
	}
}

// psnr returns how near two signals are, in dB below the peak.
func psnr[T byte | int16](a, b []T, peak float64) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return 10 * math.Log10(peak*peak*float64(len(a))/sum)
}

// decode returns what ffmpeg makes of the clip.
func decode(t *testing.T, args ...string) []byte {
	t.Helper()
	return ffmpeg(t, nil, append(append([]string{"-i", "clip.mp4"}, args...), "-")...)
}

func ffmpeg(t *testing.T, in io.Reader, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error", "-y"}, args...)...)
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = in, &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, &said)
	}
	return out
}

// encode draws and encodes the clip: H.264 High with closed GOPs of 1 s and two B
// pictures, and AAC-LC stereo. One thread and no dates, so that one version of ffmpeg
// always makes the same file.
func encode(t *testing.T, scene *scene) {
	t.Helper()
	dir := t.TempDir()
	pcm, made := filepath.Join(dir, "clip.pcm"), filepath.Join(dir, "clip.mp4")
	if err := os.WriteFile(pcm, sound(), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	go func() {
		buffered := bufio.NewWriterSize(w, 1<<20)
		for i := range seconds * fps {
			if _, err := buffered.Write(scene.draw(i).yuv()); err != nil {
				return // ffmpeg has ended, and says why.
			}
		}
		_ = w.CloseWithError(buffered.Flush())
	}()
	defer r.Close()
	ffmpeg(t, r, append(strings.Fields(`-fflags +bitexact
		-f rawvideo -pixel_format yuv420p -video_size 1280x720 -framerate 25 -i -
		-f s16le -ar 48000 -ac 2 -i `+pcm+`
		-map 0:v -map 1:a -map_metadata -1
		-c:v libx264 -preset veryslow -tune animation -profile:v high -level 3.1 -threads 1
		-b:v 680k -maxrate 800k -bufsize 800k
		-x264-params keyint=25:min-keyint=25:scenecut=0:open-gop=0:bframes=2:b-pyramid=none:ref=3:aq-mode=3:aq-strength=1.2
		-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv
		-bsf:v filter_units=remove_types=6
		-c:a aac -b:a 128k -flags +bitexact
		-metadata:s:a:0 language=eng
		-movflags +faststart -f mp4`), made)...)
	file, err := os.ReadFile(made)
	if err == nil {
		err = os.WriteFile("clip.mp4", file, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// sound returns the sound, two channels of 16 bits little-endian: a tone once a
// second, together with the flash and as long.
func sound() []byte {
	samples := make([]int16, SampleRate)
	length := SampleRate * flashed / fps
	for i := range length {
		gain := min(1, float64(length-i)/release)
		samples[SampleRate*flashAt/fps+i] = int16(math.Round(32767 * amplitude * gain * math.Sin(2*math.Pi*beepHertz*float64(i)/SampleRate)))
	}
	var second []byte
	for _, s := range samples {
		second = binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(second, uint16(s)), uint16(s))
	}
	return bytes.Repeat(second, seconds)
}
