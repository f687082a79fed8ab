package encode

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
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
		video: &videoInfo{width: 1280, height: 720, aspect: ratio{1, 1}, rate: ratio{25, 1}, seconds: 60},
		audio: []audioInfo{{index: 1, channels: 2, language: "fra"}},
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
		{"late", "avc", func(c *inputInfo) { c.video.start = 0.5 }},
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
			p, err := newPlan("in.mp4", *s.Encode, in)
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

func TestProgressWriter(t *testing.T) {
	text := "frame=1\nout_time_us=N/A\nspeed=N/A\nprogress=continue\n" + strings.Repeat("x", 3*maxProgressLine) + "\n" +
		"frame=50\nfps=10.0\nout_time_us=2000000\nspeed= 1.25x\nprogress=continue\nout_time_us=4000000\nspeed=2x\nprogress=end\n"
	want := []progressReport{{0, 0}, {2 * time.Second, 1.25}, {4 * time.Second, 2}}
	for _, size := range []int{1, 7, len(text)} {
		var got []progressReport
		w := &progressWriter{handle: func(r progressReport) { got = append(got, r) }}
		for rest := text; rest != ""; rest = rest[min(size, len(rest)):] {
			if n, err := w.Write([]byte(rest[:min(size, len(rest))])); n != min(size, len(rest)) || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in writes of %d bytes: got %v, want %v", size, got, want)
		}
	}
}

func TestVersions(t *testing.T) {
	for line, want := range map[string]string{
		"ffmpeg version 5.1.9-0+deb12u1 Copyright": "",
		"ffmpeg version n7.1 Copyright":            "",
		"ffmpeg version N-109542-g8a5896ec1f":      "",
		"ffmpeg version 4.4.2-0ubuntu0.22.04.1":    "",
		"ffmpeg version 4.3.7-0+deb11u1":           "is version 4.3, and --encode needs 4.4",
		"ffmpeg version 3.4":                       "needs 4.4",
		"GNU bash, version 5":                      "is not ffmpeg",
	} {
		err := checkVersion("/x/ffmpeg", line)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(), want) || fault.KindOf(err) != fault.Usage) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestWithoutFFmpegTheWayToGetItIsTold(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findFFmpeg(t.Context(), func(string) string { return "" })
	if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "install ffmpeg") || !strings.Contains(err.Error(), pathVariable) {
		t.Error(err)
	}
}

func TestTheKeyFollowsFromEverything(t *testing.T) {
	a, _ := channel.Preset("avc")
	b, _ := channel.Preset("hevc")
	seen := map[string]bool{}
	for _, j := range []Job{{Identity: "x", Settings: a}, {Identity: "y", Settings: a}, {Identity: "x", Settings: b}} {
		for _, version := range []string{"ffmpeg version 5", "ffmpeg version 6"} {
			if k := j.key(version); seen[k] || k != j.key(version) {
				t.Errorf("%s twice", k)
			} else {
				seen[k] = true
			}
		}
	}
}

func TestProbeAnswers(t *testing.T) {
	const text = `{"streams":[
		{"index":0,"codec_type":"video","width":500,"height":500,"disposition":{"attached_pic":1}},
		{"index":1,"codec_type":"video","width":720,"height":576,"sample_aspect_ratio":"16:15","field_order":"tt",
		 "avg_frame_rate":"25/1","r_frame_rate":"50/1","duration":"4.000000","start_time":"1.5",
		 "side_data_list":[{"rotation":-90}]},
		{"index":2,"codec_type":"audio","channels":6,"tags":{"language":"deu"}}],
		"format":{"duration":"5.0","start_time":"1.0"}}`
	s, err := parseProbe([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := videoInfo{index: 1, width: 576, height: 720, aspect: ratio{15, 16}, rate: ratio{25, 1}, seconds: 4, start: 0.5, interlaced: true}
	if *s.video != want || len(s.audio) != 1 || s.audio[0] != (audioInfo{2, 6, "deu"}) {
		t.Errorf("%+v %+v", *s.video, s.audio)
	}
	for _, bad := range []string{"", "{}", `{"streams":[{"codec_type":"audio","channels":2}]}`, `{"streams":[{"codec_type":"video"}]}`} {
		if _, err := parseProbe([]byte(bad)); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// fake is a Job whose ffmpeg is a script that does what it is told, and counts its runs.
func fake(t *testing.T, dir, script string) Job {
	t.Helper()
	for _, name := range []string{"ffmpeg", "ffprobe"} {
		text := "#!/bin/sh\ncase \"$*\" in *-version*) echo ffmpeg version 9.9; exit;; esac\necho run >>" + dir + "/runs\n" + script + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	set, _ := channel.Preset("avc")
	source := filepath.Join(dir, "source.mp4")
	if err := os.WriteFile(source, []byte("source"), 0o644); err != nil {
		t.Fatal(err)
	}
	return Job{
		Input: func(context.Context, string) (string, error) { return source, nil },
		Name:  "source.mp4", Identity: "1", Settings: set,
		Cache: cache.New(filepath.Join(dir, "cache"), 1<<30),
		Env: func(key string) string {
			return map[string]string{pathVariable: filepath.Join(dir, "ffmpeg")}[key]
		},
	}
}

func TestAnErrorOfFFmpegIsToldAndLeavesNothing(t *testing.T) {
	j := fake(t, t.TempDir(), "echo noise >&2; echo it is broken >&2; echo >&2; exit 1")
	_, err := Make(t.Context(), j)
	if err == nil || !strings.Contains(err.Error(), "it is broken") || strings.Contains(err.Error(), "\n") || fault.KindOf(err) != fault.Media {
		t.Error(err)
	}
	nothingLeft(t, j)
}

func TestCancellingEndsFFmpegAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	j := fake(t, dir, "sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 200 {
			if _, err := os.Stat(filepath.Join(dir, "runs")); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	if _, err := Make(ctx, j); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Error(err)
	}
	nothingLeft(t, j)
}

func nothingLeft(t *testing.T, j Job) {
	t.Helper()
	if ids, err := j.Cache.Find(""); err != nil || len(ids) > 0 {
		t.Errorf("left behind: %v %v", ids, err)
	}
}

// TestOneEncodesAndOthersWait: whoever finds the lock taken waits for the
// mezzanine, and takes over when the other ends without one.
func TestOneEncodesAndOthersWait(t *testing.T) {
	j := fake(t, t.TempDir(), "exit 1")
	entry, err := j.Cache.Use(j.key("ffmpeg version 9.9"))
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := j.lock(t.Context(), entry)
	if err != nil || unlock == nil {
		t.Fatal(err)
	}
	writeFraction(entry, 0.25)
	waiting := make(chan Progress, 100)
	j.Report = func(p Progress) { waiting <- p }
	var group sync.WaitGroup
	var m *Mezzanine
	group.Go(func() { m, err = Make(t.Context(), j) })
	if p := <-waiting; !p.Waiting || p.Fraction != 0.25 {
		t.Errorf("%+v", p)
	}
	if err := entry.Write(fileName, []byte("made")); err != nil {
		t.Fatal(err)
	}
	unlock()
	group.Wait()
	if err != nil || m == nil || m.Path != entry.Path(fileName) {
		t.Fatal(m, err)
	}
	m.Close()
	entry.Close()
	if runs, err := os.ReadFile(filepath.Join(filepath.Dir(j.Cache.Dir()), "runs")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the second ran ffmpeg: %s %v", runs, err)
	}
}

func TestWhatAKilledProcessLeftIsSweptUp(t *testing.T) {
	j := fake(t, t.TempDir(), "exit 1")
	entry, err := j.Cache.Use(entryKind + "-killed")
	if err != nil {
		t.Fatal(err)
	}
	if err := entry.Write(tempPrefix+"video.mp4", []byte("half")); err != nil {
		t.Fatal(err)
	}
	removeUnfinished(j.Cache)
	if ids, _ := j.Cache.Find(""); len(ids) != 1 {
		t.Error("an entry in use was swept up")
	}
	entry.Close()
	removeUnfinished(j.Cache)
	nothingLeft(t, j)
}
