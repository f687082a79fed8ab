package encode

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
)

var update = flag.Bool("update", false, "write what the tests found to testdata")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// film is what a source usually holds.
func film() inputInfo {
	return inputInfo{
		video:    &videoInfo{width: 1280, height: 720, aspect: ratio{1, 1}, rate: ratio{25, 1}, seconds: 60, format: "yuv420p"},
		audio:    []audioInfo{{index: 1, channels: 2, language: "fra", seconds: 60, clock: 1}},
		seekable: true,
	}
}

// TestArguments holds the command lines of ffmpeg against golden files.
func TestArguments(t *testing.T) {
	cases := []struct {
		name, how string
		change    func(*inputInfo)
	}{
		{"avc", "avc", nil},
		{"hevc", "hevc", nil},
		{"mpeg2", "mpeg2", nil},
		{"lilo", "lilo", nil},
		{"avc-cbr", "avc,bitrate=5M", nil},
		{"avc-vbr", "bitrate=5M,maxBitrate=8M", nil},
		{"hevc-cbr", "hevc,rateControlMode=CBR", nil},
		{"mpeg2-cbr", "mpeg2,bitrate=8M,level=MAIN", nil},
		{"ntsc-pillarbox", "avc,width=1920,height=1080,framerate=30000/1001", func(c *inputInfo) {
			c.video.width, c.video.height, c.video.aspect = 720, 576, ratio{16, 15}
		}},
		{"one-side", "avc,height=360", nil},
		{"odd", "avc", func(c *inputInfo) { c.video.width = 641 }},
		{"interlaced-source", "avc", func(c *inputInfo) { c.video.interlaced = true }},
		{"interlaced-to-fields", "avc,framerate=50", func(c *inputInfo) { c.video.interlaced = true }},
		{"interlaced-both", "mpeg2,scanType=INTERLACED,width=720,height=576", func(c *inputInfo) { c.video.interlaced = true }},
		{"interlaced-output", "avc,scanType=INTERLACED", nil},
		{"short", "avc", func(c *inputInfo) { c.video.seconds = 3 }},
		{"ten-bit", "hevc,profile=MAIN_10BIT,level=5.1", nil},
		{"variable-rate", "avc", func(c *inputInfo) { c.video.rate = ratio{179_873, 7201} }},
		{"late", "avc", func(c *inputInfo) { c.begin, c.video.start = 1, 1.5 }},
		{"silent", "avc,audio.codec=AC3,audio.codingMode=5_1", func(c *inputInfo) { c.audio = nil }},
		{"layer2", "avc,audio.codec=MP2,audio.bitrate=256k", func(c *inputInfo) { c.audio[0].channels = 6 }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s channel.Spec
			if err := s.Set("encode", c.how); err != nil {
				t.Fatal(err)
			}
			in := film()
			if c.change != nil {
				c.change(&in)
			}
			p, err := newPlan("file:in.mp4", *s.Encode, in)
			if err != nil {
				t.Fatal(err)
			}
			b := builder{plan: p}
			a := b.newAudioEncoder(0, p.audioTracks()[0])
			var text strings.Builder
			for _, args := range [][]string{p.videoArgs("v.mp4"), a.decodeArgs(), a.encodeArgs("a.mp4")} {
				text.WriteString(strings.ReplaceAll(strings.Join(args, " "), " -", "\n  -") + "\n\n")
			}
			golden(t, c.name+".txt", text.String())
		})
	}
}

// TestLead checks that the lap begins with a key frame, as each of its GOPs does,
// and that the encoded parts are as long as the plan says.
func TestLead(t *testing.T) {
	for frames := 5; frames < 900; frames += 7 {
		for _, gop := range []float64{1, 12, 50, 333} {
			settings, _ := channel.Preset("avc")
			settings.Video.GopSize, settings.Video.GopSizeUnits = gop, channel.GopFrames
			in := film()
			in.video.seconds = float64(frames) / 25
			p, err := newPlan("file:in.mp4", settings, in)
			if err != nil || p.frames != frames {
				t.Fatal(p, err)
			}
			offset := number(`n\+(\d+)`, p.keyFrames(), 1)
			if (p.lead+offset)%frames != 0 || (frames-p.lead%frames)%frames%p.gop != 0 || p.lead < 1 {
				t.Errorf("%d pictures, GOPs of %v: a lead of %d, key frames at %s", frames, p.gop, p.lead, p.keyFrames())
			}
			total := 0
			for _, x := range p.parts() {
				total += x.count
				if x.count < 1 || x.from+x.count > frames {
					t.Errorf("%d pictures: part %+v", frames, x)
				}
			}
			if want := p.lead + frames + p.follow; total > want || total < want && len(p.parts()) < 2*maxLaps {
				t.Errorf("%d pictures: %d are encoded, want %d", frames, total, want)
			}
		}
	}
}
