package medialive

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lilo-live/lilo/internal/channel"
	"github.com/lilo-live/lilo/internal/fault"
	"github.com/lilo-live/lilo/internal/m2ts"
	"github.com/lilo-live/lilo/internal/packet"
)

var update = flag.Bool("update", false, "write what the tests found to testdata")

// plain is a spec that says what it must.
func plain() channel.Spec {
	s := channel.Default()
	s.Source, s.Name = "s3://films/news.mp4", "News"
	s.To = []channel.Destination{to("rtp://192.0.2.1:5000")}
	return s
}

func to(text string) channel.Destination {
	d, err := channel.ParseDestination(text)
	if err != nil {
		panic(err)
	}
	return d
}

// TestDefaultChannelIsTheOriginals holds the channel of a plain spec against the
// table of the original sample, field by field.
func TestDefaultChannelIsTheOriginals(t *testing.T) {
	c, err := ChannelRequest(plain(), "1234567", "arn:aws:iam::123456789012:role/R")
	if err != nil {
		t.Fatal(err)
	}
	document := tree(t, c)
	const (
		input = "inputAttachments/0/inputSettings/"
		group = "encoderSettings/outputGroups/0/"
		video = "encoderSettings/videoDescriptions/0/"
		h264  = video + "codecSettings/h264Settings/"
		audio = "encoderSettings/audioDescriptions/0/"
		aac   = audio + "codecSettings/aacSettings/"
	)
	for _, f := range []struct {
		path string
		want any
	}{
		{"channelClass", "SINGLE_PIPELINE"},
		{"inputSpecification/codec", "AVC"},
		{"inputSpecification/maximumBitrate", "MAX_10_MBPS"},
		{"inputSpecification/resolution", "HD"},
		{input + "inputFilter", "AUTO"},
		{input + "filterStrength", 1.0},
		{input + "deblockFilter", "DISABLED"},
		{input + "denoiseFilter", "DISABLED"},
		{input + "sourceEndBehavior", "LOOP"},
		{"destinations/0/id", "app-rtp-output"},
		{"destinations/0/settings/0/url", "rtp://192.0.2.1:5000"},
		{group + "name", "RtpStream"},
		{group + "outputs/0/outputName", "video_1080p"},
		{group + "outputs/0/outputSettings/udpOutputSettings/destination/destinationRefId", "app-rtp-output"},
		{group + "outputs/0/outputSettings/udpOutputSettings/containerSettings/m2tsSettings/rateMode", "CBR"},
		{video + "width", 1920.0},
		{video + "height", 1080.0},
		{video + "sharpness", 50.0},
		{video + "scalingBehavior", "DEFAULT"},
		{video + "respondToAfd", "NONE"},
		{h264 + "framerateControl", "SPECIFIED"},
		{h264 + "framerateNumerator", 25.0},
		{h264 + "framerateDenominator", 1.0},
		{h264 + "scanType", "PROGRESSIVE"},
		{h264 + "rateControlMode", "CBR"},
		{h264 + "bitrate", 10_000_000.0},
		{h264 + "profile", "MAIN"},
		{h264 + "level", "H264_LEVEL_AUTO"},
		{h264 + "entropyEncoding", "CAVLC"},
		{h264 + "gopSize", 50.0},
		{h264 + "gopSizeUnits", "FRAMES"},
		{h264 + "gopClosedCadence", 1.0},
		{h264 + "gopNumBFrames", 2.0},
		{h264 + "gopBReference", "DISABLED"},
		{h264 + "numRefFrames", 1.0},
		{h264 + "subgopLength", "FIXED"},
		{h264 + "adaptiveQuantization", "MEDIUM"},
		{h264 + "flickerAq", "ENABLED"},
		{h264 + "spatialAq", "ENABLED"},
		{h264 + "temporalAq", "ENABLED"},
		{h264 + "sceneChangeDetect", "ENABLED"},
		{h264 + "lookAheadRateControl", "MEDIUM"},
		{h264 + "colorMetadata", "INSERT"},
		{h264 + "afdSignaling", "NONE"},
		{h264 + "timecodeInsertion", "DISABLED"},
		{h264 + "parControl", "SPECIFIED"},
		{h264 + "parNumerator", 1.0},
		{h264 + "parDenominator", 1.0},
		{aac + "profile", "LC"},
		{aac + "spec", "MPEG4"},
		{aac + "bitrate", 96_000.0},
		{aac + "rateControlMode", "CBR"},
		{aac + "sampleRate", 48_000.0},
		{aac + "codingMode", "CODING_MODE_2_0"},
		{aac + "inputType", "NORMAL"},
		{aac + "rawFormat", "NONE"},
		{audio + "streamName", "Francais"},
		{audio + "languageCode", "fr"},
		{audio + "languageCodeControl", "USE_CONFIGURED"},
		{audio + "audioTypeControl", "FOLLOW_INPUT"},
		{"encoderSettings/timecodeConfig/source", "SYSTEMCLOCK"},
		{"tags/StackName", "Dev"},
		// What the sample got wrong: its log told everything, its audio selector
		// was defined nowhere, and its name was the same in every deployment.
		{"logLevel", "WARNING"},
		{audio + "audioSelectorName", "audio"},
		{input + "audioSelectors/0/name", "audio"},
		{"name", "LILO-Client-Dev-eu-west-1-News"},
	} {
		if got := follow(document, f.path); got != f.want {
			t.Errorf("%s is %v, want %v", f.path, got, f.want)
		}
	}
}

// tree returns the wire form of a value, parsed.
func tree(t *testing.T, v any) any {
	t.Helper()
	text, err := Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var parsed any
	if err := json.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// follow returns what stands at a path, nil for nothing.
func follow(v any, path string) any {
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		switch node := v.(type) {
		case map[string]any:
			v = node[step]
		case []any:
			n := int(step[0] - '0')
			if len(step) != 1 || n < 0 || n >= len(node) {
				return nil
			}
			v = node[n]
		default:
			return nil
		}
	}
	return v
}

// TestDocuments holds whole documents against golden files.
func TestDocuments(t *testing.T) {
	standard := plain()
	standard.AWS.Standard = true
	standard.FEC = &channel.FEC{IncludeFec: channel.FECColumnAndRow, ColumnDepth: 10, RowLength: 8}
	standard.To = []channel.Destination{
		to("rtp://192.0.2.1:5000"), to("rtp://192.0.2.2:5000"), to("rtp://239.1.1.1:6000"), to("rtp://239.1.1.2:6000"),
	}
	everything := plain()
	everything.MuxRate, everything.To = 12_000_000, []channel.Destination{to("udp://192.0.2.1:5000?ttl=3")}
	everything.M2TS = m2ts.Layout{ProgramNum: 7, TransportStreamID: 9, PMTPID: 256, VideoPID: 257, PCRPID: 259, AudioPIDs: []packet.PID{258, 300}, PCRPeriod: 20e6, PATInterval: 50e6, PMTInterval: 60e6, SDTInterval: 1e9, AudioFramesPerPES: 4, ServiceProvider: "Acme"}
	here := plain()
	here.Source, here.Encode = "/films/a b.mp4", nil
	for name, s := range map[string]channel.Spec{
		"default": plain(), "standard": standard, "everything": everything,
		"hevc":  encoded(t, "hevc,width=1280,height=720,framerate=50,maxBitrate=4M,level=4.1,audio.codec=AC3,audio.codingMode=5_1,audio.bitrate=384k"),
		"mpeg2": encoded(t, "mpeg2,framerate=30000/1001,audio.bitrate=192k,audio.languageCode=eng"),
		"avc":   encoded(t, "avc"),
		"vbr":   encoded(t, "avc,bitrate=3M,maxBitrate=5M,scanType=INTERLACED,gopSize=25"),
		"here":  here,
	} {
		t.Run(name, func(t *testing.T) {
			if name == "here" {
				in, err := LocalInputRequest(s)
				c, err2 := LocalChannelRequest(s, "1234567")
				goldenDocument(t, name, in, c, err, err2)
				return
			}
			in, err := InputRequest(s)
			c, err2 := ChannelRequest(s, "1234567", "arn:aws:iam::123456789012:role/R")
			goldenDocument(t, name, in, c, err, err2)
		})
	}
}

func encoded(t *testing.T, how string) channel.Spec {
	t.Helper()
	s := plain()
	if err := s.Set("encode", how); err != nil {
		t.Fatal(err)
	}
	return s
}

// goldenDocument holds an input and a channel against testdata.
func goldenDocument(t *testing.T, name string, in, c any, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	for _, v := range []any{in, c} {
		text, err := Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Indent(&b, text, "", "  "); err != nil {
			t.Fatal(err)
		}
		b.WriteByte('\n')
	}
	golden(t, name+".json", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s", file, got)
	}
}

// TestWhatOnlyAWSCannotTake writes documents for lilo serve that LILO encodes, and
// MediaLive does not.
func TestWhatOnlyAWSCannotTake(t *testing.T) {
	for _, how := range []string{"mpeg2,framerate=25,width=1920,height=1080", "avc,width=7680,height=4320", "audio.bitrate=48k"} {
		s := encoded(t, how)
		if _, err := ChannelRequest(s, "1", ""); err == nil {
			t.Errorf("%s: AWS takes it", how)
		}
		if _, err := LocalChannelRequest(s, "1"); err != nil {
			t.Errorf("%s: %v", how, err)
		}
	}
}

// TestSurroundGetsARateOfItsOwn: MediaLive's default is below what it takes for 5.1.
func TestSurroundGetsARateOfItsOwn(t *testing.T) {
	c, err := ChannelRequest(encoded(t, "avc,audio.codingMode=5_1"), "1", "")
	if err != nil || *c.EncoderSettings.AudioDescriptions[0].CodecSettings.AacSettings.Bitrate != 384_000 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestWhatMediaLiveCannotTake(t *testing.T) {
	cases := []struct {
		want   string
		change func(*channel.Spec)
	}{
		{"source: it is missing: MediaLive has no bundled clip; give s3://bucket/key.mp4 or an https:// URL", func(s *channel.Spec) { s.Source = "" }},
		{`source: "news.mp4" is on this machine, where MediaLive cannot read it: upload it and give s3://bucket/key.mp4`, func(s *channel.Spec) { s.Source = "news.mp4" }},
		{`source: "http://h.example/a.mp4" is not encrypted: write https://h.example/a.mp4`, func(s *channel.Spec) { s.Source = "http://h.example/a.mp4" }},
		{`source: MediaLive cannot read "ftp://h/a.mp4": give s3://bucket/key.mp4 or an https:// URL`, func(s *channel.Spec) { s.Source = "ftp://h/a.mp4" }},
		{`source: "s3://films" names no object: write s3://bucket/key.mp4`, func(s *channel.Spec) { s.Source = "s3://films" }},
		{"source: the bucket my.films has a dot in its name, which MediaLive does not take: copy the file into one without", func(s *channel.Spec) { s.Source = "s3ssl://my.films/a.mp4" }},
		{"to: a destination is missing: give rtp://ip:port", func(s *channel.Spec) { s.To = nil }},
		{"to: with two pipelines destinations come in pairs, and 1 are given: the last has no partner", func(s *channel.Spec) { s.AWS.Standard = true }},
		{"to: rtp://192.0.2.1:5000 and udp://192.0.2.2:5000 are a pair of two pipelines: give both the same scheme", func(s *channel.Spec) {
			s.AWS.Standard, s.To = true, append(s.To, to("udp://192.0.2.2:5000"))
		}},
		{"to: srt://192.0.2.2:5000: a MediaLive channel of LILO's cannot send there", func(s *channel.Spec) {
			s.To = []channel.Destination{{Scheme: "srt", Host: "192.0.2.2", Port: 5000}}
		}},
		{"to: udp://192.0.2.2:5000: FEC protects RTP only: write rtp://, or leave out fec", func(s *channel.Spec) {
			s.To, s.FEC = []channel.Destination{to("udp://192.0.2.2:5000")}, &channel.FEC{IncludeFec: channel.FECColumn, ColumnDepth: 5, RowLength: 5}
		}},
		{"to: rtp://192.0.2.1:5000 and rtp://192.0.2.1:5002 both send to port 5002, FEC (two and four above) and RTCP (one above) included: give one of them another", func(s *channel.Spec) {
			s.To, s.FEC = append(s.To, to("rtp://192.0.2.1:5002")), &channel.FEC{IncludeFec: channel.FECColumn, ColumnDepth: 5, RowLength: 5}
		}},
		{"encode: MediaLive encodes HEVC at a frame rate that is given: add framerate=25", func(s *channel.Spec) { _ = s.Set("encode", "hevc") }},
		{"encode: MediaLive encodes HEVC with rateControlMode CBR or QVBR, not VBR", func(s *channel.Spec) {
			_ = s.Set("encode", "hevc,framerate=25,bitrate=3M,maxBitrate=4M")
		}},
		{"encode: MediaLive chooses the bit rate of MPEG-2 itself: leave out rateControlMode, bitrate and maxBitrate", func(s *channel.Spec) {
			_ = s.Set("encode", "mpeg2,framerate=25,bitrate=3M")
		}},
		{"encode: MediaLive takes width and height together, or neither", func(s *channel.Spec) { _ = s.Set("encode", "avc,height=360") }},
		{"MediaLive does not take the channel: /encoderSettings/videoDescriptions/0/codecSettings/h265Settings/gopNumBFrames: 7: it must be from 0 to 3", func(s *channel.Spec) {
			_ = s.Set("encode", "hevc,framerate=25,gopNumBFrames=7")
		}},
		{"encode: MediaLive has no numRefFrames for HEVC: leave it out", func(s *channel.Spec) { _ = s.Set("encode", "hevc,framerate=25,numRefFrames=4") }},
		{"encode: height 1080: MediaLive encodes MPEG-2 in SD alone, below 720 lines: give width=720,height=576, or encode to avc", func(s *channel.Spec) {
			_ = s.Set("encode", "mpeg2,framerate=25,width=1920,height=1080")
		}},
		{"encode: height 4320: MediaLive encodes 2160 lines at most: give width=3840,height=2160", func(s *channel.Spec) { _ = s.Set("encode", "avc,width=7680,height=4320") }},
		{"encode: audio.bitrate 48k: MediaLive encodes AAC-LC with CODING_MODE_2_0 and 48000 Hz at 64k to 576k", func(s *channel.Spec) { _ = s.Set("encode", "audio.bitrate=48k") }},
		{"encode: audio.bitrate 64k: MediaLive encodes AAC-LC with CODING_MODE_2_0 and 44100 Hz at 96k to 512k", func(s *channel.Spec) {
			_ = s.Set("encode", "audio.bitrate=64k,audio.sampleRate=44100")
		}},
		{"encode: audio.bitrate 192k: MediaLive encodes AAC-LC with CODING_MODE_5_1 and 48000 Hz at 256k to 768k", func(s *channel.Spec) {
			_ = s.Set("encode", "audio.bitrate=192k,audio.codingMode=5_1")
		}},
		{"encode: audio.bitrate 320k: MediaLive encodes AAC-LC with CODING_MODE_1_0 and 48000 Hz at 56k to 288k", func(s *channel.Spec) {
			_ = s.Set("encode", "audio.bitrate=320k,audio.codingMode=1_0")
		}},
		{"encode: audio.sampleRate 44100: MediaLive encodes AC-3 at 48000 only", func(s *channel.Spec) {
			_ = s.Set("encode", "audio.codec=AC3,audio.sampleRate=44100")
		}},
	}
	for _, c := range cases {
		s := plain()
		c.change(&s)
		_, err := InputRequest(s)
		if err == nil {
			_, err = ChannelRequest(s, "1", "")
		}
		if err == nil || err.Error() != c.want || fault.KindOf(err) != fault.Usage {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}
