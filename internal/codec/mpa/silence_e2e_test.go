//go:build e2e

package mpa

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os/exec"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// TestSilenceBetweenRealFrames proves with ffmpeg's decoders, told to fail on
// any fault, that silent access units fit between real ones and hold nothing
// but zeros. Layer III is made without a bit reservoir, which silence interrupts.
func TestSilenceBetweenRealFrames(t *testing.T) {
	for _, s := range []struct {
		encoder  string
		rates    []int
		kilobits []int
	}{
		{"mp2", []int{48000, 44100, 32000}, []int{64, 128, 192}},
		{"mp2", []int{24000, 22050, 16000}, []int{64, 160}},
		{"libtwolame", []int{48000, 44100}, []int{96, 192}},
		{"libmp3lame", []int{48000, 44100, 32000}, []int{32, 128, 320}},
		{"libmp3lame", []int{24000, 22050, 16000}, []int{8, 64, 160}},
	} {
		for _, rate := range s.rates {
			if testing.Short() && rate != 48000 && rate != 24000 {
				continue // make e2e goes through all rates.
			}
			for _, kilobits := range s.kilobits {
				for channels := 1; channels <= 2; channels++ {
					t.Run(fmt.Sprintf("%s %d Hz %d kb/s %d", s.encoder, rate, kilobits, channels), func(t *testing.T) {
						prove(t, channels, frames(t, encode(t, s.encoder, rate, kilobits, channels)))
					})
				}
			}
		}
	}
}

// TestSilenceOfLayerI has silence alone, since nothing here encodes layer I.
func TestSilenceOfLayerI(t *testing.T) {
	for rate := range uint32(3) {
		for _, index := range []uint32{1, 7, 14} {
			for _, mode := range []uint32{0, 1, 3} {
				for _, version := range []uint32{0, bitLSF} {
					frame := header(0xfff70000 | index<<12 | rate<<10 | mode<<6).silence()
					frame[1] = frame[1]&^8 | byte(version>>16)
					h := header(binary.BigEndian.Uint32(frame))
					t.Run(fmt.Sprintf("%08x", uint32(h)), func(t *testing.T) { proveAlone(t, h.silence()) })
				}
			}
		}
	}
}

func proveAlone(t *testing.T, frame []byte) {
	t.Helper()
	c, err := New(frame)
	if err != nil {
		t.Fatal(err)
	}
	pcm := decode(t, "mp1float", bytes.Repeat(c.Silence(), 40))
	if len(bytes.Trim(pcm, "\x00")) != 0 || len(pcm) != 40*384*2*c.Channels() {
		t.Errorf("%s: %d bytes, or silence is heard", c, len(pcm))
	}
}

// prove decodes 8 real units, 8 silent ones and 8 real ones, and looks for
// sound where there must be none: behind the tail of the first real ones in
// the filter bank, which in layer III reaches two frames on.
func prove(t *testing.T, channels int, sound [][]byte) {
	t.Helper()
	const before, between, after = 8, 8, 8
	c, err := New(sound[1])
	if err != nil {
		t.Fatal(err)
	}
	var stream []byte
	for n := range before + between + after {
		unit := sound[1+n]
		if n >= before && n < before+between {
			unit = c.Silence()
		}
		if stream, err = c.AppendUnit(stream, unit, media.Place{}); err != nil {
			t.Fatal(err)
		}
	}
	decoder := "mp2float"
	if c.header.layer() == 3 {
		decoder = "mp3float"
	}
	pcm := decode(t, decoder, stream)
	unit := c.FrameSamples() * channels * 2
	if c.Channels() != channels || len(pcm) != (before+between+after)*unit {
		t.Fatalf("%s: %d bytes of sound, want %d", c, len(pcm), (before+between+after)*unit)
	}
	if silent := pcm[(before+3)*unit : (before+between)*unit]; len(bytes.Trim(silent, "\x00")) != 0 {
		t.Errorf("%s: silence is heard", c)
	}
}

func encode(t *testing.T, encoder string, rate, kilobits, channels int) []byte {
	t.Helper()
	noise := fmt.Sprintf("anoisesrc=r=%d:d=2:a=0.3,aformat=channel_layouts=%dc", rate, channels)
	args := []string{"-f", "lavfi", "-i", noise, "-c:a", encoder, "-b:a", fmt.Sprint(kilobits, "k")}
	if encoder == "libmp3lame" {
		return run(t, nil, append(args, "-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3", "-")...)
	}
	return run(t, nil, append(args, "-f", "mp2", "-")...)
}

// frames cuts a stream into frames.
func frames(t *testing.T, stream []byte) [][]byte {
	t.Helper()
	var all [][]byte
	for len(stream) >= headerSize {
		h, err := parseHeader(stream)
		if err != nil {
			t.Fatal(err)
		}
		size := min(h.frameSize(), len(stream))
		all = append(all, stream[:size])
		stream = stream[size:]
	}
	return all
}

func decode(t *testing.T, decoder string, stream []byte) []byte {
	t.Helper()
	return run(t, stream, "-err_detect", "crccheck+bitstream+explode", "-f", "mp3", "-c:a", decoder, "-i", "-", "-f", "s16le", "-")
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
