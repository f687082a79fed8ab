package encode

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lilo-live/lilo/internal/cache"
	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/clip"
	"github.com/lilo-live/lilo/internal/media"
	"github.com/lilo-live/lilo/internal/mp4"
)

// The test binary is its own ffmpeg and ffprobe: scripts run it with these variables.
const (
	fakeName    = "LILO_TEST_FAKE"     // "ffmpeg" or "ffprobe", or another program of these tests
	fakeFailure = "LILO_TEST_FAILURE"  // how the fake ffmpeg fails, "" for not at all
	fakeSeconds = "LILO_TEST_SECONDS"  // the duration of the fake source
	fakeAudio   = "LILO_TEST_CHANNELS" // the channels of each audio track of the fake source: "2 1"
)

func TestMain(m *testing.M) {
	switch os.Getenv(fakeName) {
	case "":
		os.Exit(m.Run())
	case "parent":
		fakeParent()
	default:
		if err := runFake(os.Getenv(fakeName), os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// newFakeJob returns a job for the fake ffmpeg. Its log file lists every run.
func newFakeJob(t *testing.T, seconds, channels, failure string) (j Job, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "runs")
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(fakeFailure, failure)
	t.Setenv(fakeSeconds, seconds)
	t.Setenv(fakeAudio, channels)
	for _, name := range []string{"ffmpeg", "ffprobe"} {
		text := fmt.Sprintf("#!/bin/sh\nexport GORACE=atexit_sleep_ms=0\necho %s $$ \"$*\" >>'%s'\n%s=%s exec '%s' \"$@\"\n", name, log, fakeName, name, binary)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	source := filepath.Join(dir, "source.mp4")
	if err := os.WriteFile(source, []byte("source"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, _ := channel.Preset("avc")
	return Job{
		Input: func(context.Context, string) (string, error) { return source, nil },
		Name:  "source.mp4", Identity: "1", Settings: settings,
		Cache: cache.New(filepath.Join(dir, "cache"), 1<<30),
		Env:   func(string) string { return filepath.Join(dir, "ffmpeg") },
	}, log
}

func runFake(name string, args []string) error {
	failure := os.Getenv(fakeFailure)
	out := args[len(args)-1]
	switch {
	case slices.Contains(args, "-version"):
		fmt.Println("ffmpeg version 9.9")
		return nil
	case name == "ffprobe" && slices.Contains(args, "-read_intervals"):
		fmt.Print("0.000000,0,0\n0.040000,0,0\n")
		return nil
	case name == "ffprobe" && slices.Contains(args, "csv=p=0"):
		return fakePackets()
	case name == "ffprobe":
		return fakeProbe(failure)
	case slices.Contains(args, "pcm_u8"):
		return nil
	case slices.Contains(args, "-progress"):
		return fakeVideo(args, out, failure)
	case slices.Contains(args, "pipe:0"):
		return fakeAudioEncoder(args, out, failure)
	default:
		return fakeDecoder(strings.Join(args, " "), failure)
	}
}

func fakeProbe(failure string) error {
	if failure == "probe" {
		return errors.New("moov atom not found")
	}
	streams := []string{fmt.Sprintf(`{"index":0,"codec_type":"video","width":320,"height":180,"avg_frame_rate":"25/1","duration":%q}`, os.Getenv(fakeSeconds))}
	for i, channels := range strings.Fields(os.Getenv(fakeAudio)) {
		streams = append(streams, fmt.Sprintf(`{"index":%d,"codec_type":"audio","channels":%s,"tags":{"language":"fra"}}`, i+1, channels))
	}
	fmt.Printf(`{"streams":[%s],"format":{}}`, strings.Join(streams, ","))
	return nil
}

// fakePackets writes a packet of each stream, as long as the source.
func fakePackets() error {
	for i := range 1 + len(strings.Fields(os.Getenv(fakeAudio))) {
		fmt.Printf("%d,0.000000,%s,K_\n", i, os.Getenv(fakeSeconds))
	}
	return nil
}

// option returns the value behind an option of the command line.
func option(args []string, name string) string {
	return args[slices.Index(args, name)+1]
}

// number returns the first number that a pattern finds.
func number(pattern, text string, group int) int {
	n, _ := strconv.Atoi(regexp.MustCompile(pattern).FindStringSubmatch(text)[group])
	return n
}

// fakeVideo writes as many pictures as it is asked for. Each holds its number,
// and those that the command line forces are sync samples.
func fakeVideo(args []string, out, failure string) error {
	count, _ := strconv.Atoi(option(args, "-frames:v"))
	keys := option(args, "-force_key_frames")
	const pattern = `n\+(\d+),(\d+)\),(\d+)`
	offset, frames, gop := number(pattern, keys, 1), number(pattern, keys, 2), number(pattern, keys, 3)
	fmt.Printf("out_time_us=1000000\nspeed=2x\nprogress=continue\nout_time_us=9000000000\nprogress=end\n")
	switch failure {
	case "video":
		return errors.New("Error while opening encoder\n\nConversion failed!") //nolint:revive // ffmpeg's words.
	case "killed":
		return syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "no output":
		return nil
	case "garbage":
		return os.WriteFile(out, []byte("garbage"), 0o600)
	case "few pictures":
		count -= 100
	case "disk full":
		if err := os.Symlink("/dev/full", filepath.Join(filepath.Dir(out), tempPrefix+fileName)); err != nil {
			return err
		}
	}
	asset, err := bundled()
	if err != nil {
		return err
	}
	first, err := asset.ReadUnit(asset.Video, 0, nil)
	if err != nil {
		return err
	}
	t := &movieTrack{video: true, timescale: 25, duration: 1, entry: asset.Video.Entry, width: 320, height: 180, aspect: ratio{1, 1}, shown: count}
	for i := range count {
		sync := (i+offset)%frames%gop == 0 && failure != "no IDR" || i == 0
		data := fakePicture(i, sync)
		if i == 0 { // mp4.Open reads its parameter sets.
			data = first
		}
		t.samples = append(t.samples, sample{from: bytes.NewReader(data), size: len(data), sync: sync})
	}
	_, err = writeMovie(out, &movie{tracks: []*movieTrack{t}})
	return err
}

// fakePicture returns a sample with one slice, of type 5 if it is an IDR picture, that
// holds its number (ISO/IEC 14496-10, table 7-1).
func fakePicture(i int, idr bool) []byte {
	header := byte(0x41)
	if idr {
		header = 0x65
	}
	unit := fmt.Appendf([]byte{header, 0x9a}, "picture %d", i)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(unit))), unit...)
}

// fakeTone is the sound of the fake source: ten periods per lap of n samples.
func fakeTone(i, n int) float32 { return float32(0.5 * math.Sin(2*math.Pi*10*float64(i)/float64(n))) }

// fakeDecoder writes the tone.
func fakeDecoder(args, failure string) error {
	n := number(`end_sample=(\d+)`, args, 1)
	channels := 2
	if strings.Contains(args, "channel_layouts=mono") {
		channels = 1
	}
	var raw []byte
	for i := range n {
		for range channels {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(fakeTone(i, n)))
		}
	}
	switch failure {
	case "decoder":
		_, _ = os.Stdout.Write(raw[:len(raw)/2])
		return errors.New("Invalid data found when processing input")
	case "slow decoder":
		_, _ = os.Stdout.Write(raw[:len(raw)/2])
		time.Sleep(time.Hour)
	}
	_, err := os.Stdout.Write(raw)
	return err
}

// fakeAudioEncoder writes access units that hold their 1024 samples as they
// are, delayed by one unit as ffmpeg's AAC encoder delays them.
func fakeAudioEncoder(args []string, out, failure string) error {
	if failure == "encoder" {
		return errors.New("Unsupported channel layout")
	}
	pcm, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	channels, _ := strconv.Atoi(option(args, "-ac"))
	asset, err := bundled()
	if err != nil {
		return err
	}
	unit := 1024 * 4 * channels
	pcm = append(make([]byte, unit), pcm...)
	t := &movieTrack{timescale: 48_000, duration: 1024, entry: asset.Audio[0].Entry}
	for at := 0; at+unit <= len(pcm); at += unit {
		t.samples = append(t.samples, sample{from: bytes.NewReader(pcm[at : at+unit]), size: unit, sync: true})
	}
	t.shown = len(t.samples)
	_, err = writeMovie(out, &movie{tracks: []*movieTrack{t}})
	return err
}

func bundled() (*media.Asset, error) {
	r, size := clip.Open()
	f, err := mp4.Open(r, size)
	if err != nil {
		return nil, err
	}
	return f.Asset, nil
}
