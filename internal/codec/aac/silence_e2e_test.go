//go:build e2e

package aac

import (
	"bytes"
	"fmt"
	"os/exec"
	"testing"

	"github.com/lilo-live/lilo/internal/media"
)

// TestSilenceBetweenRealFrames proves with ffmpeg's decoder, told to fail on
// any fault, that silent access units fit between real ones and hold nothing
// but zeros.
func TestSilenceBetweenRealFrames(t *testing.T) {
	type stream struct {
		profile  string
		rate     int
		layout   string
		channels int
	}
	streams := []stream{
		{"aac_main", 48000, "stereo", 2},
		{"aac_ltp", 48000, "mono", 1},
	}
	for _, rate := range []int{96000, 48000, 44100, 32000, 24000, 16000, 8000} {
		if testing.Short() && rate != 48000 {
			continue // make e2e goes through all rates.
		}
		for i, layout := range []string{"mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1"} {
			streams = append(streams, stream{"aac_low", rate, layout, []int{1, 2, 3, 4, 5, 6, 8}[i]})
		}
	}
	for _, s := range streams {
		t.Run(fmt.Sprintf("%s %d Hz %s", s.profile, s.rate, s.layout), func(t *testing.T) {
			noise := fmt.Sprintf("anoisesrc=r=%d:d=3:a=0.3,aformat=channel_layouts=%s", s.rate, s.layout)
			adts := run(t, nil, "-f", "lavfi", "-i", noise, "-c:a", "aac", "-strict", "-2", "-profile:a", s.profile,
				"-b:a", fmt.Sprint(s.rate*s.channels), "-f", "adts", "-")
			prove(t, s.channels, adts)
		})
	}
}

// prove decodes 8 real units, 6 silent ones and 8 real ones, and looks for
// sound where there must be none: behind the overlap with the first real ones.
func prove(t *testing.T, channels int, stream []byte) {
	t.Helper()
	const before, between, after = 8, 6, 8
	config, samples := split(t, stream)
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	if c.Channels() != channels {
		t.Errorf("%s: %d channels, want %d", c, c.Channels(), channels)
	}
	stream = appendAll(t, c, nil, samples[:before])
	for range between {
		stream = append(stream, adts(t, c)...)
	}
	stream = appendAll(t, c, stream, samples[before:before+after])
	pcm := run(t, stream, "-err_detect", "crccheck+bitstream+explode", "-f", "aac", "-i", "-", "-f", "s16le", "-")
	unit := c.FrameSamples() * channels * 2
	if len(pcm) != (before+between+after)*unit {
		t.Fatalf("%s: %d bytes of sound, want %d", c, len(pcm), (before+between+after)*unit)
	}
	if silent := pcm[(before+1)*unit : (before+between)*unit]; len(bytes.Trim(silent, "\x00")) != 0 {
		t.Errorf("%s: silence is heard", c)
	}
}

func appendAll(t *testing.T, c *Coding, dst []byte, samples [][]byte) []byte {
	t.Helper()
	for _, sample := range samples {
		var err error
		if dst, err = c.AppendUnit(dst, sample, media.Place{}); err != nil {
			t.Fatal(err)
		}
	}
	return dst
}

// split undoes ADTS: it returns the AudioSpecificConfig and the samples that an MP4 would hold.
func split(t *testing.T, adts []byte) (config []byte, samples [][]byte) {
	t.Helper()
	for len(adts) > 0 {
		h, err := parseADTS(adts)
		if err != nil {
			t.Fatal(err)
		}
		config = audioSpecificConfig(h.profile+1, h.rateIndex, h.layout)
		samples = append(samples, adts[headerSize:h.size])
		adts = adts[h.size:]
	}
	return config, samples
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
