//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/monitor"
	"github.com/lilo-live/lilo/internal/player"
)

// codedFile is a file of one coding, as arguments of ffmpeg and of lilo.
type codedFile struct {
	name       string
	encoder    string
	args       string // of ffmpeg
	settings   string // of lilo
	coding     string // how probe's name of it begins
	streamType byte
}

// TestCodings plays two laps of a file of each coding beside the usual ones. A receiver that
// measures finds no error, and ffmpeg decodes them without a complaint.
func TestCodings(t *testing.T) {
	long(t)
	out, _ := tool(t, "ffmpeg", "-v", "error", "-encoders")
	encoders := strings.Fields(string(out))
	for _, f := range []codedFile{
		{"DTS", "dca", "-c:a dca -strict -2 -ac 6 -b:a 768k", "", "DTS 48000 Hz 5.1", 0x06},
		{"Opus", "libopus", "-c:a libopus -ac 2", "", "Opus 48000 Hz stereo", 0x06},
		{"Opus 5.1", "libopus", "-c:a libopus -ac 6 -mapping_family 1", "", "Opus 48000 Hz 5.1", 0x06},
		{"MPEG-4 part 2", "mpeg4", "-c:v mpeg4 -level 0 -bf 2 -c:a aac", "", "MPEG-4 part 2 ", 0x10},
		{"AAC with a program_config_element", "aac", "-af pan=7.1(wide)|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0|c6=c0|c7=c0 -c:a aac -b:a 384k", "", "AAC-LC 48000 Hz 8 channels", 0x0f},
		{"AC-3 as ATSC", "ac3", "-c:a ac3", "--m2ts audioStreamType=ATSC", "AC-3 ", 0x81},
		{"E-AC-3 as ATSC", "eac3", "-c:a eac3", "--m2ts audioStreamType=ATSC", "E-AC-3 ", 0x87},
	} {
		t.Run(f.name, func(t *testing.T) {
			if !slices.Contains(encoders, f.encoder) {
				t.Skipf("ffmpeg has no encoder %s", f.encoder)
			}
			f.play(t)
		})
	}
}

func (f codedFile) play(t *testing.T) {
	dir := t.TempDir()
	source, laps := filepath.Join(dir, "movie.mp4"), filepath.Join(dir, "laps.ts")
	input := picture + "25" + tone + "48000" + h264 + "-g 25 -level 3 "
	tool(t, "ffmpeg", append(append([]string{"-v", "error"}, strings.Fields(input+f.args)...), source)...)
	var report player.Report
	if err := json.Unmarshal(lilo(t, 0, "probe", "--json", source).out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(report.Tracks, func(tr player.Track) bool { return strings.HasPrefix(tr.Coding, f.coding) }) {
		t.Errorf("the codings are %+v, want %s", report.Tracks, f.coding)
	}
	args := []string{"render", source, "--out", laps, "--whole", "--for", fmt.Sprintf("%dms", int(report.LoopSeconds*2000))}
	lilo(t, 0, append(args, strings.Fields(f.settings)...)...)
	var measured monitor.Report
	if err := json.Unmarshal(lilo(t, 0, "monitor", "--json", laps).out.Bytes(), &measured); err != nil {
		t.Fatal(err)
	}
	if measured.Verdict != "no errors" {
		t.Errorf("lilo monitor: %s: %+v", measured.Verdict, measured.Checks)
	}
	if !slices.ContainsFunc(measured.Streams, func(s monitor.StreamReport) bool { return s.StreamType == f.streamType }) {
		t.Errorf("no stream of type %#02x: %+v", f.streamType, measured.Streams)
	}
	if got := complaints(t, laps); got != "" {
		t.Errorf("ffmpeg: %s", got)
	}
}

// complaints returns what ffmpeg says while it decodes a file, without the line that it has of
// every program_config_element of eight channels, in an MP4 too.
func complaints(t *testing.T, file string) string {
	t.Helper()
	_, errs := tool(t, "ffmpeg", "-v", "warning", "-xerror", "-i", file, "-map", "0", "-f", "null", "-")
	var lines []string
	for line := range strings.Lines(string(errs)) {
		if !strings.HasPrefix(line, "Guessed Channel Layout for Input Stream") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
