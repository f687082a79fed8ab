//go:build e2e

package ac3

import (
	"bytes"
	"fmt"
	"os/exec"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// TestSilenceBetweenRealFrames proves with ffmpeg's decoders, told to fail on
// any fault, that silent access units fit between real ones and hold nothing
// but zeros (ETSI TS 102 366 6.2.2.1, 6.10.1).
func TestSilenceBetweenRealFrames(t *testing.T) {
	for _, rate := range []int{48000, 44100, 32000} {
		if testing.Short() && rate != 48000 {
			continue // make e2e goes through all rates.
		}
		for _, stream := range []struct {
			layout   string
			channels int
			kilobits []int
		}{
			{"mono", 1, []int{64, 96, 192}},
			{"stereo", 2, []int{96, 192, 256, 448}},
			{"3.0", 3, []int{320}},
			{"3.0(back)", 3, []int{320}},
			{"4.0", 4, []int{384}},
			{"quad(side)", 4, []int{384}},
			{"5.0(side)", 5, []int{448}},
			{"2.1", 3, []int{256}},
			{"5.1(side)", 6, []int{384, 448, 640}},
		} {
			for _, kilobits := range stream.kilobits {
				for _, codec := range []string{"ac3", "eac3"} {
					t.Run(fmt.Sprintf("%s %d Hz %s %d kb/s", codec, rate, stream.layout, kilobits), func(t *testing.T) {
						sound := encode(t, codec, rate, stream.layout, kilobits)
						prove(t, codec, stream.channels, units(t, sound))
					})
				}
			}
		}
	}
}

// TestSilenceOfFewBlocks does the same for access units of several frames.
func TestSilenceOfFewBlocks(t *testing.T) {
	for _, code := range []uint32{0, 1, 2} {
		blocks := []uint8{1, 2, 3}[code]
		var sample []byte
		for n := uint8(0); n < 6; n += blocks {
			f := substream{metadata: metadata{convsync: n == 0, dialnorm: 31}}
			f.enhanced, f.blocks, f.acmod, f.lfe, f.bsid, f.size = true, blocks, 7, true, 16, 512
			sample = append(sample, f.silence()...)
		}
		t.Run(fmt.Sprintf("%d blocks", blocks), func(t *testing.T) {
			prove(t, "eac3", 6, repeat(sample))
		})
	}
}

// TestSilenceOfDependentSubstream does the same for 7.1 of 5.1 and a
// dependent substream that replaces its surrounds and adds two (E.2.8.2).
func TestSilenceOfDependentSubstream(t *testing.T) {
	var main, more substream
	main.enhanced, main.blocks, main.acmod, main.lfe, main.bsid, main.size = true, 6, 7, true, 16, 1536
	more.enhanced, more.blocks, more.acmod, more.bsid, more.size = true, 6, 6, 16, 512
	more.strmtyp, more.chanmape, more.chanmap = streamDependent, true, leftSurround|rightSurround|1<<9
	prove(t, "eac3", 8, repeat(append(main.silence(), more.silence()...)))
}

func repeat(sample []byte) [][]byte {
	var all [][]byte
	for range 10 {
		all = append(all, sample)
	}
	return all
}

// prove decodes 8 real units, 6 silent ones and 8 real ones, and looks for
// sound where there must be none: behind the overlap with the first real ones.
func prove(t *testing.T, codec string, channels int, sound [][]byte) {
	t.Helper()
	c, err := NewEnhanced(sound[0])
	if codec == "ac3" {
		c, err = New(sound[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Channels(); got != channels {
		t.Errorf("%s: %d channels, want %d", c, got, channels)
	}
	var stream []byte
	n := min(8, len(sound)/2)
	for _, unit := range concat(sound[:n], repeat(c.Silence())[:6], sound[n:2*n]) {
		if stream, err = c.AppendUnit(stream, unit, media.Place{}); err != nil {
			t.Fatal(err)
		}
	}
	pcm := run(t, stream, "-err_detect", "crccheck+bitstream+explode", "-f", codec, "-i", "-", "-f", "s16le", "-")
	unit := c.FrameSamples() * channels * 2
	if len(pcm) != (2*n+6)*unit {
		t.Fatalf("%s: %d bytes of sound, want %d", c, len(pcm), (2*n+6)*unit)
	}
	if silent := pcm[(n+1)*unit : (n+6)*unit]; len(bytes.Trim(silent, "\x00")) != 0 {
		t.Errorf("%s: silence is heard", c)
	}
}

func concat(parts ...[][]byte) [][]byte {
	var all [][]byte
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// encode makes a second of noise.
func encode(t *testing.T, codec string, rate int, layout string, kilobits int) []byte {
	t.Helper()
	noise := fmt.Sprintf("anoisesrc=r=%d:d=1:a=0.3,aformat=channel_layouts=%s", rate, layout)
	return run(t, nil, "-f", "lavfi", "-i", noise, "-c:a", codec, "-b:a", fmt.Sprint(kilobits, "k"), "-f", codec, "-")
}

// run runs ffmpeg, which must say nothing.
func run(t *testing.T, stdin []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "warning", "-nostdin", "-xerror"}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() != 0 {
		t.Fatalf("ffmpeg %q: %v: %s", args, err, stderr.String())
	}
	return stdout.Bytes()
}

// units cuts a stream into syncframes, which ffmpeg makes access units of six blocks.
func units(t *testing.T, stream []byte) [][]byte {
	t.Helper()
	var all [][]byte
	for len(stream) > 0 {
		f, err := parseSyncframe(stream)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stream[:f.size])
		stream = stream[f.size:]
	}
	return all
}
