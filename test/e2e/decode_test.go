//go:build e2e

package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/clip"
)

// TestRenderedPartsFitTogether: [0, 30 s) is [0, 10 s), [10 s, 20 s) and [20 s, 30 s).
func TestRenderedPartsFitTogether(t *testing.T) {
	file := movie(t)
	piece := func(from, length string) []byte {
		return lilo(t, 0, "render", file, "--out", "-", "--from", from, "--for", length).out.Bytes()
	}
	all := piece("0s", "30s")
	if parts := bytes.Join([][]byte{piece("0s", "10s"), piece("10s", "10s"), piece("20s", "10s")}, nil); !bytes.Equal(all, parts) {
		t.Error("they do not")
	}
}

// TestDecodersDoNotComplain decodes several laps with ffmpeg and GStreamer.
func TestDecodersDoNotComplain(t *testing.T) {
	sources := map[string]string{"the bundled clip": "", "a movie": movie(t), "pictures alone": movie(t, "-an")}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "laps.ts")
			args := []string{"render", "--out", file, "--for", "25s", "--whole"}
			if source != "" {
				args = append(args, source)
			}
			lilo(t, 0, args...)
			if _, errs := tool(t, "ffmpeg", "-v", "warning", "-xerror", "-i", file, "-f", "null", "-"); len(errs) > 0 {
				t.Errorf("ffmpeg: %s", errs)
			}
			pipeline := "filesrc location=" + file + " ! tsdemux name=d d. ! queue ! h264parse ! avdec_h264 ! fakesink"
			if name != "pictures alone" {
				pipeline += " d. ! queue ! aacparse ! avdec_aac ! fakesink"
			}
			out, errs := tool(t, "gst-launch-1.0", append([]string{"-m"}, strings.Fields(pipeline)...)...)
			if text := string(out) + string(errs); strings.Contains(text, "WARN") || strings.Contains(text, "ERROR") {
				t.Errorf("GStreamer: %s", text)
			}
		})
	}
}

// TestClientsReceive receives a channel on air with ffmpeg and GStreamer.
func TestClientsReceive(t *testing.T) {
	for name, client := range map[string]func(port int) []string{
		"ffmpeg over RTP": func(port int) []string {
			return []string{"ffmpeg", "-v", "error", "-i", fmt.Sprintf("rtp://127.0.0.1:%d", port), "-t", "3", "-f", "framecrc", "-"}
		},
		"GStreamer over RTP": func(port int) []string {
			return strings.Fields(fmt.Sprintf("gst-launch-1.0 -q udpsrc num-buffers=200 address=127.0.0.1 port=%d "+
				"caps=application/x-rtp,media=video,encoding-name=MP2T,clock-rate=90000,payload=33 "+
				"! rtpmp2tdepay ! tsparse ! tsdemux ! h264parse ! avdec_h264 ! fdsink", port))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := listen(t)
			r.conn.Close()
			start(t, "run", "--to", r.url("rtp"))
			args := client(r.port)
			if out, _ := tool(t, args[0], args[1:]...); len(out) < 1000 {
				t.Errorf("it decoded next to nothing: %d bytes", len(out))
			}
		})
	}
}

// TestFlashAndBeepStayTogether decodes the bundled clip at its beginning and
// after 1, 10 and 1,000 laps, and measures how far the tone is from the flash:
// within half an audio frame of the file's own offset, which is none (I4).
func TestFlashAndBeepStayTogether(t *testing.T) {
	const half = 1024.0 / 2 / clip.SampleRate
	for _, lap := range []int{0, 1, 10, 1000} {
		t.Run(fmt.Sprint(lap, " laps"), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "piece.ts")
			from := time.Duration(lap) * clip.Seconds * time.Second
			// What is sent in these seconds is decoded up to one later: three
			// flashes at least, and those of the seam itself where there is one.
			if lap > 0 {
				from -= 2 * time.Second
			}
			lilo(t, 0, "render", "--out", file, "--from", from.String(), "--for", "5s", "--whole")
			flashes, beeps := flashTimes(t, file), beepTimes(t, file)
			compared := 0
			for _, f := range flashes {
				b, ok := nearest(beeps, f)
				if !ok {
					continue // Cut off at an end of the piece.
				}
				compared++
				if offset := b - f; math.Abs(offset) > half+0.001 {
					t.Errorf("flash at %.4f s, tone %+.2f ms from it", f, 1000*offset)
				}
			}
			if compared < 2 {
				t.Errorf("flashes %v, beeps %v", flashes, beeps)
			}
		})
	}
}

func nearest(times []float64, to float64) (float64, bool) {
	for _, x := range times {
		if math.Abs(x-to) < 0.2 {
			return x, true
		}
	}
	return 0, false
}

// flashTimes returns the PTS of the first lit picture of every flash, in seconds.
func flashTimes(t *testing.T, file string) []float64 {
	t.Helper()
	const border = 16
	crop := fmt.Sprintf("crop=%d:%d:%d:%d,scale=1:1:flags=area,format=gray", clip.FlashWidth-2*border,
		clip.FlashHeight-2*border, clip.FlashX+border, clip.FlashY+border)
	luma, _ := tool(t, "ffmpeg", "-v", "quiet", "-copyts", "-i", file, "-map", "0:v", "-vf", crop,
		"-fps_mode", "passthrough", "-f", "rawvideo", "-")
	times := timesOf(t, file, "v")
	var flashes []float64
	for i, l := range luma {
		if i > 0 && i < len(times) && l > 200 && luma[i-1] < 60 {
			flashes = append(flashes, times[i])
		}
	}
	return flashes
}

// beepTimes returns the PTS at which each tone begins, in seconds.
func beepTimes(t *testing.T, file string) []float64 {
	t.Helper()
	pcm, _ := tool(t, "ffmpeg", "-v", "quiet", "-copyts", "-i", file, "-map", "0:a", "-ac", "1", "-f", "s16le", "-")
	times := timesOf(t, file, "a")
	samples := make([]int16, len(pcm)/2)
	if _, err := binary.Decode(pcm, binary.LittleEndian, samples); err != nil {
		t.Fatal(err)
	}
	var beeps []float64
	quiet := 0
	for i, s := range samples {
		if math.Abs(float64(s)) < 2000 { // A quarter of the peak.
			quiet++
			continue
		}
		if quiet > clip.SampleRate/4 {
			beeps = append(beeps, times[0]+float64(i)/clip.SampleRate)
		}
		quiet = 0
	}
	return beeps
}

// timesOf returns the PTS of every decoded frame, in seconds.
func timesOf(t *testing.T, file, kind string) []float64 {
	t.Helper()
	out, _ := tool(t, "ffprobe", "-v", "quiet", "-select_streams", kind+":0", "-show_entries", "frame=best_effort_timestamp",
		"-of", "csv=p=0", file)
	var times []float64
	for field := range strings.FieldsSeq(strings.ReplaceAll(string(out), ",", " ")) {
		var ticks float64
		if _, err := fmt.Sscan(field, &ticks); err == nil {
			times = append(times, ticks/90_000)
		}
	}
	if len(times) == 0 {
		t.Fatalf("no frames of %s in %s", kind, file)
	}
	return times
}
