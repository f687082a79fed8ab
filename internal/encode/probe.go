package encode

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/lilo-live/lilo/internal/fault"
)

// inputInfo describes an input.
type inputInfo struct {
	video *videoInfo // nil for sound without a picture
	audio []audioInfo
	// others are the streams that are not encoded.
	others []otherStream
	// begin is the time at which it begins, in seconds. All times are the input's own:
	// ffmpeg counts from another beginning when it reads only some of the streams.
	begin float64
	// end is when its last packet ends.
	end float64
	// promised is how long the container says it is, in seconds; 0 if only a guess says it.
	promised float64
	// seekable says that ffmpeg finds the pictures at any time in it.
	seekable bool
}

// videoInfo describes the video stream to encode, as it is shown: turned as its
// container says.
type videoInfo struct {
	index, width, height int
	id                   uint32  // the track in its file
	aspect               ratio   // of a pixel
	rate                 ratio   // pictures per second, on average
	base                 ratio   // the rate at which all its pictures have a place, if ffprobe found one
	start, seconds       float64 // when the first picture is shown, and for how long all are
	packets              int
	times                []float64 // when each picture is shown, in order
	early                int       // how many come before those, and cannot be decoded
	intra                bool      // every picture is decoded alone
	resized              [2]int    // width and height of the first picture of another size, 0 if there is none
	resizedAt            float64   // when it is shown
	interlaced           bool
	bottomFirst          bool // of an interlaced one: the bottom field comes first
	turned               bool // by the container's display matrix
	color                colorInfo
	format               string // ffmpeg's name of its pixel format
	dolbyVision          int    // the profile of Dolby Vision, 0 for none
}

// audioInfo describes an audio stream to encode.
type audioInfo struct {
	index, channels int
	id              uint32 // the track in its file
	language        string
	start, seconds  float64
	gaps            float64 // how long nothing sounds in between
	// clock is how long the stream's times say that a second of its samples lasts.
	clock float64
}

// otherStream is a stream that is not encoded.
type otherStream struct {
	id         uint32
	kind, name string // for people, and ffmpeg's name of its coding: "subtitles", "mov_text"
}

// ratio is a fraction.
type ratio struct{ num, den int }

func (r ratio) float() float64 { return float64(r.num) / float64(r.den) }

// ffprobeOutput is the part of ffprobe's JSON that matters.
type ffprobeOutput struct {
	Streams []ffprobeStream `json:"streams"`
	Format  struct {
		Name     string `json:"format_name"`
		Duration string `json:"duration"`
		Start    string `json:"start_time"`
	} `json:"format"`
}

type ffprobeStream struct {
	Index       int               `json:"index"`
	ID          string            `json:"id"`
	Codec       string            `json:"codec_name"`
	Type        string            `json:"codec_type"`
	Tag         string            `json:"codec_tag_string"`
	Width       int               `json:"width"`
	Height      int               `json:"height"`
	Aspect      string            `json:"sample_aspect_ratio"`
	FieldOrder  string            `json:"field_order"`
	Rate        string            `json:"avg_frame_rate"`
	BaseRate    string            `json:"r_frame_rate"`
	Format      string            `json:"pix_fmt"`
	Range       string            `json:"color_range"`
	Matrix      string            `json:"color_space"`
	Primaries   string            `json:"color_primaries"`
	Transfer    string            `json:"color_transfer"`
	Duration    string            `json:"duration"`
	Start       string            `json:"start_time"`
	Channels    int               `json:"channels"`
	SampleRate  string            `json:"sample_rate"`
	Tags        map[string]string `json:"tags"`
	Disposition map[string]int    `json:"disposition"`
	SideData    []struct {
		Rotation    int    `json:"rotation"`
		Matrix      string `json:"displaymatrix"`
		DolbyVision int    `json:"dv_profile"`
	} `json:"side_data_list"`
}

// containers lists ffmpeg's demuxers for formats that cannot refer to other
// files or addresses.
const containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,m4v,h264,hevc,ivf,avi,mxf,flv,asf,ogg,gif,dv,nut,rm,y4m,yuv4mpegpipe," +
	"wav,w64,aiff,au,caf,flac,mp3,aac,loas,ac3,eac3,dts,dtshd,truehd,mlp,ape,tta,wv,amr,amrnb,amrwb"

// inputArgs returns the options with which ffmpeg and ffprobe read a source at its
// address, and nothing else.
func inputArgs(address string) []string {
	protocols := "file"
	if strings.HasPrefix(address, "subfile,") {
		protocols = "subfile,file"
	}
	return []string{"-protocol_whitelist", protocols, "-format_whitelist", containers, "-i", address}
}

// Check returns why a file cannot be encoded, nil if it seems that it can: it looks at
// the headers of the file alone. Faults are of kind Usage without ffmpeg, otherwise
// Source or Media.
func Check(ctx context.Context, path string) error {
	tools, err := findFFmpeg(ctx, os.Getenv)
	if err != nil {
		return err
	}
	address, _, err := inspect(path)
	if err != nil {
		return err
	}
	p, err := readHeaders(ctx, tools, address)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Streams, func(s ffprobeStream) bool { return s.Type == "video" || s.Type == "audio" && s.Channels > 0 }) {
		return errNothingToEncode()
	}
	return nil
}

func errNothingToEncode() error {
	return fault.New(fault.Media, "it has neither pictures nor sound that ffmpeg can read: use another file")
}

// readHeaders asks ffprobe what the headers of the input say.
func readHeaders(ctx context.Context, t ffmpeg, address string) (p ffprobeOutput, err error) {
	var out bytes.Buffer
	args := append([]string{"-v", "error", "-of", "json", "-show_streams", "-show_format"}, inputArgs(address)...)
	if err := (process{path: t.ffprobe, args: args, stdout: &out}).run(ctx); err != nil {
		if ctx.Err() != nil {
			return p, err
		}
		return p, fault.New(fault.Media, "ffmpeg cannot read it either: %w", err)
	}
	if err := json.Unmarshal(out.Bytes(), &p); err != nil {
		return p, fault.New(fault.Internal, "ffprobe does not answer in JSON: %w", err)
	}
	return p, nil
}

// probe asks ffprobe what the input holds, and reads how far its streams reach.
func probe(ctx context.Context, t ffmpeg, address string) (inputInfo, error) {
	p, err := readHeaders(ctx, t, address)
	if err != nil {
		return inputInfo{}, err
	}
	spans, err := scanPackets(ctx, t, address, p.Streams)
	if err != nil {
		return inputInfo{}, err
	}
	in, err := p.input(spans)
	if err != nil {
		return in, err
	}
	if in.video != nil {
		if err := in.video.lookAtFirst(ctx, t, address); err != nil {
			return in, err
		}
		if err := in.video.lookAtSizes(ctx, t, address); err != nil {
			return in, err
		}
	}
	for i := range in.audio {
		if err := in.audio[i].measureClock(ctx, t, address, spans[in.audio[i].index]); err != nil {
			return in, err
		}
	}
	return in, nil
}

// input returns what to encode: the first video and every audio stream.
func (p *ffprobeOutput) input(spans []span) (inputInfo, error) {
	in := inputInfo{seekable: seekable(p.Format.Name)}
	in.begin, _ = strconv.ParseFloat(p.Format.Start, 64)
	if in.seekable {
		in.promised = p.promised()
	}
	for i := range p.Streams {
		in.end = max(in.end, spans[i].end)
		x := &p.Streams[i]
		switch {
		case x.Type == "video" && x.Disposition["attached_pic"] == 0 && in.video == nil && spans[i].packets > 0:
			in.video = x.videoInfo(spans[i])
		case x.Type == "audio" && x.Channels > 0 && spans[i].packets > 0:
			a := audioInfo{index: x.Index, id: x.id(), channels: x.Channels, language: x.Tags["language"], clock: 1}
			a.start, a.seconds, a.gaps = spans[i].start, spans[i].length(0), spans[i].gaps
			in.audio = append(in.audio, a)
		default:
			in.others = append(in.others, otherStream{x.id(), kindOf(x), x.Codec})
		}
	}
	switch v := in.video; {
	case v == nil && len(in.audio) == 0:
		return in, errNothingToEncode()
	case v == nil && in.audio[0].seconds > 0:
	case v == nil || v.seconds <= 0 || v.width <= 0 || v.height <= 0:
		return in, fault.New(fault.Media, "ffmpeg finds no picture in its video, or no sound in its audio: the file is damaged; get it again")
	case v.width*v.height > maxPixels:
		return in, fault.New(fault.Media, "its picture is %dx%d, and no coding has a level for more than %d pixels: make it smaller with ffmpeg -i IN -vf scale=3840:-2 OUT.mp4",
			v.width, v.height, maxPixels)
	}
	return in, checkLength(in)
}

// promised returns how long the container says its streams are, in seconds. What an
// edit list hides does not count there, unlike in the header of some files.
func (p *ffprobeOutput) promised() float64 {
	whole, _ := strconv.ParseFloat(p.Format.Duration, 64)
	longest := 0.0
	for i := range p.Streams {
		x := &p.Streams[i]
		start, _ := strconv.ParseFloat(x.Start, 64)
		duration, err := strconv.ParseFloat(x.Duration, 64)
		if err != nil {
			return whole
		}
		longest = max(longest, start+duration)
	}
	begin, _ := strconv.ParseFloat(p.Format.Start, 64)
	return min(whole, longest-begin)
}

// maxPixels is the size of the largest picture that the codings have a level
// for: H.264 level 6.2 (table A-1) and HEVC level 6.2 (table A.8), 8192×4352.
const maxPixels = 139_264 * 256

// The bounds of a lap are those of package loop: a few damaged bytes must not ask
// for a year of pictures.
const (
	maxSeconds     = 72 * 3600
	sparseSeconds  = 3600
	pictureSeconds = 60
)

// length returns how long a lap of the input is, in seconds.
func (in *inputInfo) length() float64 {
	if in.video == nil {
		return in.audio[0].seconds
	}
	return in.video.seconds
}

func checkLength(in inputInfo) error {
	length := in.length()
	if length > maxSeconds || in.video != nil && length > max(sparseSeconds, float64(in.video.packets)*pictureSeconds) {
		return fault.New(fault.Media, "it lasts %.0f hours, which is more than can be encoded of it: if its times are wrong, write it again with the right ones: ffmpeg -r 25 -i IN OUT.mp4", length/3600)
	}
	return nil
}

// seekable reports whether ffmpeg's demuxer of that name finds the pictures of any
// time through an index.
func seekable(format string) bool {
	return strings.HasPrefix(format, "mov,") || strings.HasPrefix(format, "matroska,")
}

func kindOf(x *ffprobeStream) string {
	switch {
	case x.Type == "video" && x.Disposition["attached_pic"] != 0:
		return "cover art"
	case x.Tag == "tmcd":
		return "timecode"
	case x.Type == "data" && x.Tag == "text":
		return "chapters"
	case x.Type == "subtitle":
		return "subtitles"
	}
	return cmp.Or(x.Type, "data")
}

// id returns the number of the track in its file or, where files have none, of
// the stream from 1.
func (x *ffprobeStream) id() uint32 {
	id, err := strconv.ParseUint(x.ID, 0, 32)
	if err != nil || id == 0 { // Cover art of an MP4 is no track.
		return uint32(x.Index) + 1
	}
	return uint32(id)
}

func (x *ffprobeStream) videoInfo(s span) *videoInfo {
	v := &videoInfo{index: x.Index, id: x.id(), width: x.Width, height: x.Height, packets: s.packets, format: x.Format}
	v.color = colorInfo{x.Range, x.Matrix, x.Primaries, x.Transfer}
	v.aspect, v.rate, v.base = parseRatio(x.Aspect, ":"), parseRatio(x.Rate, "/"), parseRatio(x.BaseRate, "/")
	if v.aspect.num == 0 {
		v.aspect = ratio{1, 1}
	}
	if v.rate.num == 0 || v.base.num != 0 && near(v.base.float(), v.rate.float(), 0.001) {
		v.rate = v.base
	}
	for _, d := range x.SideData {
		v.dolbyVision = max(v.dolbyVision, d.DolbyVision)
		v.turned = v.turned || d.Rotation != 0 || flipped(d.Matrix)
		if quarter := d.Rotation % 180; quarter == 90 || quarter == -90 {
			v.width, v.height = v.height, v.width
			v.aspect = ratio{v.aspect.den, v.aspect.num}
		}
	}
	last := 0.0
	if v.rate.num > 0 {
		last = 1 / v.rate.float()
	}
	v.start, v.seconds = s.start, s.length(last)
	v.times, v.early, v.intra = slices.Sorted(slices.Values(s.times)), s.early, s.keys == s.packets
	v.interlaced = slices.Contains([]string{"tt", "bb", "tb", "bt"}, x.FieldOrder)
	v.bottomFirst = x.FieldOrder == "bb" || x.FieldOrder == "tb"
	return v
}

// flipped reports whether a display matrix as ffprobe prints it mirrors the picture.
func flipped(matrix string) bool {
	var m []int
	for line := range strings.Lines(matrix) {
		_, row, _ := strings.Cut(line, ":")
		for word := range strings.FieldsSeq(row) {
			n, _ := strconv.Atoi(word)
			m = append(m, n)
		}
	}
	return len(m) == 9 && m[0]/2*(m[4]/2)-m[1]/2*(m[3]/2) < 0
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
