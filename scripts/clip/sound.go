package main

import (
	"encoding/binary"
	"io"
	"math"
)

const (
	sampleRate = 48_000
	amplitude  = 0.25 // −12 dB of full scale
	// The tone stops within a few milliseconds instead of at once, to end without a click.
	// It begins at full strength, so that its onset can be measured.
	release = sampleRate * 5 / 1000
)

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
