package encode

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/mp4"
)

// inputInfo describes an input.
type inputInfo struct {
	video *videoInfo
	audio []audioInfo
}

// videoInfo describes the video stream to encode.
type videoInfo struct {
	index, width, height int
	aspect               ratio   // of a pixel
	rate                 ratio   // pictures per second
	seconds              float64 // duration
	start                float64 // seconds after the beginning of the input
	interlaced           bool
}

// audioInfo describes an audio stream to encode.
type audioInfo struct {
	index, channels int
	language        string
}

// ratio is a fraction.
type ratio struct{ num, den int }

func (r ratio) float() float64 { return float64(r.num) / float64(r.den) }

// ffprobeOutput is the part of ffprobe's JSON that matters.
type ffprobeOutput struct {
	Streams []struct {
		Index       int               `json:"index"`
		Type        string            `json:"codec_type"`
		Width       int               `json:"width"`
		Height      int               `json:"height"`
		Aspect      string            `json:"sample_aspect_ratio"`
		FieldOrder  string            `json:"field_order"`
		Rate        string            `json:"avg_frame_rate"`
		BaseRate    string            `json:"r_frame_rate"`
		Duration    string            `json:"duration"`
		Start       string            `json:"start_time"`
		Channels    int               `json:"channels"`
		Tags        map[string]string `json:"tags"`
		Disposition map[string]int    `json:"disposition"`
		SideData    []struct {
			Rotation int `json:"rotation"`
		} `json:"side_data_list"`
	} `json:"streams"`
	Format struct {
		Duration string `json:"duration"`
		Start    string `json:"start_time"`
	} `json:"format"`
}

// containers lists ffmpeg's demuxers for formats that cannot refer to other
// files or addresses.
const containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,mxf,flv,ogg"

// inputArgs returns the options with which ffmpeg and ffprobe read the file and
// nothing else.
func inputArgs(path string) []string {
	return []string{"-protocol_whitelist", "file", "-format_whitelist", containers, "-i", "file:" + path}
}

// probe asks ffprobe for the streams of the input.
func probe(ctx context.Context, t ffmpeg, path string) (inputInfo, error) {
	if err := checkEncryption(path); err != nil {
		return inputInfo{}, err
	}
	var out bytes.Buffer
	args := append([]string{"-v", "error", "-of", "json", "-show_streams", "-show_format"}, inputArgs(path)...)
	if err := (process{path: t.ffprobe, args: args, stdout: &out}).run(ctx); err != nil {
		if ctx.Err() != nil {
			return inputInfo{}, err
		}
		return inputInfo{}, fault.New(fault.Media, "ffmpeg cannot read it either: %w", err)
	}
	return parseProbe(out.Bytes())
}

// checkEncryption returns an error for an encrypted file, which ffmpeg would
// decode to noise without an error.
func checkEncryption(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fault.New(fault.Source, "%s cannot be opened: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fault.New(fault.Source, "%s cannot be opened: %w", path, err)
	}
	if kind := mp4.EncryptedFormat(f, info.Size()); kind != "" {
		return fault.New(fault.Media, "it is encrypted (%s), and LILO has no keys: use the unencrypted file", kind)
	}
	return nil
}

func parseProbe(text []byte) (inputInfo, error) {
	var p ffprobeOutput
	if err := json.Unmarshal(text, &p); err != nil {
		return inputInfo{}, fault.New(fault.Internal, "ffprobe does not answer in JSON: %w", err)
	}
	var s inputInfo
	for i := range p.Streams {
		x := &p.Streams[i]
		switch {
		case x.Type == "video" && x.Disposition["attached_pic"] == 0 && s.video == nil:
			s.video = p.videoInfo(i)
		case x.Type == "audio" && x.Channels > 0:
			s.audio = append(s.audio, audioInfo{index: x.Index, channels: x.Channels, language: x.Tags["language"]})
		}
	}
	if s.video == nil {
		return s, fault.New(fault.Media, "it has no video to encode: --encode needs a source with video")
	}
	if s.video.seconds <= 0 || s.video.width <= 0 || s.video.height <= 0 {
		return s, fault.New(fault.Media, "its video has no duration or no size (%.3f s, %dx%d): the file is damaged; get it again",
			s.video.seconds, s.video.width, s.video.height)
	}
	return s, nil
}

func (p *ffprobeOutput) videoInfo(i int) *videoInfo {
	x := &p.Streams[i]
	v := &videoInfo{index: x.Index, width: x.Width, height: x.Height}
	v.aspect, v.rate = parseRatio(x.Aspect, ":"), parseRatio(x.Rate, "/")
	if v.aspect.num == 0 {
		v.aspect = ratio{1, 1}
	}
	if base := parseRatio(x.BaseRate, "/"); v.rate.num == 0 || base.num != 0 && near(base.float(), v.rate.float(), 0.001) {
		v.rate = base
	}
	for _, d := range x.SideData {
		if d.Rotation%180 != 0 {
			v.width, v.height = v.height, v.width
			v.aspect = ratio{v.aspect.den, v.aspect.num}
		}
	}
	v.seconds, _ = strconv.ParseFloat(x.Duration, 64)
	if v.seconds == 0 {
		v.seconds, _ = strconv.ParseFloat(p.Format.Duration, 64)
	}
	start, _ := strconv.ParseFloat(x.Start, 64)
	begin, _ := strconv.ParseFloat(p.Format.Start, 64)
	v.start = start - begin
	v.interlaced = slices.Contains([]string{"tt", "bb", "tb", "bt"}, x.FieldOrder)
	return v
}

// parseRatio parses a ratio such as "30000/1001" or "16:15". It returns 0/1 for anything else.
func parseRatio(text, sign string) ratio {
	over, under, _ := strings.Cut(text, sign)
	num, err := strconv.Atoi(over)
	den, err2 := strconv.Atoi(under)
	if err != nil || err2 != nil || num <= 0 || den <= 0 {
		return ratio{0, 1}
	}
	return ratio{num, den}
}

// near reports whether a differs from b by less than a fraction of b.
func near(a, b, fraction float64) bool { return a > b*(1-fraction) && a < b*(1+fraction) }
