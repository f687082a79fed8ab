//go:build e2e && linux

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/Eyevinn/mp4ff/bits"

	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/player"
)

// DTS with an extension substream behind each core frame plays as it is: ffmpeg finds the
// frames of the file in the stream, byte for byte.
func TestDTSHD(t *testing.T) {
	long(t)
	dir := t.TempDir()
	core, extended, source, laps := filepath.Join(dir, "core.dts"), filepath.Join(dir, "hd.dts"), filepath.Join(dir, "movie.mp4"), filepath.Join(dir, "laps.ts")
	tool(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=440:sample_rate=48000:duration=2", "-c:a", "dca", "-strict", "-2", "-ac", "6", "-b:a", "768k", "-f", "dts", core)
	b, err := os.ReadFile(core)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(extended, withExtensions(b), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-v", "error"}, strings.Fields("-f lavfi -i testsrc2=size=320x180:rate=25:duration=2 -i "+extended+" "+h264+"-g 25 -level 3 -shortest -c:a copy")...)
	tool(t, "ffmpeg", append(args, source)...)
	var report player.Report
	if err := json.Unmarshal(lilo(t, 0, "probe", "--json", source).out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(report.Tracks, func(tr player.Track) bool { return strings.HasPrefix(tr.Coding, "DTS-HD 48000 Hz 5.1") }) {
		t.Errorf("the codings are %+v", report.Tracks)
	}
	lilo(t, 0, "render", source, "--out", laps, "--whole", "--for", fmt.Sprintf("%dms", int(report.LoopSeconds*3000)))
	var measured monitor.Report
	if err := json.Unmarshal(lilo(t, 0, "monitor", "--json", laps).out.Bytes(), &measured); err != nil {
		t.Fatal(err)
	}
	if measured.Verdict != "no errors" {
		t.Errorf("lilo monitor: %s: %+v", measured.Verdict, measured.Checks)
	}
	if got := complaints(t, laps); got != "" {
		t.Errorf("ffmpeg: %s", got)
	}
	want, got := dtsFrames(t, source), dtsFrames(t, laps)
	for i, frame := range want[:len(want)-1] { // The last one is not in every lap.
		n := 0
		for _, other := range got {
			if bytes.Equal(frame, other) {
				n++
			}
		}
		if n < 2 {
			t.Errorf("frame %d is %d times in three laps", i+1, n)
		}
	}
}

// dtsFrames returns the frames of the audio track of a file, each without its first 4 bytes.
func dtsFrames(t *testing.T, file string) [][]byte {
	t.Helper()
	out, _ := tool(t, "ffmpeg", "-v", "error", "-i", file, "-map", "0:a:0", "-c", "copy", "-f", "dts", "-")
	return bytes.Split(out, []byte{0x7f, 0xfe, 0x80, 0x01})[1:]
}

// withExtensions puts an extension substream behind each core frame of a DTS stream.
func withExtensions(b []byte) (out []byte) {
	for len(b) > 0 {
		size := (int(b[5]&3)<<12 | int(b[6])<<4 | int(b[7])>>4) + 1 // FSIZE (ETSI TS 102 114, 5.3.1)
		out, b = append(out, b[:size]...), b[size:]
		out = append(out, extensionSubstream(bytes.Repeat([]byte{byte(len(out)>>4) & 0x7f}, 200+len(b)%97))...)
	}
	return out
}

// extensionSubstream returns an extension substream of one asset that no decoder knows
// (ETSI TS 102 114, 7.4 and 7.5).
func extensionSubstream(asset []byte) []byte {
	const header, descriptor = 18, 4 // in bytes, with the CRC
	for len(asset)%4 != (4-header%4)%4 {
		asset = append(asset, 0)
	}
	var out bytes.Buffer
	w := bits.NewWriter(&out)
	for _, field := range [...]struct {
		value uint
		bits  int
	}{
		{0x6458, 16},
		{0x2025, 16},
		{0, 8 + 2 + 1}, // user's bits, index 0, a short header
		{header - 1, 8},
		{uint(header + len(asset) - 1), 16},
		{0, 1}, // no static fields
		{uint(len(asset) - 1), 16},
		{descriptor - 1, 9},
		{0, descriptor*8 - 9}, // index 0, no metadata, coding mode 0 with no component
		{0, 4},                // to whole bytes
	} {
		w.Write(field.value, field.bits)
	}
	w.Flush()
	b := out.Bytes()
	for len(b) < header-2 {
		b = append(b, 0)
	}
	crc := uint16(0xffff)
	for _, x := range b[5:] {
		crc ^= uint16(x) << 8
		for range 8 {
			top := crc >> 15
			crc = crc<<1 ^ 0x1021*top
		}
	}
	return append(append(b, byte(crc>>8), byte(crc)), asset...)
}
