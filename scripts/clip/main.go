// Command clip draws the pictures and the sound of the bundled clip:
//
//	go run . picture > clip.yuv   # 250 pictures, 1280x720, planar 4:2:0, BT.709, 8 bits, limited range
//	go run . sound > clip.pcm     # 480,000 samples, two channels, signed 16 bits little-endian
//
// ../make-clip.sh encodes both. Everything that moves is periodic in the clip's ten
// seconds, so that the last picture flows into the first. Package internal/clip
// describes what can be measured in it.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
)

const (
	width     = 1280
	height    = 720
	fps       = 25
	seconds   = 10
	frames    = seconds * fps
	flashAt   = 12 // the picture of each second that the flash begins with: far from the end of the lap
	flashed   = 2  // how many pictures it lasts
	beepHertz = 1000

	sampleRate = 48_000
	amplitude  = 0.25 // −12 dB of full scale
	// The tone stops within five milliseconds instead of at once, to end without a click.
	// It begins at full strength, so that its onset can be measured.
	release = sampleRate * 5 / 1000
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "clip:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	w := bufio.NewWriterSize(out, 1<<20)
	defer w.Flush()
	switch {
	case len(args) == 1 && args[0] == "picture":
		return pictures(w)
	case len(args) == 1 && args[0] == "sound":
		return sound(w)
	}
	return fmt.Errorf("usage: clip picture|sound")
}

func pictures(w io.Writer) error {
	scene, err := newScene()
	if err != nil {
		return err
	}
	for i := range frames {
		if _, err := w.Write(scene.draw(i).yuv()); err != nil {
			return err
		}
	}
	return nil
}

// sound writes a tone once a second, together with the flash and as long.
func sound(w io.Writer) error {
	var samples [sampleRate]int16
	length := sampleRate * flashed / fps
	for i := range length {
		gain := min(1, float64(length-i)/release)
		samples[sampleRate*flashAt/fps+i] = int16(math.Round(32767 * amplitude * gain * math.Sin(2*math.Pi*beepHertz*float64(i)/sampleRate)))
	}
	for range seconds {
		for _, s := range samples {
			if err := binary.Write(w, binary.LittleEndian, [2]int16{s, s}); err != nil {
				return err
			}
		}
	}
	return nil
}
