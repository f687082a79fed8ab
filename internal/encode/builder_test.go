package encode

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// openMezzanine reads a mezzanine with the package that will play it.
func openMezzanine(t *testing.T, m *cache.Entry) *media.Asset {
	t.Helper()
	f, err := os.Open(m.Path(fileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := mp4.Open(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return file.Asset
}

// unitsPCM returns the first channel of access units from the fake encoder.
func unitsPCM(t *testing.T, a *media.Asset, track *media.Track, first, end, channels int) []float64 {
	t.Helper()
	var pcm []float64
	for i := first; i < end; i++ {
		b, err := a.ReadUnit(track, i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) != 1024*4*channels {
			t.Fatalf("access unit %d has %d bytes", i, len(b))
		}
		for at := 0; at < len(b); at += 4 * channels {
			pcm = append(pcm, float64(math.Float32frombits(binary.LittleEndian.Uint32(b[at:]))))
		}
	}
	return pcm
}

// TestMezzanine makes mezzanines with a fake ffmpeg, whose pictures hold their
// number and whose sound is a tone, and checks that they hold exactly one lap:
// the pictures from the lead on, and sound without a step from lap to lap.
func TestMezzanine(t *testing.T) {
	for _, c := range []struct {
		name, seconds, channels   string
		frames, lead, short, tail int
	}{
		{"whole number of access units", "8.0", "2", 200, 200, 375, 0},
		{"only tails", "4.0", "2", 100, 200, 187, 172},
		{"body and tails", "30.0", "1", 750, 200, 1406, 938},
		{"two tracks", "2.0", "2 1", 50, 200, 93, 78},
	} {
		t.Run(c.name, func(t *testing.T) {
			j, _ := newFakeJob(t, c.seconds, c.channels, "")
			var progress []Progress
			j.Report = func(p Progress) { progress = append(progress, p) }
			m, err := Make(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			a := openMezzanine(t, m)
			checkVideo(t, a, c.frames, c.lead)
			channels := strings.Fields(c.channels)
			if len(a.Audio) != len(channels) {
				t.Fatalf("%d audio tracks, want %s", len(a.Audio), c.channels)
			}
			for i, track := range a.Audio {
				if track.Language != "fra" || len(track.Units) != c.short+c.tail || track.Tail != c.tail || track.To != int64(c.short*1024) {
					t.Errorf("language %s, %d units, tail %d, shown to %d", track.Language, len(track.Units), track.Tail, track.To)
				}
				checkContinuity(t, a, track, c.short, int(channels[i][0]-'0'), c.frames*1920)
			}
			if last := progress[len(progress)-1]; last.Fraction != 1 || !slices.IsSortedFunc(progress, func(a, b Progress) int { return int(1e6 * (a.Fraction - b.Fraction)) }) {
				t.Errorf("progress %v", progress)
			}
			left, err := os.ReadDir(strings.TrimSuffix(m.Path(fileName), fileName))
			if err != nil || len(left) != 5 { // The mezzanine, its notes and metadata, two locks.
				t.Errorf("in the cache entry: %v, %v", left, err)
			}
		})
	}
}

func checkVideo(t *testing.T, a *media.Asset, frames, lead int) {
	t.Helper()
	if len(a.Video.Units) != frames || a.Video.From != 0 || a.Video.To != int64(frames) || a.Video.Timescale != 25 {
		t.Fatalf("%d pictures, shown from %d to %d", len(a.Video.Units), a.Video.From, a.Video.To)
	}
	for i, u := range a.Video.Units {
		b, err := a.ReadUnit(a.Video, i, nil)
		if want := fmt.Sprintf("picture %d", lead+i); err != nil || !strings.HasSuffix(string(b), want) {
			t.Fatalf("picture %d holds %q, want %q, %v", i, b, want, err)
		}
		if u.RandomAccess() != (i%50 == 0) {
			t.Errorf("picture %d: random access %v", i, u.RandomAccess())
		}
	}
}

// checkContinuity checks that the tone goes on from one lap to the next without
// a step, from either tail, and that the head is the source's as it is.
func checkContinuity(t *testing.T, a *media.Asset, track *media.Track, short, channels, lap int) {
	t.Helper()
	head := unitsPCM(t, a, track, 0, 4, channels)
	for i, v := range head {
		if math.Abs(v-float64(fakeTone(i, lap))) > 1e-6 {
			t.Fatalf("sample %d of the head is %f", i, v)
		}
	}
	laps := [][]float64{unitsPCM(t, a, track, 0, short, channels)}
	if track.Tail > 0 {
		body := unitsPCM(t, a, track, 0, short-track.Tail+1, channels)
		laps = append(laps, append(body, unitsPCM(t, a, track, short, short+track.Tail, channels)...))
	}
	if len(laps) == 2 && len(laps[1]) != len(laps[0])+1024 {
		t.Fatalf("laps of %d and %d samples", len(laps[0]), len(laps[1]))
	}
	steepest := 1.05 * 0.5 * 2 * math.Pi * 10 / float64(lap)
	for _, pcm := range laps {
		pcm = append(pcm, head...)
		for i := range len(pcm) - 1 {
			if step := math.Abs(pcm[i+1] - pcm[i]); step > steepest {
				t.Fatalf("a step of %f from sample %d of %d to the next, more than %f", step, i, len(pcm)-len(head), steepest)
			}
		}
	}
}

// TestSilence encodes silence for a source without audio.
func TestSilence(t *testing.T) {
	j, log := newFakeJob(t, "8.0", "", "")
	m, err := Make(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if a := openMezzanine(t, m); len(a.Audio) != 1 || a.Audio[0].Language != "und" {
		t.Errorf("%d audio tracks", len(a.Audio))
	}
	if runs, err := os.ReadFile(log); err != nil || !bytes.Contains(runs, []byte("anullsrc")) {
		t.Errorf("runs: %s, %v", runs, err)
	}
}

// TestFailures has ffmpeg fail in every way and checks that the error says so
// and that the cache holds nothing afterwards.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		failure, seconds string
		kind             fault.Kind
		want             string
	}{
		{"probe", "8.0", fault.Media, "ffmpeg cannot read it either: ffmpeg: moov atom not found"},
		{"video", "8.0", fault.Media, "ffmpeg: Error while opening encoder"},
		{"killed", "8.0", fault.Media, "ffmpeg was ended (signal: killed): if memory is short"},
		{"no output", "8.0", fault.Internal, "the output of ffmpeg cannot be read"},
		{"garbage", "8.0", fault.Internal, "the output of ffmpeg cannot be read"},
		{"few pictures", "8.0", fault.Internal, "ffmpeg encoded 375 access units, 200 to 400 are needed"},
		{"no IDR", "8.0", fault.Internal, "did not begin the lap with an IDR picture"},
		{"disk full", "8.0", fault.Source, "the mezzanine cannot be written: write"},
		{"decoder", "8.0", fault.Media, "Invalid data found"},
		{"decoder", "4.0", fault.Media, "Invalid data found"},
		{"encoder", "8.0", fault.Media, "Unsupported channel layout"},
		{"encoder", "4.0", fault.Media, "Unsupported channel layout"},
		{"", "0.12", fault.Media, "a lap of 0.120 s is too short for its audio, which needs 0.171 s"},
		{"", "0.01", fault.Media, "less than one picture"},
	} {
		t.Run(c.failure+" "+c.seconds, func(t *testing.T) {
			j, _ := newFakeJob(t, c.seconds, "2", c.failure)
			_, err := Make(t.Context(), j)
			if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != c.kind || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %s", err, c.want)
			}
			nothingLeft(t, j)
		})
	}
}

// TestNoRoom checks that nothing is encoded when the cache has no room for it.
func TestNoRoom(t *testing.T) {
	j, log := newFakeJob(t, "8.0", "2", "")
	j.Cache = cache.New(j.Cache.Dir(), 1000)
	_, err := Make(t.Context(), j)
	if fault.KindOf(err) != fault.Source || !strings.Contains(err.Error(), "more than the cache may hold") {
		t.Error(err)
	}
	if runs, err := os.ReadFile(log); err != nil || bytes.Contains(runs, []byte("-progress")) {
		t.Errorf("runs: %s, %v", runs, err)
	}
	nothingLeft(t, j)
}

// TestInput checks that errors of the input end the work.
func TestInput(t *testing.T) {
	j, _ := newFakeJob(t, "8.0", "2", "")
	j.Input = func(context.Context, string) (string, error) {
		return "", fault.New(fault.Source, "the download failed")
	}
	if _, err := Make(t.Context(), j); err == nil || err.Error() != "the download failed" {
		t.Error(err)
	}
	j.Input = func(context.Context, string) (string, error) { return "/nowhere/source.mp4", nil }
	if _, err := Make(t.Context(), j); fault.KindOf(err) != fault.Source || !strings.Contains(err.Error(), "/nowhere/source.mp4 cannot be opened") {
		t.Error(err)
	}
	nothingLeft(t, j)
}
