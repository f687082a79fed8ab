package encode

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

// TestNotes holds the notes about what a mezzanine lacks against a golden file.
func TestNotes(t *testing.T) {
	var text strings.Builder
	for _, c := range []struct {
		name, how string
		change    func(*inputInfo)
	}{
		{"as it is", "avc", func(*inputInfo) {}},
		{"other streams", "avc", func(c *inputInfo) {
			c.others = []otherStream{{3, "subtitles", "mov_text"}, {4, "timecode", ""}, {5, "video", "h264"}, {6, "cover art", "png"}}
		}},
		{"fields", "avc", func(c *inputInfo) { c.video.interlaced = true }},
		{"fields kept", "avc,scanType=INTERLACED", func(c *inputInfo) { c.video.interlaced = true }},
		{"varying distances", "avc", func(c *inputInfo) { c.video.rate, c.video.base = ratio{1137, 50}, ratio{60, 1} }},
		{"a given frame rate", "avc,framerate=50", func(*inputInfo) {}},
		{"within a GOP", "avc", func(c *inputInfo) { c.video.early = 12 }},
		{"two sizes", "avc", func(c *inputInfo) { c.video.resized, c.video.resizedAt = [2]int{640, 360}, 30 }},
		{"holes", "avc", func(c *inputInfo) { c.video.times = append(every(20, 0.04), 0.84, 0.88001, 1) }},
		{"varying distances at the rate", "avc", func(c *inputInfo) { c.video.times = []float64{0, 0.04, 0.12, 0.16, 0.28} }},
		{"varying distances and a hole", "avc", func(c *inputInfo) {
			c.video.rate, c.video.base, c.video.times = ratio{1137, 50}, ratio{60, 1}, append(every(1000, 0.044), 47.1, 47.2)
		}},
		{"a hole at a given rate", "avc,framerate=50", func(c *inputInfo) { c.video.times = append(every(100, 0.04), 7, 7.04) }},
		{"two at a time", "avc", func(c *inputInfo) { c.video.times = []float64{0, 0.04, 0.05, 0.08, 0.08, 0.12, 59.97, 60} }},
		{"two at a time at a given rate", "avc,framerate=25", func(c *inputInfo) { c.video.times = []float64{0, 0.04, 0.05} }},
		{"odd", "avc", func(c *inputInfo) { c.video.width, c.video.height = 641, 361 }},
		{"transparent", "avc", func(c *inputInfo) { c.video.format = "bgra" }},
		{"ten bits", "avc", func(c *inputInfo) { c.video.format = "yuv422p10le" }},
		{"ten bits in HEVC", "hevc", func(c *inputInfo) { c.video.format = "yuv422p10le" }},
		{"PQ", "mpeg2", func(c *inputInfo) { c.video.format, c.video.color.transfer = "yuv420p10le", transferPQ }},
		{"PQ in HEVC", "hevc", func(c *inputInfo) { c.video.format, c.video.color.transfer = "yuv420p10le", transferPQ }},
		{"Dolby Vision 5", "hevc", func(c *inputInfo) { c.video.dolbyVision = 5 }},
		{"sound around the picture", "avc", func(c *inputInfo) { c.video.start, c.audio[0].seconds = 3, 70 }},
		{"sound within the picture", "avc", func(c *inputInfo) { c.audio[0].start, c.audio[0].seconds, c.audio[0].gaps = 1.5, 50, 0.25 }},
		{"a clock that is off", "avc", func(c *inputInfo) { c.audio[0].clock = 1.01 }},
		{"eight channels", "avc", func(c *inputInfo) { c.audio[0].channels = 8 }},
		{"eight channels to two", "avc,audio.codingMode=2_0", func(c *inputInfo) { c.audio[0].channels = 8 }},
		{"cut off", "avc", func(c *inputInfo) { c.promised, c.end = 90, 60 }},
	} {
		var s channel.Spec
		if err := s.Set("encode", c.how); err != nil {
			t.Fatal(err)
		}
		in := film()
		in.video.id, in.audio[0].id, in.end = 1, 2, 60
		c.change(&in)
		p, err := newPlan("file:in.mp4", *s.Encode, in)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&text, c.name)
		for _, n := range p.notes() {
			fmt.Fprintf(&text, "  %s %d: %s\n", n.Kind, n.Track, n)
		}
		if p.toneMap = p.wantsToneMap(); p.toneMap {
			fmt.Fprintf(&text, "  with zscale: %s\n", p.notes()[0])
		}
	}
	golden(t, "notes.txt", text.String())
}

// every returns n times that are step seconds apart.
func every(n int, step float64) []float64 {
	times := make([]float64, n)
	for i := range times {
		times[i] = float64(i) * step
	}
	return times
}
